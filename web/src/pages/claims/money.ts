/** Entries of the ledger by line and account, in the columns in which a person reads them. */

import type { Schemas } from "../../api/client";

/** Account, heading, meaning; in the order of the columns. Revenue is the charge itself and is not repeated. */
export const ACCOUNTS: readonly (readonly [string, string, string])[] = [
  ["unapplied", "Paid", "What payers paid of the line"],
  ["contractual", "Contractual", "What the contract takes off: nobody owes it"],
  ["denied", "Denied", "What payers refused, and what may be recovered"],
  ["patient", "Patient owes", "Deductible, coinsurance and copay that are not paid yet"],
  ["payer", "Payer owes", "What no payer has answered yet"],
  ["prior_payer", "Earlier payer", "Said to be paid or adjusted by an earlier payer"],
  ["capitated", "Capitated", "Paid by a capitation"],
  ["written_off", "Written off", "What was given up, approved by two people"],
];

export type Sums = { accounts: ReadonlyMap<string, number>; lines: ReadonlyMap<string, number> };

export function sumsOf(entries: readonly Schemas["ListedEntry"][]): Sums {
  const accounts = new Map<string, number>();
  const lines = new Map<string, number>();
  for (const entry of entries) {
    accounts.set(entry.account, (accounts.get(entry.account) ?? 0) + entry.amount_cents);
    const place = `${entry.line ?? ""} ${entry.account}`;
    lines.set(place, (lines.get(place) ?? 0) + entry.amount_cents);
  }
  for (const [account, sum] of accounts) if (sum === 0) accounts.delete(account);
  return { accounts, lines };
}
