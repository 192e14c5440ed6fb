/** Values that a person typed and takes along to a newer version of the claim: in memory, until it is opened there. */

import type { Edit } from "./repairs";

let carried: { claimKey: number; edits: readonly Edit[] } | null = null;

export function carry(claimKey: number, edits: readonly Edit[]): void {
  carried = { claimKey, edits };
}

/** What was taken along to a claim; it is there once. */
export function carriedTo(claimKey: number): readonly Edit[] {
  const edits = carried?.claimKey === claimKey ? carried.edits : [];
  if (edits.length > 0) window.setTimeout(() => (carried = null), 0);
  return edits;
}

export function forgetCarried(): void {
  carried = null;
}
