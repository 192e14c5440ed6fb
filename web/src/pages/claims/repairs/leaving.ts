/** Service lines that leave a claim: what goes with them, before and after the server has tried it. */

import type { Schemas } from "../../../api/client";
import { day, words } from "../../../ui/format";
import { type Dictionary, labelOf, valueText } from "../dictionary";
import { LEVELS } from "../content";
import type { Content } from "./repairs";

type Change = Schemas["ShownTrial"]["changes"][number];

// Said by the others: how a code is counted or listed.
const SILENT: ReadonlySet<string> = new Set(["line", "assigned_number", "procedure_qualifier", "unit_basis"]);

/** A value of a change as a person reads it. */
export function changeText(value: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? day(value) : value;
}

/** Changes without those of lines that leave, and what each of these lines takes along. */
export function partedChanges(changes: readonly Change[], removed: readonly number[]) {
  const goes = (change: Change): boolean => change.line !== null && removed.includes(change.line);
  const leaving = removed.map((line) => ({
    line,
    texts: changes.filter((each) => each.line === line && each.old !== null && !SILENT.has(each.field)).map((each) => `${words(each.field)} ${changeText(each.old ?? "")}`),
  }));
  return { stays: changes.filter((each) => !goes(each)), leaving };
}

/** What an opened claim says of a line: its own values, and how many rows of other levels are about it. */
export function whatLeaves(content: Content, line: number, dictionary: Dictionary): { values: readonly string[]; rows: readonly string[] } {
  const row = (content["lines"] ?? []).find((each) => each["line"] === line) ?? {};
  const values = Object.entries(row).flatMap(([name, value]) => {
    const field = dictionary.get(name);
    return SILENT.has(name) || value === null ? [] : [`${labelOf(field, name).label} ${valueText(value, field?.kind)}`];
  });
  const rows = LEVELS.flatMap(([level, title]) => {
    const count = (content[level] ?? []).filter((each) => each["line"] === line).length;
    return count > 0 ? [`${title} (${count})`] : [];
  });
  return { values, rows };
}

/** A line in few words, to choose it by: "Line 2: 36415, $12.50". */
export function lineText(row: Readonly<Record<string, unknown>>): string {
  const charge = row["line_charge"];
  const what = [row["revenue_code"], row["procedure"], charge === undefined || charge === null ? null : valueText(charge, "US dollars")];
  return `Line ${String(row["line"])}: ${what.filter(Boolean).join(", ") || "no code"}`;
}

/** The claim without these lines, as far as its sums are concerned. */
export function withoutLines(content: Content, removed: readonly number[]): Content {
  return { ...content, lines: (content["lines"] ?? []).filter((row) => !removed.includes(Number(row["line"]))) };
}
