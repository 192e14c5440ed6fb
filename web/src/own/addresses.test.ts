import { expect, test } from "vitest";
import { addressOf, pathOf, takenBy, viewAt } from "./addresses";

test("a view is its filters, not the row under the cursor", () => {
  expect(addressOf("/queue", "?kind=denial&at=17&due_before=2026-12-01")).toBe("/queue?due_before=2026-12-01&kind=denial");
  expect(addressOf("/queue", "?at=17")).toBe("/queue");
  expect(addressOf("/queue", "")).toBe("/queue");
});

test("a view belongs to the page of its path", () => {
  expect(pathOf("/queue?kind=denial")).toBe("/queue");
  expect(pathOf("/queue")).toBe("/queue");
});

test("the order of filters makes no other view", () => {
  const saved = { name: "Mine", address: "/queue?sort=due&kind=denial" };
  expect(viewAt([saved], addressOf("/queue", "?kind=denial&at=3&sort=due"))).toBe(saved);
  expect(viewAt([saved], "/queue")).toBeUndefined();
});

test("a name belongs to the list that has it", () => {
  const saved = { name: "Mine", address: "/queue?kind=denial" };
  expect(takenBy([saved], "Mine", "/claims")).toBe(saved);
  expect(takenBy([saved], "Mine", "/queue")).toBeUndefined();
});
