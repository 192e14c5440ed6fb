/** Entries of the ledger by line and account, in the columns in which a person reads them. */

import type { Schemas } from "../../api/client";
import { sumCents, toCents } from "../../ui/format";

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

/** A line, or what stands for the whole claim (`line` is null): amounts in cents, null where there is none. */
export type MoneyRow = { line: number | null; charge: number | null; expected: number | null; basis: string | null; sums: ReadonlyMap<string, number> };
export type Money = {
  rows: readonly MoneyRow[];
  /** Of the whole claim: what the rows add up to. */
  charge: number;
  expected: number;
  /** Lines whose expected price is not known, so that `expected` is not that of the whole claim. */
  unpriced: number;
  accounts: ReadonlyMap<string, number>;
};

type Price = Pick<Schemas["PricedLine"], "line" | "charge" | "allowed" | "basis">;
type Entry = Pick<Schemas["ListedEntry"], "line" | "account" | "amount_cents">;

/** Rows whose columns add up to the sums: every line that has a price or an entry, then entries of no line. */
export function moneyOf(prices: readonly Price[], entries: readonly Entry[]): Money {
  const accounts = new Map<string, number>();
  const lines = new Map<number | null, Map<string, number>>(prices.map((price) => [price.line, new Map()]));
  for (const { account, line, amount_cents } of entries) {
    accounts.set(account, (accounts.get(account) ?? 0) + amount_cents);
    const sums = lines.get(line) ?? new Map<string, number>();
    lines.set(line, sums.set(account, (sums.get(account) ?? 0) + amount_cents));
  }
  const shown = new Set(ACCOUNTS.map(([account]) => account));
  const isMoved = (sums: ReadonlyMap<string, number>): boolean => [...sums].some(([account, sum]) => shown.has(account) && sum !== 0);
  const rows = [...lines]
    .filter(([line, sums]) => line !== null || isMoved(sums))
    .map(([line, sums]): MoneyRow => {
      const price = prices.find((each) => each.line === line);
      return { line, charge: toCents(price?.charge), expected: toCents(price?.allowed), basis: price?.basis ?? null, sums };
    })
    .sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity));
  // A column that is nothing on every row is left out; one that adds up to nothing over rows that are something is not.
  for (const [account] of accounts) if (!rows.some((row) => row.sums.get(account))) accounts.delete(account);
  return {
    rows, accounts, charge: sumCents(rows.map((row) => row.charge)), expected: sumCents(rows.map((row) => row.expected)),
    unpriced: rows.filter((row) => row.line !== null && row.expected === null).length,
  };
}
