import { describe, expect, test } from "vitest";
import { binsOf, gainPointsOf, isSynthetic, measuresOf, operatingOf, periodsOf, standingOf } from "./card";

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
test("a card says from which expected gain claims are reviewed, and which steps are offered", () => {
  const point = { claims: 100, from_cents: 250, reviewed: 0.05, averted: 0.6, worth_cents: 12_300 };
  const step = { offers: 40, precision: 0.91, recall: 0.84, denials: 30, is_offered: true, least: 0.2 };
  const card = { remedies: { points: { "": point }, steps: { attachment: step } } };
  expect(gainPointsOf(card)).toEqual([{ payer: "", claims: 100, fromCents: 250, reviewed: 0.05, averted: 0.6, worthCents: 12_300 }]);
  expect(standingOf(card)).toEqual([{ kind: "attachment", offers: 40, precision: 0.91, recall: 0.84, denials: 30, isOffered: true }]);
  expect([gainPointsOf({}), standingOf({ remedies: 3 })]).toEqual([[], []]);
});
test("what is synthetic is called so", () => {
  expect(isSynthetic({ source: "synthetic denial world, 4000 claims, seed 7" })).toBe(true);
  expect(isSynthetic({ source: "store, 2025" })).toBe(false);
});
test("the model comes first, the best possible last", () =>
  expect(measuresOf({ kind: "m", measures: { "Bayes-optimal": {}, a: {}, m: {} } }).map((each) => each.name)).toEqual(["m", "a", "Bayes-optimal"]));
