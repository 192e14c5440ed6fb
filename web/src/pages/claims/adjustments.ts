/**
 * Adjustments of other payers as one text for each payer and each decision, as a person copies them from an EOB:
 * "CO-45 20.00, PR-2 16.00". The server takes them in this form, too (domain/payer_adjustments.py).
 */

import type { Row } from "./dictionary";

type Content = Readonly<Record<string, Row[]>>;

const ONE = /^(CO|PR|OA|PI|CR)-[A-Z0-9]{1,5}\s+\$?-?\d{1,13}(\.\d{1,2})?(\s+X\s?-?\d{1,9}(\.\d{1,3})?)?$/;
export const ADJUSTMENTS: ReadonlySet<string> = new Set(["other_payer_adjustments", "line_adjustments"]);
export const ADJUSTMENTS_HINT = "Write them as CO-45 20.00, PR-2 16.00";

export function areAdjustments(text: string): boolean {
  return text.toUpperCase().split(/[,;]/).every((each) => each.trim() === "" || ONE.test(each.trim()));
}

function listed(rows: readonly Row[]): string {
  return rows
    .map((row) => {
      const units = row["adjustment_quantity"];
      const counted = units === undefined || units === null ? "" : ` x${Number(units)}`;
      return `${String(row["adjustment_group"])}-${String(row["adjustment_reason"])} ${Number(row["adjustment_amount"]).toFixed(2)}${counted}`;
    })
    .join(", ");
}

/** The claim with the adjustments of each payer and of each decision as a value of its row. */
export function withAdjustments(content: Content): Record<string, Row[]> {
  const all = content["adjustments"] ?? [];
  if (all.length === 0) return content;
  const told = (level: string, field: string, isOf: (row: Row, adjustment: Row) => boolean): Row[] =>
    (content[level] ?? []).map((row) => {
      const own = all.filter((each) => isOf(row, each));
      return own.length > 0 ? { ...row, [field]: listed(own) } : row;
    });
  return {
    ...content,
    other_payers: told("other_payers", "other_payer_adjustments", (row, each) => (each["line"] ?? null) === null && each["other_payer"] === row["other_payer"]),
    line_adjudications: told("line_adjudications", "line_adjustments", (row, each) => each["line"] === row["line"] && each["adjudication"] === row["adjudication"]),
  };
}
