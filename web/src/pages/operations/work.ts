/** What operations show of runs, dead letters and events; without React, so that it is tested. */

import type { Schemas } from "../../api/client";

type Chunk = Schemas["ChunkView"];
type Run = Schemas["VisibleRun"];

const STAGES = ["fetch", "read", "check", "predict", "route", "write"];

/** Seconds by stage over all chunks, in the order of the work. */
export function stagesOf(chunks: readonly Chunk[]): { stage: string; seconds: number; share: number }[] {
  const sums = new Map<string, number>();
  for (const chunk of chunks)
    for (const [stage, seconds] of Object.entries(chunk.seconds)) sums.set(stage, (sums.get(stage) ?? 0) + seconds);
  const total = [...sums.values()].reduce((sum, each) => sum + each, 0);
  const place = (stage: string): number => (STAGES.indexOf(stage) + 1 || STAGES.length + 1);
  return [...sums]
    .sort(([a], [b]) => place(a) - place(b))
    .map(([stage, seconds]) => ({ stage, seconds, share: total > 0 ? seconds / total : 0 }));
}

/** Claims a second, and the seconds left while a run goes on. */
export function paceOf(run: Run, now: number): { perSecond: number | null; secondsLeft: number | null } {
  const end = run.finished_at ? Date.parse(run.finished_at) : now;
  const seconds = (end - Date.parse(run.started_at)) / 1_000;
  if (!(seconds > 0) || !run.claims) return { perSecond: null, secondsLeft: null };
  const perSecond = run.claims / seconds;
  return { perSecond, secondsLeft: run.finished_at ? null : Math.max(0, (run.planned ?? 0) - run.claims) / perSecond };
}

/** Seconds as "48 s", "3 min", "2.1 h". */
export function duration(seconds: number | null): string {
  if (seconds === null) return "";
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}

/** What to do about a dead letter, by the class of its failure. */
export function adviceOf(reason: string): string {
  if (/seal|decrypt/i.test(reason)) return "The record does not open: its data key is missing, or the row was changed. Restore the key, then retry.";
  if (/crash/i.test(reason)) return "Processing ended its worker, usually for want of memory. Retry on a machine with more memory; report it if it comes back.";
  if (/breaker|timeout|connection|unavailable/i.test(reason)) return "A part that the work needs was away. See Health; retry when it is back.";
  return "The claim could not be read or checked. Retry once; if it comes back, report it with this class of failure, and discard the letter when the claim was handled in another way.";
}

/** The class of a failure in words: "PhiSealError" is "Its record does not open". */
export function causeOf(reason: string): string {
  if (/seal/i.test(reason)) return "Its record does not open";
  if (/crash/i.test(reason)) return "Its worker crashed";
  const text = reason.replace(/(Error|Exception)$/, "").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The next letter that waits, after those that were decided on are gone. */
export function nextAfter(rows: readonly { claim_key: number; state: string }[], at: number | null, decided: readonly number[]): number | undefined {
  const from = Math.max(0, rows.findIndex((row) => row.claim_key === at));
  const waits = (row: { claim_key: number; state: string }): boolean => row.state === "dead" && !decided.includes(row.claim_key);
  return (rows.slice(from).find(waits) ?? rows.slice(0, from).reverse().find(waits))?.claim_key;
}

/** Counts of an event's data, without its keys and ids. */
export function countsOf(data: unknown): string {
  if (typeof data !== "object" || data === null) return "";
  return Object.entries(data)
    .filter(([name, value]) => typeof value === "number" && !/(_id|_key|_cents|position)$/.test(name))
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${String(value)}`)
    .join(", ");
}
