import { expect, test } from "vitest";
import { filtersOf, type Item, joined, nameOf, refusals, split, told, waitsFor } from "./queue";
import { newest } from "./useChosen";

test("filters with several values become lists", () =>
  expect(filtersOf({ kind: "denial,rejection", assignee: "me", at: 7, sort: "due" }, { facility: undefined, days: null })).toEqual({
    kind: ["denial", "rejection"], assignee: "me",
  }));

test("the scope of the top bar limits the list, and days of the list's own go before it", () => {
  const scope = { facility: "HILLCREST", days: { from: "2026-01-01", to: "2026-01-31" } };
  expect(filtersOf({}, scope)).toEqual({ facility: ["HILLCREST"], opened_from: "2026-01-01", opened_to: "2026-01-31" });
  expect(filtersOf({ opened_from: "2026-01-15" }, scope)).toMatchObject({ opened_from: "2026-01-15", opened_to: "2026-01-31" });
});

test("values of the address go there and back", () => expect(split(joined(["a", "b"]))).toEqual(["a", "b"]));
test("no value leaves the address", () => expect(joined([])).toBeUndefined());

test("an answer says what was done, what waits and what was refused", () =>
  expect(told({ act: "release", done: [1, 2], proposed: [3], refused: [] })).toBe(
    "2 done, 1 wait for another person's approval",
  ));

test("refusals are told by reason, the most frequent first", () =>
  expect(refusals({ refused: [{ item_id: 1, code: "a", why: "closed" }, { item_id: 2, code: "b", why: "changed" }, { item_id: 3, code: "b", why: "changed" }] })).toEqual([
    { why: "changed", ids: [2, 3] }, { why: "closed", ids: [1] },
  ]));

test("of a selected item the newest version that is listed counts", () => {
  const chosen = new Map([[1, { item_id: 1, version: 1 } as Item], [2, { item_id: 2, version: 1 } as Item]]);
  expect(newest(chosen, [{ item_id: 2, version: 4 } as Item, { item_id: 3, version: 1 } as Item]).map((item) => [item.item_id, item.version])).toEqual([[1, 1], [2, 4]]);
});

test("an item is called by its claim", () =>
  expect([nameOf({ claim_key: 7, kind: "denial" }), nameOf({ claim_key: null, kind: "unmatched_answer" }), nameOf(undefined)]).toEqual(["Claim 7", "Unmatched remittance", "One item"]));

test("what was proposed is decided before anything else is done, but for who has it and when", () => {
  const acts = ["resolve", "release", "approve", "reject", "assign", "snooze", "start"] as const;
  expect(acts.filter((act) => waitsFor({ state: "awaiting_approval" }, act))).toEqual(["resolve", "release"]);
  expect(acts.filter((act) => waitsFor({ state: "new" }, act))).toEqual([]);
});
