import { describe, expect, it } from "vitest";
import { adjustmentsOf, bodyOf, isTouched, newClaim, newLine, newPayment, type Payment, problemsOf, sumsOf, sumsOfClaim } from "./paper";

// The paper of the template of `claimwright remit paper`: 150 charged, 50 and 16 adjusted, 84 paid.
const paper: Payment = {
  ...newPayment(), payer: "GOOD PAYER", trace: "778", paidOn: "1/31/2026", amount: "84",
  claims: [
    {
      ...newClaim(), number: "A100",
      lines: [
        { ...newLine(), procedure: "99213", serviceOn: "01/15/2026", charge: "100.00", adjustments: "co-45 20, PR-2 16.00", paid: "64", remarks: "n130" },
        { ...newLine(), procedure: "85025", modifiers: "91 qw", serviceOn: "01/16/2026", charge: "50", adjustments: "CO-45 30.00", paid: "20.00" },
        newLine(),
      ],
    },
  ],
};

describe("a paper remittance", () => {
  it("adds up by itself from its lines", () => {
    expect(sumsOfClaim(paper.claims[0] ?? newClaim())).toEqual({ charge: 15000, paid: 8400, adjusted: 6600, off: 0, offLines: 0 });
    expect(sumsOf(paper)).toEqual({ claims: 8400, kept: 0, amount: 8400, off: 0 });
    expect(problemsOf(paper)).toEqual([]);
  });
  it("is sent with exact amounts, the days of its lines and without empty lines", () => {
    expect(bodyOf(paper)).toMatchObject({
      amount: "84.00", paid_on: "2026-01-31",
      claims: [
        {
          charge: "150.00", paid: "84.00", service_from_on: "2026-01-15", service_to_on: "2026-01-16",
          lines: [{ adjustments: ["CO-45 20.00", "PR-2 16.00"], remarks: ["N130"] }, { modifiers: ["91", "QW"], adjustments: ["CO-45 30.00"] }],
        },
      ],
    });
    expect(bodyOf(paper).claims[0]?.lines).toHaveLength(2);
  });
  it("names the place that does not add up, and no patient", () => {
    const claim = { ...newClaim(), number: "SMITH", charge: "100.00", paid: "80.01", adjustments: "CO-45 20.00", lines: [] };
    expect(problemsOf({ ...paper, claims: [claim], amount: "80.01" })).toEqual(["Claim 1: charge less adjustments is not what was paid."]);
    expect(problemsOf({ ...paper, amount: "84.01" })).toEqual(["Claims less provider adjustments are not the amount of the check."]);
  });
  it("takes what the payer keeps back from the check, and adds interest", () => {
    expect(sumsOf({ ...paper, amount: "80.25", provider: "WO 5.00, L6 -1.25" })).toMatchObject({ kept: 375, off: 0 });
  });
  it("refuses what is no adjustment", () => {
    for (const text of ["45 20.00", "CO-45", "CO-45 1.234", "XX-45 1.00", "CO 45 20.00"]) expect(adjustmentsOf(text), text).toBeNull();
    expect(adjustmentsOf("WO-5 5.00", "provider")).toBeNull();
  });
  it("is not touched until something is typed", () => {
    expect(isTouched(newPayment())).toBe(false);
    expect(isTouched({ ...newPayment(), payer: "X" })).toBe(true);
    expect(isTouched({ ...newPayment(), claims: [{ ...newClaim(), lines: [{ ...newLine(), charge: "1" }] }] })).toBe(true);
  });
});
