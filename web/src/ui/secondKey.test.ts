import { expect, test } from "vitest";
import { isAfter, keepKey } from "./secondKey";

test("a key soon after another is the second of two", () => {
  keepKey("g", 1_000);
  expect(isAfter("g")).toBe(false);
  keepKey("d", 1_400);
  expect(isAfter("g")).toBe(true);
  keepKey("d", 1_500);
  expect(isAfter("g")).toBe(false);
});
test("a key long after another is its own", () => {
  keepKey("g", 1_000);
  keepKey("d", 3_100);
  expect(isAfter("g")).toBe(false);
});
test("what was typed is no first key", () => {
  keepKey(null, 1_000);
  keepKey("d", 1_100);
  expect(isAfter("g")).toBe(false);
});
