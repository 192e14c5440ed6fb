/** Rows of the list of secondary claims are answers of first payers; a claim is released with all of its own. */

import { sumCents } from "../../ui/format";

type Row = { answer_id: number; claim_key: number; amount_cents: number };

/** All rows of these claims: their answers, the claims that are there, and what they come to. */
export function rowsOfClaims(rows: readonly Row[], selected: ReadonlySet<number>) {
  const chosen = rows.filter((row) => selected.has(row.claim_key));
  return {
    answers: new Set(chosen.map((row) => row.answer_id)),
    claims: [...new Set(chosen.map((row) => row.claim_key))],
    cents: sumCents(chosen.map((row) => row.amount_cents)),
  };
}

/** The selection with a claim that it had not, or without one that it had. */
export function toggled(selected: ReadonlySet<number>, claimKey: number): Set<number> {
  const next = new Set(selected);
  if (!next.delete(claimKey)) next.add(claimKey);
  return next;
}
