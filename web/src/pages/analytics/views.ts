/** What stands on each view of the analytics: one question, its numbers, its charts. */

import type { Schemas } from "../../api/client";

export type Kpi = Schemas["KpiAnswer"];
export type KpiRow = Schemas["KpiRow"];
export type Sheet = Schemas["KpiSheet"];

/** A chart: a figure by a dimension (bars), or by month or day (line). `needs` is an action of whoever may see it. */
export type Chart = { kpi: string; title: string; by?: string; interval?: "day" | "month"; needs?: string };
export type AnalyticsView = { value: string; label: string; question: string; numbers: readonly string[]; charts: readonly Chart[]; needs?: string };

export const VIEWS: readonly AnalyticsView[] = [
  {
    value: "denied", label: "Why are we denied",
    question: "What payers deny at first, why, and where it begins.",
    numbers: ["initial_denial_rate", "initial_denial_rate_dollars", "preventable_share", "overturn_rate"],
    charts: [
      { kpi: "initial_denial_rate", title: "Share of claims denied, by month" },
      { kpi: "initial_denial_rate", interval: "day", title: "Share of claims denied, by day" },
      { kpi: "initial_denial_rate_dollars", by: "category", title: "Dollars denied, by category" },
      { kpi: "initial_denial_rate_dollars", by: "cause", title: "Dollars denied, by cause" },
      { kpi: "initial_denial_rate_dollars", by: "department", title: "Dollars denied, by the department where they begin" },
      { kpi: "initial_denial_rate", by: "payer", title: "Share of claims denied, by payer" },
      { kpi: "initial_denial_rate", by: "facility", title: "Share of claims denied, by facility" },
      { kpi: "initial_denial_rate", by: "procedure_group", title: "Share of claims denied, by procedure group", needs: "claims.read" },
    ],
  },
  {
    value: "payers", label: "Who pays late",
    question: "How long payers take, unpaid claims included, and what they pay too little.",
    numbers: ["median_days_to_payment", "days_to_payment_paid", "days_to_answer", "cash_collected"],
    charts: [
      { kpi: "median_days_to_payment", by: "payer", title: "Days until half of the claims are paid, by payer" },
      { kpi: "days_to_payment_paid", title: "Days to payment of paid claims, by month" },
      { kpi: "cash_collected", title: "Cash collected, by month", needs: "ledger.read" },
      { kpi: "cash_collected", by: "payer", title: "Cash collected, by payer", needs: "ledger.read" },
      { kpi: "underpaid_dollars", by: "payer", title: "Paid too little, by payer", needs: "ledger.read" },
    ],
  },
  {
    value: "old", label: "What is old",
    question: "What is owed at the end of the period, by whom, and for how long since the service.",
    numbers: ["net_days_in_ar", "ar_insurance_balance", "ar_patient_balance", "aged_ar_over_90_insurance", "dnfb_days"],
    charts: [
      { kpi: "ar_balance", by: "age", title: "Dollars owed, by days since the service", needs: "ledger.read" },
      { kpi: "ar_claims", by: "age", title: "Claims with a balance, by days since the service", needs: "ledger.read" },
      { kpi: "ar_insurance_balance", by: "payer", title: "Dollars that payers owe or deny", needs: "ledger.read" },
      { kpi: "net_days_in_ar", title: "Net days in A/R, by month", needs: "ledger.read" },
      { kpi: "dnfb_dollars", by: "facility", title: "Dollars that are not billed yet, by facility" },
    ],
  },
  {
    value: "work", label: "Who does what",
    question: "What people finished, what came back, and what is open.",
    numbers: ["open_work_items", "open_work_dollars", "staff_productivity", "staff_error_rate"],
    charts: [
      { kpi: "open_work_dollars", by: "category", title: "Dollars at stake in open work, by category" },
      { kpi: "open_work_items", by: "category", title: "Open work items, by category" },
      { kpi: "staff_productivity", by: "staff", title: "Work items finished, by person", needs: "analytics.staff" },
      { kpi: "staff_error_rate", by: "staff", title: "Work that came back, by person", needs: "analytics.staff" },
      { kpi: "touch_minutes", by: "staff", title: "Minutes from the start of an item to the next act, by person", needs: "analytics.staff" },
    ],
  },
  {
    value: "executive", label: "Executive",
    question: "Volume, dollars, service level and errors of the practice as a whole.",
    numbers: ["claim_volume", "claim_dollars", "cash_collected", "cash_to_net_revenue", "clean_claim_rate", "pipeline_sla", "rejection_rate", "denial_write_off_rate", "cost_to_collect"],
    charts: [
      { kpi: "claim_dollars", title: "Dollars sent, by month" },
      { kpi: "claim_volume", by: "facility", title: "Claims sent, by facility" },
      { kpi: "cash_collected", title: "Cash collected, by month", needs: "ledger.read" },
      { kpi: "clean_claim_rate", title: "Clean-claim rate, by month" },
      { kpi: "initial_denial_rate", by: "facility", title: "Share of claims denied, by facility" },
      { kpi: "net_days_in_ar", by: "facility", title: "Net days in A/R, by facility", needs: "ledger.read" },
      { kpi: "first_pass_resolution_rate", by: "payer", title: "First-pass resolution, by payer" },
    ],
  },
  {
    value: "operations", label: "Operations",
    question: "Whether claims go out in time, and what holds them.",
    numbers: ["pipeline_sla", "charge_lag_days", "bill_lag_days", "dnfb_days", "open_work_items"],
    charts: [
      { kpi: "pipeline_sla", title: "Processed in time, by month" },
      { kpi: "pipeline_sla", interval: "day", title: "Processed in time, by day" },
      { kpi: "claim_volume", interval: "day", title: "Claims sent, by day" },
      { kpi: "bill_lag_days", by: "facility", title: "Days from service to submission, by facility" },
      { kpi: "clean_claim_rate", by: "facility", title: "Clean-claim rate, by facility" },
      { kpi: "rejection_rate", by: "payer", title: "Rejected before adjudication, by payer" },
    ],
  },
];

/** A value in its unit, as a person reads it. */
export function unitText(unit: string, value: number | null | undefined, format: { cents: (value: number) => string; count: (value: number) => string }): string {
  if (value === null || value === undefined) return "no value";
  if (unit === "share") return `${(value * 100).toFixed(1)}%`;
  if (unit === "cents") return format.cents(Math.round(value));
  if (unit === "items") return format.count(Math.round(value * 10) / 10);
  return `${format.count(Math.round(value * 10) / 10)} ${unit === "minutes" ? "min" : unit === "hours" ? "h" : value === 1 ? "day" : "days"}`;
}

/** What a bar is long by: of a share of dollars the dollars, otherwise the value. */
export function lengthOf(row: KpiRow, kpi: string): number {
  return kpi === "initial_denial_rate_dollars" ? row.numerator ?? 0 : row.value ?? 0;
}

/** The names of payers, causes and groups as words. */
export function named(value: string): string {
  return value === "unknown" ? "not known" : value.replaceAll("_", " ").replaceAll("-", /^[a-z]/.test(value) ? " " : "-");
}
