/** After a dialog is gone: the focus goes back to what opened it, or to the page where that is gone too. */
export function giveBackFocus(opener: Element | null): void {
  window.setTimeout(() => {
    if (document.activeElement && document.activeElement !== document.body) return;
    const back = opener instanceof HTMLElement && opener.isConnected && opener !== document.body ? opener : document.getElementById("content");
    // The cursor of a list may have moved on to the next row: the keys are for that one.
    const target = back?.closest(".grid-row")?.closest(".grid")?.querySelector<HTMLElement>('.grid-row[tabindex="0"]') ?? back;
    target?.focus({ preventScroll: true });
  });
}

/** What had the focus is about to go: the row under the cursor has it, or the page. */
export function focusPage(): void {
  const target = document.querySelector<HTMLElement>('.grid-row[tabindex="0"]') ?? document.getElementById("content");
  target?.focus({ preventScroll: true });
}

/** From now on: a button that is disabled while it works has the focus again afterwards, unless a person moved on. */
export function keepFocusOfBusy(): void {
  let last: EventTarget | null = null;
  document.addEventListener("focusin", (event) => {
    last = event.target;
  });
  new MutationObserver((changes) => {
    if (document.activeElement !== document.body) return;
    const button = changes.map((change) => change.target).find((each) => each === last);
    if (button instanceof HTMLButtonElement && !button.disabled) button.focus({ preventScroll: true });
  }).observe(document.body, { subtree: true, attributeFilter: ["disabled"] });
}
