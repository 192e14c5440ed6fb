/** Keys that work on every page. */

import { useEffect } from "react";
import { isAfter, isDialogOpen, isTyping } from "../ui/secondKey";

/** Call what belongs to a key, or to two keys one after the other ("g q"). */
export function useKeys(acts: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      if (isDialogOpen()) return;
      const act = acts[isAfter("g") ? `g ${event.key}` : event.key];
      if (!act) return;
      event.preventDefault();
      act();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [acts]);
}
