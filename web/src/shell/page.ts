/**
 * A page whose code is fetched when it is first asked for. Where that fails, since the connection is lost or the program
 * was updated, the frame and what is in memory stay: nothing is loaded anew behind a person's back, and the next try
 * asks again.
 */

import { type ComponentType, createElement, type ReactNode, use } from "react";

/** The code of a part of the app could not be fetched. */
export class NotFetchedError extends Error {
  constructor() {
    super(
      "The code of this page could not be fetched: the connection is lost, or the program was updated. Try again. If it does " +
        "not help, load the app anew; what is typed and not saved is lost by that.",
    );
  }
}

export type Paged = ((given: object) => ReactNode) & { preload: () => Promise<void> };

// Pages whose code could not be fetched: what failed stays failed until somebody tries again.
const failures = new Set<() => void>();

/** Forget what could not be fetched, so that the next attempt asks again. */
export function forgetFailures(): void {
  for (const forget of failures) forget();
  failures.clear();
}

export function page<N extends string>(load: () => Promise<Record<N, ComponentType>>, name: N): Paged {
  let found: ComponentType | null = null;
  let begun: Promise<void> | null = null;
  const forget = (): void => {
    begun = null;
  };
  const fetchNow = (): Promise<void> => {
    begun ??= load().then(
      (module) => void (found = module[name]),
      () => {
        failures.add(forget);
        throw new NotFetchedError();
      },
    );
    return begun;
  };
  const Page = (): ReactNode => {
    if (found === null) use(fetchNow());
    return found === null ? null : createElement(found);
  };
  return Object.assign(Page, {
    preload: async () => {
      if (failures.delete(forget)) forget();
      await fetchNow().catch(() => undefined);
    },
  });
}
