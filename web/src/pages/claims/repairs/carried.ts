/** Values that a person typed and takes along to a newer version of the claim: in memory, until it is opened there. */

import type { Edit } from "./repairs";

type Carried = { edits: readonly Edit[]; removed: readonly number[] };

const NOTHING: Carried = { edits: [], removed: [] };
let carried: (Carried & { claimKey: number }) | null = null;

export function carry(claimKey: number, what: Carried): void {
  carried = { claimKey, ...what };
}

/** What was taken along to a claim; it is there once. */
export function carriedTo(claimKey: number): Carried {
  const found = carried?.claimKey === claimKey ? carried : NOTHING;
  if (found !== NOTHING) window.setTimeout(() => (carried = null), 0);
  return found;
}

export function forgetCarried(): void {
  carried = null;
}
