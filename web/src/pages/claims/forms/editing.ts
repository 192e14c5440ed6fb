/** Editing in the boxes of a form: which values a box has, and what the claim says with values that are typed and not saved. */

import { type Edit, isNext, isSamePlace, keysOf, nextNumber, placeOf, type Proposals, rowAt, valueAt } from "../repairs/repairs";
import { type Box, type Content, isListed } from "./boxes";

type Editable = Proposals["editable"][number];
/**
 * A value of a box that a person may change, and where it is; `number` tells rows apart that stand in one box. The cells
 * of a new row come after the others; `list` is what the new row says besides: which list of codes it is of.
 */
export type Cell = Editable & Pick<Edit, "line" | "position"> & { now: string; number: number | null; isNew?: boolean; list?: string | undefined };

/**
 * The values of a box that may be changed, those of one new row with them where the level takes one. Of a field with
 * alternatives it is the one that has a value, or the first. `typed` are the values that are typed and not saved.
 */
export function cellsOf(box: Box, content: Content, editable: ReadonlyMap<string, Editable>, typed: readonly Edit[] = []): Cell[] {
  const now = withEdits(content, typed, editable);
  const there = box.fields.split(/\s+/).flatMap((alternatives) => {
    const names = alternatives.split("|");
    const field = editable.get(names.find((name) => box.held.includes(name)) ?? names.find((name) => editable.has(name)) ?? "");
    if (!field) return [];
    return rowsOf(box, now, field.level).flatMap(({ line, number }) => {
      const place = placeOf(field.level, line, number ?? 1);
      if (rowAt(now, field.level, place) === undefined) return [];
      const isNew = rowAt(content, field.level, place) === undefined;
      return [{ ...field, ...place, number, now: valueAt(content, field.level, { field: field.field, ...place }), ...(isNew ? { isNew, list: box.lists?.[0] } : {}) }];
    });
  });
  return [...there, ...newCells(box, now, editable)];
}

/** The cells of the row that can be added in a box whose rows are many: one more diagnosis, one more condition code. */
function newCells(box: Box, content: Content, editable: ReadonlyMap<string, Editable>): Cell[] {
  if (box.level === undefined || box.level === "lines") return [];
  const position = nextNumber(content, box.level, null);
  if (position === null) return [];
  const shown = rowsOf(box, content, box.level).length + 1;
  return box.fields.split(/\s+/).flatMap((name) => {
    const field = editable.get(name);
    return field ? [{ ...field, line: null, position, number: shown, now: "", isNew: true, list: box.lists?.[0] }] : [];
  });
}

const ORDINAL: Readonly<Record<string, string>> = { other_payers: "other_payer", line_adjudications: "adjudication" };

/** The rows of a level that stand in a box. */
function rowsOf(box: Box, content: Content, level: string): { line: number | null; number: number | null }[] {
  if (box.level !== level) return [{ line: box.line, number: level === "other_payers" ? box.payer : level === "line_adjudications" ? box.decision : null }];
  if (level === "lines") return (content[level] ?? []).map((row) => ({ line: Number(row["line"]), number: Number(row["line"]) }));
  return (content[level] ?? [])
    .filter((row) => isListed(row, box.lists))
    .map((row, index) => ({ line: row["line"] === undefined || row["line"] === null ? null : Number(row["line"]), number: Number(row[ORDINAL[level] ?? "position"] ?? index + 1) }));
}

/** The claim as it would be with these values. */
export function withEdits(content: Content, edits: readonly Edit[], editable: ReadonlyMap<string, Editable>): Content {
  if (edits.length === 0) return content;
  const changed: Record<string, Record<string, unknown>[]> = {};
  for (const [level, rows] of Object.entries(content)) changed[level] = rows.map((row) => ({ ...row }));
  for (const edit of edits) {
    const level = editable.get(edit.field)?.level ?? "claims";
    let row = rowAt(changed, level, edit) as Record<string, unknown> | undefined;
    if (row === undefined) {
      if (edit.value === "" || !isNext(changed, level, edit)) continue;
      row = keysOf(level, edit);
      (changed[level] ??= []).push(row);
    }
    if (edit.value === "") delete row[edit.field];
    else row[edit.field] = edit.value;
  }
  return changed;
}

/** The edits after a cell's new value: none where it is what the claim has. */
export function withCell(edits: readonly Edit[], cell: Cell, value: string): Edit[] {
  const edit: Edit = { field: cell.field, line: cell.line, position: cell.position, value };
  const others = edits.filter((each) => !isSamePlace(each, edit));
  const changed = value === cell.now ? others : [...others, edit];
  return cell.list === undefined ? changed : withList(changed, cell, cell.list);
}

// The field that says which list a code of the form is of.
const LIST = "institutional_code_list";

/** With the list of a new row for as long as the row has another value. */
function withList(edits: readonly Edit[], cell: Cell, list: string): Edit[] {
  const own = (each: Edit): boolean => each.line === cell.line && each.position === cell.position;
  const rest = edits.filter((each) => !(own(each) && each.field === LIST));
  const isEmpty = !rest.some((each) => own(each) && each.field.startsWith("institutional_code") && each.value !== "");
  return isEmpty ? rest : [...rest, { field: LIST, line: cell.line, position: cell.position, value: list }];
}

