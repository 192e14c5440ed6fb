/** Whether a payment adds up, and the places where it does not. All amounts are whole cents. */

import type { Schemas } from "../../api/client";
import { sumCents } from "../../ui/format";

export type Claim = Schemas["StatementClaim"];
export type Line = Schemas["StatementLine"];
export type Adjustment = Schemas["StatementAdjustment"];

export function adjusted(adjustments: readonly Adjustment[]): number {
  return sumCents(adjustments.map((each) => each.amount_cents));
}

/** All adjustments of a claim: those of its lines, and those of the claim itself. */
export function claimAdjusted(claim: Claim): number {
  return adjusted(claim.adjustments) + sumCents(claim.lines.map((line) => adjusted(line.adjustments)));
}

/** Paid, less charge less adjustments: 0 where a line adds up. */
export function lineOff(line: Line): number {
  return line.paid_cents - (line.charge_cents - adjusted(line.adjustments));
}

/** The same of a claim, with what its lines are off. */
export function claimOff(claim: Claim): number {
  return claim.paid_cents - (claim.charge_cents - claimAdjusted(claim));
}

/** What a claim is off by itself: its lines do not explain it. */
export function ownOff(claim: Claim): number {
  return claimOff(claim) - sumCents(claim.lines.map(lineOff));
}

/** Whether anything within a claim does not add up. */
export function isOff(claim: Claim): boolean {
  return ownOff(claim) !== 0 || claim.lines.some((line) => lineOff(line) !== 0);
}

/** What the claims that are shown add up to. */
export function totals(claims: readonly Claim[]): { charge: number; adjusted: number; paid: number } {
  return {
    charge: sumCents(claims.map((claim) => claim.charge_cents)),
    adjusted: sumCents(claims.map(claimAdjusted)),
    paid: sumCents(claims.map((claim) => claim.paid_cents)),
  };
}
