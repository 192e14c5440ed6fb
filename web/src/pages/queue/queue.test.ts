import { expect, test } from "vitest";
import { filtersOf, joined, split, told } from "./queue";

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
