/** States in the words of people who bill. */

import { words } from "./format";

export type Meant = "claim" | "finding" | "item" | "denial" | "payment" | "figure";

// What the store calls a claim's place, in the words of people who bill.
const CLAIMS: Readonly<Record<string, string>> = { staged: "To be checked", production: "Passed checks", review: "In review", dead: "Not processed" };

/** A state as pages call it. */
export function stateWords(of: Meant, name: string | null | undefined): string {
  return (of === "claim" ? CLAIMS[name ?? ""] : undefined) ?? words(name);
}
