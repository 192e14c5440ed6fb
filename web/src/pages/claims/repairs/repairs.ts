/** What could be done about a claim, as the server proposes it, and what a person wants done. */

import { useCallback, useEffect, useRef, useState } from "react";
import { api, dataOf, type Schemas } from "../../../api/client";
import { day, isoOf } from "../../../ui/format";
import type { Opened } from "../opened";

export type Proposals = Schemas["Proposals"];
export type Tried = Schemas["ShownTrial"];
/** A value that somebody typed; the empty text removes the field. */
export type Edit = { field: string; line: number | null; position: number | null; value: string };

/** `removed` are service lines that leave, by the numbers that they have now. */
export type Wanted = { rules: readonly string[]; edits: readonly Edit[]; removed: readonly number[] };

export function bodyOf({ rules, edits, removed }: Wanted) {
  return { rules: [...rules], removed_lines: [...removed], edits: edits.map((edit) => ({ ...edit, value: edit.value === "" ? null : edit.value })) };
}

/** The same place of the claim, whatever its value. */
export function isSamePlace(a: Edit, b: Edit): boolean {
  return a.field === b.field && a.line === b.line && a.position === b.position;
}

/** The edits with one more; a later value for the same place takes the earlier one's. */
export function withEdit(edits: readonly Edit[], edit: Edit): Edit[] {
  return [...edits.filter((each) => !isSamePlace(each, edit)), edit];
}

export type Place = Pick<Edit, "line" | "position">;

// What tells the rows of a level apart, as on the server (domain/claim_changes.py).
const WITH_LINES: ReadonlySet<string> = new Set(["lines", "line_adjudications", "attachments", "notes", "certifications", "teeth"]);
const ORDINALS: Readonly<Record<string, string>> = {
  diagnoses: "position", procedures: "position", institutional_codes: "position", other_payers: "other_payer", line_adjudications: "adjudication",
  attachments: "position", notes: "position", certifications: "position", teeth: "position",
};

/** Whether a level's rows have a line, and whether they are numbered; of lines and of decisions every row has one, of others some have. */
export function askedOf(level: string): { line: "always" | "maybe" | "never"; number: boolean } {
  return { line: level === "lines" || level === "line_adjudications" ? "always" : WITH_LINES.has(level) ? "maybe" : "never", number: level in ORDINALS };
}

/** The place that a person means by a line and a number: what their level does not have is left out. */
export function placeOf(level: string, line: number | null, number: number): Place {
  return { line: WITH_LINES.has(level) ? line : null, position: level in ORDINALS ? number : null };
}

export type Content = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** The row of an opened claim at a place; undefined where it has none. A level of one row has it even if it says nothing. */
export function rowAt(content: Content, level: string, { line, position }: Place): Readonly<Record<string, unknown>> | undefined {
  const rows = content[level] ?? [];
  if (!WITH_LINES.has(level) && !(level in ORDINALS)) return rows[0] ?? {};
  const ordinal = ORDINALS[level] ?? "";
  // Rows say only what they have: one of the whole claim has no line.
  return rows.find((row) => (!WITH_LINES.has(level) || (row["line"] ?? null) === line) && (position === null || row[ordinal] === position));
}

// Levels that take a new row after their last one, as on the server (domain/new_rows.py).
const GROWING: ReadonlySet<string> = new Set(["lines", "diagnoses", "procedures", "institutional_codes", "other_payers", "line_adjudications", "attachments", "notes", "certifications", "teeth"]);

/** The number of the row that can be added to a level, of a line or of the claim; null where none can. */
export function nextNumber(content: Content, level: string, line: number | null): number | null {
  if (!GROWING.has(level)) return null;
  const rows = content[level] ?? [];
  if (level === "lines") return rows.length + 1;
  const same = rows.filter((row) => !WITH_LINES.has(level) || (row["line"] ?? null) === line);
  return Math.max(0, ...same.map((row) => Number(row[ORDINALS[level] ?? "position"] ?? 0))) + 1;
}

/** Whether a place is that of the next row, which a value adds. */
export function isNext(content: Content, level: string, { line, position }: Place): boolean {
  return nextNumber(content, level, line) === (level === "lines" ? line : position);
}

/** The keys of a new row. */
export function keysOf(level: string, { line, position }: Place): Record<string, number> {
  return { ...(WITH_LINES.has(level) && line !== null ? { line } : {}), ...(level in ORDINALS && position !== null ? { [ORDINALS[level] ?? "position"]: position } : {}) };
}

/** What an opened claim has at a place now: the value that an edit replaces. */
export function valueAt(content: Content, level: string, { field, line, position }: Omit<Edit, "value">): string {
  const value = rowAt(content, level, { line, position })?.[field];
  return value === undefined || value === null ? "" : String(value);
}

/** A value of a claim as a person reads it: dates as people in the field write them. */
export function shownValue(kind: string | undefined, value: string): string {
  return kind === "date" ? day(value) || value : value;
}

const AMOUNT = /^-?\$?(\d+|\d{1,3}(,\d{3})+)(\.\d{1,2})?$/;

/** What a person typed, as the claim has it; null where it is not what the field wants. Amounts may be $1,250.00. */
export function typedValue(kind: string | undefined, typed: string): string | null {
  const value = typed.trim();
  if (value === "") return value;
  if (kind === "US dollars") return AMOUNT.test(value) ? value.replace(/[$,]/g, "") : null;
  return kind === "date" ? isoOf(value) : value;
}

/** What to type instead of a value that a field can't have. */
export function typedHint(kind: string | undefined): string {
  return kind === "US dollars" ? "Write it as 125.00" : "Write it as MM/DD/YYYY";
}

/**
 * Proposals for an opened claim, held by the component alone since they have values of the patient. Loading them anew
 * leaves what was typed as it is.
 */
export function useProposals(claimKey: number, opened: Opened) {
  const [proposals, setProposals] = useState<Proposals | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const path = { claim_key: claimKey };
  const { reason, brokeGlass } = opened;

  const load = useCallback(async () => {
    try {
      setProposals(
        dataOf(
          await api.POST("/api/v1/claims/{claim_key}/repairs", {
            params: { path: { claim_key: claimKey } }, body: { reason, break_glass: brokeGlass },
          }),
        ),
      );
      setProblem(null);
    } catch (error) {
      setProblem(error);
    }
  }, [claimKey, reason, brokeGlass]);
  // Once for each opening: effects begin again when a tab is shown again.
  const asked = useRef<typeof load>(undefined);
  useEffect(() => {
    if (asked.current === load) return;
    asked.current = load;
    void load();
  }, [load]);

  async function attempt(wanted: Wanted): Promise<Tried> {
    return dataOf(
      await api.POST("/api/v1/claims/{claim_key}/repairs/trial", {
        params: { path }, body: { reason, break_glass: brokeGlass, ...bodyOf(wanted) },
      }),
    );
  }
  async function correct(wanted: Wanted, why: string, force: boolean): Promise<Schemas["Corrected"]> {
    return dataOf(
      await api.POST("/api/v1/claims/{claim_key}/corrections", {
        params: { path, header: { "if-match": `"${proposals?.etag ?? ""}"` } },
        body: { reason: why, break_glass: brokeGlass, force, ...bodyOf(wanted) },
      }),
    );
  }
  return { proposals, problem, load, attempt, correct };
}