// What nearly every further line has from the one before it.
const REPEATED = ["service_from_on", "service_to_on", "line_place_of_service", "diagnosis_pointer_1", "diagnosis_pointer_2", "diagnosis_pointer_3", "diagnosis_pointer_4", "line_rendering_npi"] as const;

/** The values with which a new service line begins: those of the last line that are usually the same, and one unit. */
export function newLine(content: Content, edits: readonly Edit[], editable: ReadonlyMap<string, Editable>): Edit[] {
  const now = withEdits(content, edits, editable);
  const line = nextNumber(now, "lines", null);
  const last = now["lines"]?.at(-1) ?? {};
  if (line === null) return [];
  const values: [string, unknown][] = [...REPEATED.map((field): [string, unknown] => [field, last[field]]), ["units", "1"]];
  return values.flatMap(([field, value]) => (editable.has(field) && value !== undefined && value !== null ? [{ field, line, position: null, value: String(value) }] : []));
}

/** The edits without those of lines that the claim did not come with. */
export function withoutNewLines(content: Content, edits: readonly Edit[], editable: ReadonlyMap<string, Editable>): Edit[] {
  const lines = content["lines"]?.length ?? 0;
  return edits.filter((each) => editable.get(each.field)?.level !== "lines" || (each.line ?? 0) <= lines);
}

// 005010X222A1, 005010X223A3 and 005010X224A2, 2000B and 2320 SBR01: the order of payment, and at most ten other payers.
const ORDERS = ["P", "S", "T", "A", "B", "C", "D", "E", "F", "G", "H"] as const;
export const MOST_PAYERS = 10;

/** The value with which a further payer begins: the first place in the order of payment that no payer of the claim has. */
export function newPayer(content: Content, edits: readonly Edit[], editable: ReadonlyMap<string, Editable>): Edit[] {
  const now = withEdits(content, edits, editable);
  const position = nextNumber(now, "other_payers", null);
  const taken = new Set([now["claims"]?.[0]?.["payer_responsibility"], ...(now["other_payers"] ?? []).map((row) => row["other_payer_responsibility"])]);
  const value = ORDERS.find((each) => !taken.has(each));
  if (position === null || position > MOST_PAYERS || value === undefined || !editable.has("other_payer_responsibility")) return [];
  return [{ field: "other_payer_responsibility", line: null, position, value }];
}

/** The edits without those of payers that the claim did not come with. */
export function withoutNewPayers(content: Content, edits: readonly Edit[], editable: ReadonlyMap<string, Editable>): Edit[] {
  const payers = content["other_payers"]?.length ?? 0;
  return edits.filter((each) => editable.get(each.field)?.level !== "other_payers" || (each.position ?? 0) <= payers);
}

/**
 * The values with which decisions of a payer begin, one for each line of which it has none: its number and day, and what
 * was billed. What it paid and adjusted is on its remittance.
 */
export function newDecisions(content: Content, edits: readonly Edit[], editable: ReadonlyMap<string, Editable>, payer: Content[string][number]): Edit[] {
  const now = withEdits(content, edits, editable);
  const decided = now["line_adjudications"] ?? [];
  const billed = [["paid_procedure", "procedure"], ["paid_modifier_1", "modifier_1"], ["paid_modifier_2", "modifier_2"], ["paid_modifier_3", "modifier_3"], ["paid_modifier_4", "modifier_4"], ["paid_revenue_code", "revenue_code"], ["paid_units", "units"]] as const;
  return (now["lines"] ?? []).flatMap((row) => {
    const line = Number(row["line"]);
    if (decided.some((each) => each["line"] === line && each["adjudication_payer_id"] === payer["other_payer_id"])) return [];
    const position = nextNumber(now, "line_adjudications", line);
    const values: [string, unknown][] = [
      ["adjudication_payer_id", payer["other_payer_id"]], ["line_paid_on", payer["other_payer_paid_on"]], ...billed.map(([field, from]): [string, unknown] => [field, row[from]]),
    ];
    return values.flatMap(([field, value]) => (editable.has(field) && value !== undefined && value !== null && value !== "" ? [{ field, line, position, value: String(value) }] : []));
  });
}

/** The edits without those of decisions that the claim did not come with. */
export function withoutNewDecisions(content: Content, edits: readonly Edit[], editable: ReadonlyMap<string, Editable>): Edit[] {
  return edits.filter((each) => editable.get(each.field)?.level !== "line_adjudications" || rowAt(content, "line_adjudications", each) !== undefined);
}

/** What the lines add up to in cents, where the claim's total says something else; null where they agree. */
export function otherTotal(content: Content): number | null {
  const charges = (content["lines"] ?? []).map((row) => Number(row["line_charge"] ?? 0));
  const total = Number(content["claims"]?.[0]?.["total_charge"] ?? Number.NaN);
  const sum = charges.reduce((all, each) => all + Math.round(each * 100), 0);
  return Number.isFinite(total) && Number.isFinite(sum) && sum !== Math.round(total * 100) ? sum : null;
}

/** What stands in a cell: what was typed, or what the claim has. */
export function valueIn(edits: readonly Edit[], cell: Cell): string {
  return edits.find((each) => isSamePlace(each, { ...cell, value: "" }))?.value ?? cell.now;
}
