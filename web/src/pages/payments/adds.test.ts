import { describe, expect, test } from "vitest";
import { type Adjustment, type Claim, claimOff, isOff, type Line, lineOff, ownOff, totals } from "./adds";
import { everyKey, parentKey, rowsOf } from "./tree";

const adjustment = (amount_cents: number): Adjustment => ({ group_code: "CO", carc: "45", amount_cents });
const line = (position: number, charge_cents: number, paid_cents: number, ...amounts: number[]): Line => ({
  position, line: position, charge_cents, paid_cents, adjustments: amounts.map(adjustment),
});
function claim(answer_id: number, charge_cents: number, paid_cents: number, lines: Line[], ...amounts: number[]): Claim {
  return {
    answer_id, position: answer_id, state: "posted", reason: null, is_reversal: false, claim_key: answer_id, claim_status: "1",
    charge_cents, paid_cents, patient_cents: 0, lines, adjustments: amounts.map(adjustment),
  };
}

const whole = claim(1, 300, 220, [line(1, 100, 60, 40), line(2, 200, 160, 30, 10)]);
const wrongLine = claim(2, 100, 65, [line(1, 100, 65, 40)]);
const wrongClaim = claim(3, 100, 50, [line(1, 100, 60, 40)]);
const hidden = claim(4, 200, 120, [line(1, 100, 65, 40), line(2, 100, 55, 40)]);

describe("a payment adds up", () => {
  test("claim by claim and line by line", () => {
    expect(claimOff(whole)).toBe(0);
    expect(isOff(whole)).toBe(false);
    expect(totals([whole, wrongLine])).toEqual({ charge: 400, adjusted: 120, paid: 285 });
  });
  test("or says exactly where it does not", () => {
    expect([lineOff(wrongLine.lines[0] as Line), ownOff(wrongLine), claimOff(wrongLine)]).toEqual([5, 0, 5]);
    expect([lineOff(wrongClaim.lines[0] as Line), ownOff(wrongClaim)]).toEqual([0, -10]);
  });
  test("adjustments of the claim itself count once", () => expect(claimOff(claim(5, 100, 60, [line(1, 100, 100)], 40))).toBe(0));
  test("two faults that cancel each other are still faults", () => {
    expect(claimOff(hidden)).toBe(0);
    expect(isOff(hidden)).toBe(true);
  });
  test("a reversal is negative throughout", () => expect(isOff(claim(6, -100, -60, [line(1, -100, -60, -40)]))).toBe(false));
});

describe("the tree", () => {
  test("shows claims when nothing is open", () => expect(rowsOf([whole, wrongLine], new Set()).map((row) => row.key)).toEqual(["c1", "c2"]));
  test("opens down to adjustments", () => {
    const rows = rowsOf([whole], everyKey([whole]));
    expect(rows.map((row) => row.key)).toEqual(["c1", "l1.1", "l1.1.a0", "l1.2", "l1.2.a0", "l1.2.a1"]);
    expect(rows.map((row) => row.level)).toEqual([1, 2, 3, 2, 3, 3]);
    expect(parentKey(rows[2] as (typeof rows)[number])).toBe("l1.1");
  });
  test("a closed claim answers for its lines, an open one for itself", () => {
    expect(rowsOf([wrongLine], new Set()).map((row) => row.off)).toEqual([5]);
    expect(rowsOf([wrongLine], new Set(["c2"])).map((row) => row.off)).toEqual([0, 5]);
    expect(rowsOf([hidden], new Set()).map((row) => row.off)).toEqual([5]);
  });
});
