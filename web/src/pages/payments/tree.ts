/** The rows of a payment's tree that are open: claim, line, adjustment. */

import { claimAdjusted, claimOff, isOff, lineOff, ownOff, adjusted, type Adjustment, type Claim, type Line } from "./adds";

export type Row = {
  key: string;
  /** 1 a claim, 2 a line or an adjustment of a claim, 3 an adjustment of a line. */
  level: 1 | 2 | 3;
  claim: Claim;
  line?: Line;
  adjustment?: Adjustment;
  charge: number | null;
  adjusted: number;
  paid: number | null;
  /** What does not add up exactly here, in cents. */
  off: number;
  /** Whether it has rows below, and whether they are shown; null if it has none. */
  isOpen: boolean | null;
};

export const claimRowKey = (claim: Claim): string => `c${claim.answer_id}`;
export const lineRowKey = (claim: Claim, line: Line): string => `l${claim.answer_id}.${line.position}`;

export function rowsOf(claims: readonly Claim[], open: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  for (const claim of claims) {
    const key = claimRowKey(claim);
    const hasRows = claim.lines.length > 0 || claim.adjustments.length > 0;
    const isOpen = open.has(key);
    rows.push({
      key, level: 1, claim, charge: claim.charge_cents, adjusted: claimAdjusted(claim), paid: claim.paid_cents,
      // Closed, a claim answers for its lines too.
      off: isOpen ? ownOff(claim) : claimOff(claim) || (isOff(claim) ? claim.lines.map(lineOff).find(Boolean) ?? ownOff(claim) : 0),
      isOpen: hasRows ? isOpen : null,
    });
    if (!isOpen) continue;
    claim.adjustments.forEach((adjustment, index) => rows.push(ofAdjustment(`${key}.a${index}`, 2, claim, adjustment)));
    for (const line of claim.lines) {
      const lineKey = lineRowKey(claim, line);
      rows.push({
        key: lineKey, level: 2, claim, line, charge: line.charge_cents, adjusted: adjusted(line.adjustments), paid: line.paid_cents,
        off: lineOff(line), isOpen: line.adjustments.length ? open.has(lineKey) : null,
      });
      if (!open.has(lineKey)) continue;
      line.adjustments.forEach((adjustment, index) => rows.push(ofAdjustment(`${lineKey}.a${index}`, 3, claim, adjustment, line)));
    }
  }
  return rows;
}

function ofAdjustment(key: string, level: 2 | 3, claim: Claim, adjustment: Adjustment, line?: Line): Row {
  return { key, level, claim, ...(line ? { line } : {}), adjustment, charge: null, adjusted: adjustment.amount_cents, paid: null, off: 0, isOpen: null };
}

/** The keys of everything that can be opened. */
export function everyKey(claims: readonly Claim[]): Set<string> {
  const keys = new Set<string>();
  for (const claim of claims) {
    keys.add(claimRowKey(claim));
    for (const line of claim.lines) keys.add(lineRowKey(claim, line));
  }
  return keys;
}

/** The row above in the tree. */
export function parentKey(row: Row): string | null {
  if (row.level === 1) return null;
  return row.level === 3 && row.line ? lineRowKey(row.claim, row.line) : claimRowKey(row.claim);
}
