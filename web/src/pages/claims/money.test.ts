import { describe, expect, it } from "vitest";
import { moneyOf } from "./money";

const price = (line: number, charge: string, allowed: string | null) => ({ line, charge, allowed, basis: null });
const entry = (line: number | null, account: string, amount_cents: number) => ({ line, account, amount_cents });

describe("money of a claim", () => {
  it("has a row for entries of no line, so that the rows add up to the foot", () => {
    const money = moneyOf([price(1, "100.10", "80.00")], [entry(1, "denied", 5_000), entry(null, "denied", -1_200)]);
    expect(money.rows.map((row) => [row.line, row.sums.get("denied")])).toEqual([[1, 5_000], [null, -1_200]]);
    expect(money.accounts.get("denied")).toBe(3_800);
  });
  it("has no such row where nothing of it stays", () => {
    const money = moneyOf([price(1, "100.10", null)], [entry(null, "payer", 500), entry(null, "payer", -500), entry(null, "revenue", -500)]);
    expect(money.rows.map((row) => row.line)).toEqual([1]);
    expect([...money.accounts]).toEqual([]);
  });
  it("shows a column that is something on two rows and adds up to nothing", () => {
    const money = moneyOf([price(1, "1.00", "1.00")], [entry(1, "payer", 700), entry(null, "payer", -700)]);
    expect(money.accounts.get("payer")).toBe(0);
    expect(money.rows).toHaveLength(2);
  });
  it("shows a line that has an entry and no price", () => {
    expect(moneyOf([price(2, "5.00", "4.00")], [entry(1, "patient", 100)]).rows.map((row) => row.line)).toEqual([1, 2]);
  });
  it("sums in whole cents, and says how many lines have no price", () => {
    const money = moneyOf([price(1, "0.10", "0.10"), price(2, "0.20", "0.20"), price(3, "0.30", null)], []);
    expect([money.charge, money.expected, money.unpriced]).toEqual([60, 30, 1]);
  });
});
