/** Editing in the boxes of a form: which values a box has, and what the claim says with values that are typed and not saved. */

import { type Edit, isSamePlace, placeOf, type Proposals, rowAt, valueAt } from "../repairs/repairs";
import { type Box, type Content, isListed } from "./boxes";

type Editable = Proposals["editable"][number];
/** A value of a box that a person may change, and where it is; `number` tells rows apart that stand in one box. */
export type Cell = Editable & Pick<Edit, "line" | "position"> & { now: string; number: number | null };

/** The values of a box that may be changed. Of a field with alternatives it is the one that has a value, or the first. */
export function cellsOf(box: Box, content: Content, editable: ReadonlyMap<string, Editable>): Cell[] {
  return box.fields.split(/\s+/).flatMap((alternatives) => {
    const names = alternatives.split("|");
    const field = editable.get(names.find((name) => box.held.includes(name)) ?? names.find((name) => editable.has(name)) ?? "");
    if (!field) return [];
    return rowsOf(box, content, field.level).flatMap(({ line, number }) => {
      const place = placeOf(field.level, line, number ?? 1);
      if (rowAt(content, field.level, place) === undefined) return [];
      return [{ ...field, ...place, number, now: valueAt(content, field.level, { field: field.field, ...place }) }];
    });
  });
}

const ORDINAL: Readonly<Record<string, string>> = { other_payers: "other_payer" };

/** The rows of a level that stand in a box. */
function rowsOf(box: Box, content: Content, level: string): { line: number | null; number: number | null }[] {
  if (box.level !== level) return [{ line: box.line, number: null }];
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
    const row = rowAt(changed, level, edit) as Record<string, unknown> | undefined;
    if (row === undefined) continue;
    if (edit.value === "") delete row[edit.field];
    else row[edit.field] = edit.value;
  }
  return changed;
}

/** The edits after a cell's new value: none where it is what the claim has. */
export function withCell(edits: readonly Edit[], cell: Cell, value: string): Edit[] {
  const edit: Edit = { field: cell.field, line: cell.line, position: cell.position, value };
  const others = edits.filter((each) => !isSamePlace(each, edit));
  return value === cell.now ? others : [...others, edit];
}

/** What stands in a cell: what was typed, or what the claim has. */
export function valueIn(edits: readonly Edit[], cell: Cell): string {
  return edits.find((each) => isSamePlace(each, { ...cell, value: "" }))?.value ?? cell.now;
}
