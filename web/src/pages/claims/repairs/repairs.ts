/** What could be done about a claim, as the server proposes it, and what a person wants done. */

import { useCallback, useEffect, useState } from "react";
import { api, dataOf, type Schemas } from "../../../api/client";
import type { Opened } from "../opened";

export type Proposals = Schemas["Proposals"];
export type Tried = Schemas["ShownTrial"];
/** A value that somebody typed; the empty text removes the field. */
export type Edit = { field: string; line: number | null; position: number | null; value: string };

export type Wanted = { rules: readonly string[]; edits: readonly Edit[] };

export function bodyOf({ rules, edits }: Wanted) {
  return { rules: [...rules], edits: edits.map((edit) => ({ ...edit, value: edit.value === "" ? null : edit.value })) };
}

/** The same place of the claim, whatever its value. */
export function isSamePlace(a: Edit, b: Edit): boolean {
  return a.field === b.field && a.line === b.line && a.position === b.position;
}

/** The edits with one more; a later value for the same place takes the earlier one's. */
export function withEdit(edits: readonly Edit[], edit: Edit): Edit[] {
  return [...edits.filter((each) => !isSamePlace(each, edit)), edit];
}

/** What an opened claim has at a place now: for the value that an edit replaces. */
export function valueAt(opened: Opened, level: string, { field, line, position }: Omit<Edit, "value">): string {
  const rows = opened.shown.content[level] ?? [];
  const row = rows.find((each) => (line === null || each["line"] === line) && (position === null || each["position"] === position));
  const value = row?.[field];
  return value === undefined || value === null ? "" : String(value);
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
    setProblem(null);
    try {
      setProposals(
        dataOf(
          await api.POST("/api/v1/claims/{claim_key}/repairs", {
            params: { path: { claim_key: claimKey } }, body: { reason, break_glass: brokeGlass },
          }),
        ),
      );
    } catch (error) {
      setProblem(error);
    }
  }, [claimKey, reason, brokeGlass]);
  useEffect(() => {
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
