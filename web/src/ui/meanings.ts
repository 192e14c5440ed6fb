/** What states and figures mean: `docs/states.md` says it once, for help and for the pages. */

import { MEANINGS } from "virtual:meanings";

export type Meant = "claim" | "finding" | "item" | "denial" | "payment" | "figure";

/** The sentence of a state ("claim", "production") and its anchor in help; undefined where none is written. */
export function meaningOf(of: Meant, name: string): { sentence: string; anchor: string } | undefined {
  return MEANINGS[`${of}: ${name.replaceAll("_", " ").toLowerCase()}`];
}
