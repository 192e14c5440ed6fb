/** Keys that work on every page. */

import { useEffect } from "react";

/** Whether keys belong to a field that somebody types in. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input:not([type=checkbox]),textarea,select,[contenteditable]") !== null;
}

/** Call what belongs to a key, or to two keys one after the other ("g q"). */
export function useKeys(acts: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    let before = "";
    let at = 0;
    function onKey(event: KeyboardEvent): void {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]')) return;
      // After "g", a key is the second of two and nothing of its own.
      const both = before === "g" && Date.now() - at < 1_000 ? `g ${event.key}` : "";
      before = event.key;
      at = Date.now();
      const act = acts[both || event.key];
      if (!act) return;
      event.preventDefault();
      before = "";
      act();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [acts]);
}
