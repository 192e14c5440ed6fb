import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import { codesOf, stripOf } from "./rows";
import { likelyState } from "./states";

const group = (root_cause: string, amount: string | null, preventable: boolean | null, first_due_on: string | null = null): Schemas["WorkGroup"] => ({
  root_cause, next_step: "appeal", denials: 2, claims: 1, amount, expected_recovery: "0.10", first_due_on, name: root_cause, fix: "", preventable,
});

test("the strip adds up in cents, and the worst causes come first", () => {
  const strip = stripOf([group("a", "0.10", true), group("b", "0.20", false, "2026-12-02"), group("a", "1,000.01", true, "2026-12-01"), group("c", null, null)]);
  expect([strip.amount, strip.expected, strip.denials, strip.preventable, strip.firstDue]).toEqual([100031, 40, 8, 100011, "2026-12-01"]);
  expect(strip.causes.map((cause) => [cause.code, cause.amount])).toEqual([["a", 100011], ["b", 20], ["c", 0]]);
});

test("codes are as small as they can be", () => {
  expect(codesOf("CO", "197", "N54 M127")).toBe("CO-197 N54 M127");
  expect(codesOf(null, null, null)).toBe("");
});

test("the state that is offered is another one than now", () =>
  expect([likelyState("appeal", "open"), likelyState("appeal", "appealed"), likelyState("wait", "resubmitted")]).toEqual(["appealed", "won", "won"]));
