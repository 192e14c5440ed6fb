/** What states and figures mean: `docs/states.md` says it once, for help and for the pages. */

import { MEANINGS } from "virtual:meanings";
import { type Meant, stateWords } from "./stateWords";

export type { Meant };

/** The sentence of a state ("claim", "production") and its anchor in help; undefined where none is written. */
export function meaningOf(of: Meant, name: string): { sentence: string; anchor: string } | undefined {
  return MEANINGS[`${of}: ${stateWords(of, name).replaceAll("_", " ").toLowerCase()}`];
}
