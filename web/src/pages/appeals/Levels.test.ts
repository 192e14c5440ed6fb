import { expect, test } from "vitest";
import { share } from "./Levels";

test("the share of a clock is between nothing and all of it", () => {
  expect(share("2026-01-01", "2026-01-11", "2026-01-06")).toBe(50);
  expect(share("2026-01-01", "2026-01-11", "2025-12-01")).toBe(0);
  expect(share("2026-01-01", "2026-01-11", "2026-02-01")).toBe(100);
  expect(share("2026-01-11", "2026-01-01", "2026-01-06")).toBe(100);
});
