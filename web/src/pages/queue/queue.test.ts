import { expect, test } from "vitest";
import { filtersOf, joined, split, told } from "./queue";

test("filters with several values become lists", () =>
  expect(filtersOf({ kind: "denial,rejection", assignee: "me", at: 7, sort: "due" })).toEqual({
    kind: ["denial", "rejection"], assignee: "me",
  }));

test("values of the address go there and back", () => expect(split(joined(["a", "b"]))).toEqual(["a", "b"]));
test("no value leaves the address", () => expect(joined([])).toBeUndefined());

test("an answer says what was done, what waits and what was refused", () =>
  expect(told({ act: "release", done: [1, 2], proposed: [3], refused: [] })).toBe(
    "2 done, 1 wait for another person's approval",
  ));
