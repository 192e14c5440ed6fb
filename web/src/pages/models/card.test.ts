import { describe, expect, test } from "vitest";
import { binsOf, isSynthetic, measuresOf, operatingOf, periodsOf } from "./card";

const ECONOMICS = { review_cents: 900, rework_cents: 11_800, avoidable: 0.43, recovered: 0.63 };

describe("the threshold", () => {
  const curve = { claims: 100, denied: 10, reviewed: [100, 30, 5], caught: [10, 9, 3], stake_cents: [100_000, 90_000, 30_000] };
  test("is where reviews are worth most", () => {
    const [found] = operatingOf({ economics: ECONOMICS, review_curves: { "": curve } });
    expect(found).toEqual({ payer: "", claims: 100, threshold: 0.5, reviewed: 0.3, caught: 0.9, worthCents: 32_985 });
  });
  test("is one where no review pays off", () => {
    const never = { ...curve, caught: [0, 0, 0], stake_cents: [0, 0, 0] };
    expect(operatingOf({ economics: ECONOMICS, review_curves: { A: never } })[0]?.threshold).toBe(1);
  });
});

test("a card of another form has nothing, and does not fail", () => {
  const card = { reliability: "none", measures: null, periods: [1], review_curves: { A: 3 } };
  expect([binsOf(card), measuresOf(card), periodsOf({}), operatingOf(card)]).toEqual([[], [], [], []]);
});
test("what is synthetic is called so", () => {
  expect(isSynthetic({ source: "synthetic denial world, 4000 claims, seed 7" })).toBe(true);
  expect(isSynthetic({ source: "store, 2025" })).toBe(false);
});
test("the model comes first, the best possible last", () =>
  expect(measuresOf({ kind: "m", measures: { "Bayes-optimal": {}, a: {}, m: {} } }).map((each) => each.name)).toEqual(["m", "a", "Bayes-optimal"]));
