import { expect, test } from "vitest";
import { rowsOfClaims, toggled } from "./secondPayers";

const ROWS = [
  { answer_id: 1, claim_key: 7, amount_cents: 1_000 }, { answer_id: 2, claim_key: 8, amount_cents: 50 },
  { answer_id: 3, claim_key: 7, amount_cents: 250 },
];

test("a claim is selected with all of its answers", () => {
  const found = rowsOfClaims(ROWS, toggled(new Set(), 7));
  expect([[...found.answers], found.claims, found.cents]).toEqual([[1, 3], [7], 1_250]);
});
test("a claim that is no longer there is not released", () => {
  expect(rowsOfClaims(ROWS, new Set([9])).claims).toEqual([]);
});
test("selecting twice is not selecting", () => expect(toggled(new Set([7]), 7).size).toBe(0));
