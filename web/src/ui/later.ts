/**
 * Parts of a page that are drawn only after an act of a person: their code is not in the first load. It is fetched as
 * soon as a person touches the page, or after a while, so that a lost connection does not find it missing.
 */

import { type ComponentType, lazy, type LazyExoticComponent } from "react";

const AFTER_MS = 15_000;
const TOUCHES = ["pointerdown", "pointermove", "keydown"] as const;
const waiting: (() => void)[] = [];
let hasBegun = false;

/** Fetch what is waiting once the page is touched; to be called once, by the app. */
export function fetchLaterParts(): void {
  const begin = (): void => {
    window.clearTimeout(timer);
    for (const touch of TOUCHES) window.removeEventListener(touch, begin, true);
    hasBegun = true;
    for (const fetchNow of waiting.splice(0)) fetchNow();
  };
  const timer = window.setTimeout(begin, AFTER_MS);
  for (const touch of TOUCHES) window.addEventListener(touch, begin, { capture: true, passive: true });
}

export function later<P extends object>(load: () => Promise<ComponentType<P>>): LazyExoticComponent<ComponentType<P>> {
  let begun: Promise<{ default: ComponentType<P> }> | null = null;
  const once = (): Promise<{ default: ComponentType<P> }> => {
    begun ??= load().then(
      (found) => ({ default: found }),
      (problem: unknown) => {
        // Tried again the next time it is wanted.
        begun = null;
        throw problem;
      },
    );
    return begun;
  };
  const fetchNow = (): void => void once().catch(() => undefined);
  // Parts of a page that is opened after the first touch do not wait.
  if (hasBegun) fetchNow();
  else waiting.push(fetchNow);
  return lazy(once);
}
