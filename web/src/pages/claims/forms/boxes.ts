/**
 * Our own drawing of a paper form: numbered boxes on a grid of 60 columns, each with a plain name and the fields of
 * the dictionary that stand in it. Which field is in which box, the dictionary says; here is where the box is.
 */

import type { Dictionary, Row } from "../dictionary";
import { valueText } from "../dictionary";

export type Content = Readonly<Record<string, readonly Row[]>>;

/** A box of a form as it is written down: number, name, column from 1, width, and its fields. */
export type BoxPlan = {
  box: string;
  label: string;
  at: number;
  span: number;
  /** Names of the dictionary; "a|b" is the first of them that has a value. */
  fields: string;
  /** Another level than the claim's, such as "diagnoses", whose rows all stand in the box. */
  level?: string;
  /** Only rows whose list is one of these: condition, occurrence, value codes. */
  lists?: readonly string[];
  numeric?: boolean;
  join?: string;
};

export type FormPlan = {
  title: string;
  /** Rows of boxes, top to bottom. */
  head: readonly (readonly BoxPlan[])[];
  /** The boxes of one service line. */
  line: readonly BoxPlan[];
  foot: readonly (readonly BoxPlan[])[];
  /** The boxes of one other payer, below the lines. */
  payer?: readonly (readonly BoxPlan[])[];
  /** The boxes of what another payer decided of one line, below the payers. */
  decision?: readonly BoxPlan[];
};

/** A box with its value, for one claim; `held` are those of its fields that have one. */
export type Box = BoxPlan & { key: string; row: number; line: number | null; payer: number | null; decision: number | null; names: readonly string[]; held: readonly string[]; text: string; why: string | null };

export type Filled = { boxes: readonly Box[]; rows: number };

export function fill(plan: FormPlan, content: Content, withheld: ReadonlyMap<string, string>, dictionary: Dictionary): Filled {
  const boxes: Box[] = [];
  const claim = content["claims"]?.[0] ?? {};
  let row = 0;
  // The key of a box stays the same whatever rows are added above it: the part of the form, and the place within it.
  const put = (part: string, planned: readonly BoxPlan[], line: number | null, own: Row | null, payer: number | null = null, decision: number | null = null): void => {
    row += 1;
    for (const box of planned) {
      const names = namesOf(box);
      const rows = box.level ? (content[box.level] ?? []).filter((each) => isListed(each, box.lists)) : [own ? { ...claim, ...own } : claim];
      const text = rows.map((each) => textOf(box, each, dictionary)).filter(Boolean).join(box.level ? "  " : "");
      const why = text === "" ? (names.map((name) => withheld.get(name)).find(Boolean) ?? null) : null;
      const held = rows.flatMap((each) => heldBy(box, each));
      // Which line a decision is of stands at its beginning.
      const label = decision !== null && box.at === 1 ? `Line ${line}: ${box.label.toLowerCase()}` : box.label;
      boxes.push({ ...box, label, key: `${part} ${line ?? payer ?? ""}${decision === null ? "" : `.${decision}`} ${box.at}`, row, line, payer, decision, names, held, text, why });
    }
  };
  for (const [at, planned] of plan.head.entries()) put(`head ${at}`, planned, null, null);
  for (const lineRow of content["lines"] ?? []) put("line", plan.line, Number(lineRow["line"]), lineRow);
  for (const [at, planned] of plan.foot.entries()) put(`foot ${at}`, planned, null, null);
  for (const payerRow of content["other_payers"] ?? []) {
    for (const [at, planned] of (plan.payer ?? []).entries()) put(`payer ${at}`, planned, null, payerRow, Number(payerRow["other_payer"]));
  }
  for (const decided of plan.decision ? (content["line_adjudications"] ?? []) : []) {
    put("decision", plan.decision ?? [], Number(decided["line"]), decided, null, Number(decided["adjudication"]));
  }
  return { boxes, rows: row };
}

export function namesOf(box: BoxPlan): string[] {
  return box.fields.split(/[\s|]+/).filter(Boolean);
}

export function isListed(row: Row, lists: readonly string[] | undefined): boolean {
  return lists === undefined || lists.includes(String(row["institutional_code_list"] ?? ""));
}

/** Of each field with alternatives, the first that has a value. */
function heldBy(box: BoxPlan, row: Row): string[] {
  return box.fields
    .split(/\s+/)
    .flatMap((alternatives) => alternatives.split("|").find((each) => row[each] !== undefined) ?? []);
}

function textOf(box: BoxPlan, row: Row, dictionary: Dictionary): string {
  return heldBy(box, row)
    .map((name) => {
      const kind = dictionary.get(name)?.kind;
      const text = valueText(row[name], kind);
      // Paper forms have no dollar signs.
      return kind === "US dollars" ? text.replace("$", "") : text;
    })
    .filter(Boolean)
    .join(box.join ?? ", ");
}

// Names that rules derive, and the fields that they are derived from.
const DERIVED: Readonly<Record<string, readonly string[]>> = {
  first_service_on: ["service_from_on", "statement_from_on"], last_service_on: ["service_to_on", "service_from_on", "statement_to_on"],
  principal_diagnosis: ["diagnosis"],
};

/** The fields of the dictionary that a finding's field means. */
export function fieldsOf(name: string, dictionary: Dictionary): readonly string[] {
  if (dictionary.has(name)) return [name];
  const patient = name.replace(/^patient_/, "");
  return DERIVED[name] ?? (patient === name ? [] : [`dependent_${patient}`, `subscriber_${patient}`].filter((each) => dictionary.has(each)));
}

/** Whether a finding of these fields, of this line or of none, belongs to a box. */
export function isAt(box: Box, names: readonly string[], line: number | null): boolean {
  return (line === null || box.line === null || box.line === line) && names.some((name) => box.names.includes(name));
}
