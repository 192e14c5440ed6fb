import { expect, test } from "vitest";
import { addressOf, pathOf } from "./addresses";

test("a view is its filters, not the row under the cursor", () => {
  expect(addressOf("/queue", "?kind=denial&at=17&due_before=2026-12-01")).toBe("/queue?kind=denial&due_before=2026-12-01");
  expect(addressOf("/queue", "?at=17")).toBe("/queue");
  expect(addressOf("/queue", "")).toBe("/queue");
});

test("a view belongs to the page of its path", () => {
  expect(pathOf("/queue?kind=denial")).toBe("/queue");
  expect(pathOf("/queue")).toBe("/queue");
});
