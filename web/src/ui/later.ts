/**
 * Parts of a page that are drawn only after an act of a person: their code is not in the first load. It is fetched as
 * soon as the browser is idle, so that a lost connection does not find it missing.
 */

import { type ComponentType, lazy, type LazyExoticComponent } from "react";

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
  if (typeof window !== "undefined") {
    const fetchNow = (): void => void once().catch(() => undefined);
    const whenIdle = (): void => void ("requestIdleCallback" in window ? window.requestIdleCallback(fetchNow, { timeout: 10_000 }) : setTimeout(fetchNow, 3_000));
    if (document.readyState === "complete") whenIdle();
    else window.addEventListener("load", whenIdle, { once: true });
  }
  return lazy(once);
}
