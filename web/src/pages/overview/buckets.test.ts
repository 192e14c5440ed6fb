import { expect, test } from "vitest";
import { bucketsOf, type Day } from "./buckets";

const days = (count: number): Day[] =>
  Array.from({ length: count }, (_, index) => ({
    day: new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10), answers: 2, denied: 1, charge_cents: 300, paid_cents: index === 0 ? -50 : 100,
  }));

test("a month is shown day by day", () => {
  const { buckets, isByWeek } = bucketsOf(days(30));
  expect(isByWeek).toBe(false);
  expect(buckets).toHaveLength(30);
  expect(buckets[0]).toEqual({ from: "2026-01-01", to: "2026-01-01", answers: 2, denied: 1, charge_cents: 300, paid_cents: -50 });
});
test("a quarter is shown by week, and no day or cent is lost", () => {
  const { buckets, isByWeek } = bucketsOf(days(90));
  expect(isByWeek).toBe(true);
  expect(buckets).toHaveLength(13);
  // 90 days are 12 weeks and the 6 days before them.
  expect(buckets[0]).toMatchObject({ from: "2026-01-01", to: "2026-01-06", answers: 12, paid_cents: 450 });
  expect(buckets.at(-1)).toMatchObject({ from: "2026-03-25", to: "2026-03-31", answers: 14 });
  expect(buckets.reduce((sum, each) => sum + each.paid_cents, 0)).toBe(-50 + 89 * 100);
});
test("no day gives no bar", () => expect(bucketsOf([]).buckets).toEqual([]));
