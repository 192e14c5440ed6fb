/** One row of the list, whether it comes from the work list or from denials in another state. */

import type { Schemas } from "../../api/client";
import { toCents } from "../../ui/format";

export type DenialRow = {
  id: number;
  claimKey: number | null;
  line: number | null;
  payer: string | null;
  cause: string;
  /** What the cause is called; null where the row names only its code. */
  causeName: string | null;
  codes: string;
  amount: number | null;
  expected: number | null;
  chance: number | null;
  daysLeft: number | null;
  dueOn: string | null;
  law: string | null;
  nextStep: string;
  why: string;
};

export function ofWork(item: Schemas["WorkItem"]): DenialRow {
  return {
    id: item.denial_id, claimKey: item.claim_key, line: item.line, payer: item.payer_id, cause: item.root_cause,
    causeName: null, codes: codesOf(item.group_code, item.carc, item.rarcs), amount: toCents(item.amount), expected: toCents(item.expected_recovery),
    chance: item.probability, daysLeft: item.days_left, dueOn: item.due_on, law: item.law, nextStep: item.next_step, why: item.reason,
  };
}

export function ofWeighed(item: Schemas["WeighedDenial"]): DenialRow {
  const { denial } = item;
  return {
    id: denial.denial_id, claimKey: denial.claim_key, line: denial.line, payer: denial.payer_id,
    cause: denial.root_cause, causeName: item.cause, codes: codesOf(denial.group_code, denial.carc, denial.rarcs), amount: denial.amount_cents,
    expected: item.expected_cents, chance: item.chance_percent / 100, daysLeft: item.days_left, dueOn: item.due_on, law: null,
    nextStep: item.next_step, why: item.step_reason,
  };
}

/** "CO-197 N54 M127" */
export function codesOf(group: string | null, carc: string | null, rarcs: string | null): string {
  return [[group, carc].filter(Boolean).join("-"), rarcs].filter(Boolean).join(" ");
}

export type Strip = { amount: number; expected: number; denials: number; preventable: number; firstDue: string | null; causes: { code: string; name: string; amount: number; denials: number }[] };

/** What the strip above the list says, from the groups: sums in whole cents. */
export function stripOf(groups: readonly Schemas["WorkGroup"][]): Strip {
  const causes = new Map<string, Strip["causes"][number]>();
  const strip: Strip = { amount: 0, expected: 0, denials: 0, preventable: 0, firstDue: null, causes: [] };
  for (const group of groups) {
    const amount = toCents(group.amount) ?? 0;
    strip.amount += amount;
    strip.expected += toCents(group.expected_recovery) ?? 0;
    strip.denials += group.denials;
    if (group.preventable) strip.preventable += amount;
    if (group.first_due_on && (strip.firstDue === null || group.first_due_on < strip.firstDue)) strip.firstDue = group.first_due_on;
    const known = causes.get(group.root_cause) ?? { code: group.root_cause, name: group.name, amount: 0, denials: 0 };
    causes.set(group.root_cause, { ...known, amount: known.amount + amount, denials: known.denials + group.denials });
  }
  strip.causes = [...causes.values()].sort((a, b) => b.amount - a.amount).slice(0, 3);
  return strip;
}
