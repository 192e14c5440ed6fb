import { expect, test } from "vitest";
import { nextSort, orderOf } from "./useOrder";

const SORTS = ["-paid_on", "paid_on", "name", "-name"] as const;

test("the first click asks for a field's first order, the second turns it around", () => {
  expect(nextSort(SORTS, undefined, "paid_on")).toBe("-paid_on");
  expect(nextSort(SORTS, "-paid_on", "paid_on")).toBe("paid_on");
  expect(nextSort(SORTS, "paid_on", "paid_on")).toBe("-paid_on");
  expect(nextSort(SORTS, "-paid_on", "name")).toBe("name");
  expect(nextSort(SORTS, "-paid_on", "nothing")).toBeUndefined();
});

test("an order is a field and a way", () => {
  expect(orderOf("-paid_on")).toEqual({ by: "paid_on", descending: true });
  expect(orderOf("name")).toEqual({ by: "name", descending: false });
  expect(orderOf(undefined)).toBeUndefined();
});
