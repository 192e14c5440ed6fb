/** Records of the audit log as rows of a table, and as rows of a file. */

import type { Schemas } from "../../api/client";
import type { Cell } from "../../ui/csv";

export type Row = {
  sequence: number; at: string; actor: string; action: string; subject: string; purpose: string; origin: string;
  correlation: string; reason: string; detail: Record<string, unknown>;
};

const text = (value: unknown): string => (typeof value === "string" ? value : "");

export function rowOf(record: Schemas["AuditRecord"]): Row {
  const { content } = record;
  const given = content["detail"];
  const detail = typeof given === "object" && given !== null ? { ...(given as Record<string, unknown>) } : {};
  return {
    sequence: record.sequence, at: record.at, actor: text(content["actor"]), action: text(content["action"]),
    subject: text(content["subject"]), purpose: text(content["purpose"]), origin: text(content["origin"]),
    correlation: text(content["correlation_id"]), reason: text(detail["reason"]) || refusalOf(text(content["action"]), detail), detail,
  };
}

// What was refused and why, by the codes of the API and of work items.
const REFUSED: Readonly<Record<string, string>> = {
  not_permitted: "not permitted", forged_request: "without the token of the session", too_many_requests: "more requests than allowed",
  not_found: "nothing there that they may see", changed_meanwhile: "changed since it was read", unusable_input: "the file can't be used",
  too_large: "the file is too large",
};

/** Why something was refused; the empty text of what was not. */
function refusalOf(action: string, detail: Readonly<Record<string, unknown>>): string {
  if (!action.endsWith("refused")) return "";
  const codes = [detail["reason_code"]].flat().map(text).filter(Boolean);
  return codes.length > 0 ? `Refused: ${codes.map((code) => REFUSED[code] ?? code.replaceAll("_", " ")).join(", ")}` : "";
}

/** "user:7" with the name of the account beside it, where the names may be read. */
export function whoIs(actor: string, names: ReadonlyMap<number, string>): string {
  const [kind, number] = actor.split(":");
  const name = kind === "user" ? names.get(Number(number)) : undefined;
  return name ? `${name} (${actor})` : actor;
}

/** Where a subject can be looked at: "claim:991" is a claim. */
export function subjectLink(subject: string): { to: "/claims/$claimKey" | "/operations/$runId" | "/models/$modelId" | "/files/$fileId"; key: string } | null {
  const match = /^(claim|run|model|file):([A-Za-z0-9-]+)/.exec(subject);
  if (!match) return null;
  const key = match[2] ?? "";
  if (match[1] === "claim") return { to: "/claims/$claimKey", key };
  if (match[1] === "run") return { to: "/operations/$runId", key };
  return match[1] === "model" ? { to: "/models/$modelId", key } : { to: "/files/$fileId", key };
}

export const CSV_HEADINGS = ["number", "at", "who", "action", "subject", "purpose", "origin", "reason", "request", "detail"] as const;

export function csvRow(row: Row, names: ReadonlyMap<number, string>): Cell[] {
  return [
    row.sequence, row.at, whoIs(row.actor, names), row.action, row.subject, row.purpose, row.origin, row.reason,
    row.correlation, JSON.stringify(row.detail),
  ];
}

/** From a day to the day after the last, in the person's own time zone, as instants. */
export function spanOf(from: string | undefined, to: string | undefined): { since?: string; until?: string } {
  const start = from ? new Date(`${from}T00:00:00`) : null;
  const end = to ? new Date(`${to}T00:00:00`) : null;
  end?.setDate(end.getDate() + 1);
  return {
    ...(start && !Number.isNaN(start.getTime()) ? { since: start.toISOString() } : {}),
    ...(end && !Number.isNaN(end.getTime()) ? { until: end.toISOString() } : {}),
  };
}
