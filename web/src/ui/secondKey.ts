/** Two keys one after the other ("g d"): the second is nothing of its own, wherever the focus is. */

// Long enough for somebody who looks for the second key.
const WITHIN_MS = 2_000;
/** A key as it was pressed; null is one that was typed into a field, or into a dialog. */
type Pressed = { key: string | null; at: number };

let before: Pressed = { key: null, at: 0 };
let now: Pressed = { key: null, at: 0 };

/** Keep a key that was pressed. Once for each, before anything acts on it. */
export function keepKey(key: string | null, at: number): void {
  before = now;
  now = { key, at };
}

/** Whether the key that was kept last is the second after this one. */
export function isAfter(first: string): boolean {
  return before.key === first && now.at - before.at < WITHIN_MS;
}

/** Whether keys belong to a field that somebody types in. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input:not([type=checkbox]),textarea,select,[contenteditable]") !== null;
}

/** Whether a dialog is open: its keys are not those of the page. */
export function isDialogOpen(): boolean {
  return document.querySelector('[role="dialog"]') !== null;
}

if (typeof window !== "undefined")
  window.addEventListener(
    "keydown",
    (event) => {
      // A modifier is on its way to another key.
      if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
      const isOfPage = !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target) && !isDialogOpen();
      // When it was pressed: a busy page hears of it later.
      keepKey(isOfPage ? event.key : null, event.timeStamp);
    },
    { capture: true },
  );
