/** Arrow keys move the focus among the items of a list, which is one stop of the Tab key. */

import { type KeyboardEvent, useCallback } from "react";

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

export function useArrows(): { onKeyDown: (event: KeyboardEvent<HTMLElement>) => void } {
  const onKeyDown = useCallback((event: KeyboardEvent<HTMLElement>) => {
    const step = STEPS[event.key];
    const items = [...event.currentTarget.children];
    const at = items.findIndex((item) => item === document.activeElement);
    const next = step === undefined || at < 0 ? undefined : items[at + step];
    if (!(next instanceof HTMLElement)) return;
    event.preventDefault();
    next.focus();
  }, []);
  return { onKeyDown };
}
