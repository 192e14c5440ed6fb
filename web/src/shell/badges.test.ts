import { expect, test } from "vitest";
import { badge } from "./useWaitingCounts";

test("a badge is a number that fits, and nothing where nothing waits", () => {
  expect([undefined, null, 0].map(badge)).toEqual(["", "", ""]);
  expect([1, 999].map(badge)).toEqual(["1", "999"]);
  expect([1_000, 454_233].map(badge)).toEqual(["999+", "999+"]);
});
