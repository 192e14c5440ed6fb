/** The queue's requests: what is listed, what is done, and what the address says of both. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, dataOf, type Schemas } from "../../api/client";
import { count } from "../../ui/format";
import type { Search } from "../../ui/search";
import type { Scope } from "../../shell/scope";

export type Item = Schemas["ShownItem"];
export type Act = Schemas["ActWanted"];
export type ActResult = Required<Schemas["ActResult"]>;

export const KINDS: Record<string, string> = {
  claim_review: "Claim in review",
  dead_letter: "Could not be processed",
  rejection: "Rejected by the payer",
  denial: "Denied",
  unmatched_answer: "Unmatched remittance",
};
export const STATES = [
  "new", "triaged", "in_progress", "repaired", "awaiting_approval", "reopened", "resubmitted", "verified", "closed",
] as const;
export const PRIORITIES = ["high", "normal", "low"] as const;
export const SORTS = ["priority", "stake", "due", "age"] as const;

/** A view that people come back to: what it sets in the address. */
export const VIEWS: readonly { name: string; search: Search }[] = [
  { name: "All open", search: {} },
  { name: "Mine", search: { assignee: "me" } },
  { name: "Unassigned", search: { assignee: "nobody" } },
  { name: "High priority", search: { priority: "high" } },
  { name: "Awaiting approval", search: { state: "awaiting_approval" } },
  { name: "For me to read", search: { mentions: "me" } },
  { name: "Snoozed", search: { snoozed: "only" } },
  { name: "Closed", search: { state: "closed,verified,resubmitted" } },
];
export const FILTERS = [
  "kind", "category", "priority", "state", "assignee", "due_before", "opened_from", "opened_to",
  "snoozed", "mentions",
] as const;
const SEVERAL = new Set(["kind", "category", "priority", "state"]);

/** The filters of the address as the API takes them, within the scope of the top bar; days of the list's own go before it. */
export function filtersOf(search: Search, { facility, days }: Pick<Scope, "facility" | "days">): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  if (facility) found["facility"] = [facility];
  if (days) Object.assign(found, { opened_from: days.from, opened_to: days.to });
  for (const name of FILTERS) {
    const value = search[name];
    if (value === undefined || value === "") continue;
    found[name] = SEVERAL.has(name) ? String(value).split(",") : String(value);
  }
  return found;
}

/** Several values of a filter in one word of the address, and back. */
export function split(value: string | number | undefined): string[] {
  return value === undefined || value === "" ? [] : String(value).split(",");
}

export function joined(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(",");
}

/** The act that resubmits what an item is about, by its kind. */
export function resubmission(item: Item): Act["act"] {
  if (item.kind === "claim_review") return "release";
  return item.kind === "dead_letter" ? "retry" : "resubmit";
}

/** What people call an item: by its claim, where it has one. */
export function nameOf(item: Pick<Item, "claim_key" | "kind"> | undefined): string {
  if (!item) return "One item";
  return item.claim_key === null ? (KINDS[item.kind] ?? "One item") : `Claim ${item.claim_key}`;
}

const NOT_MEANWHILE: ReadonlySet<Act["act"]> = new Set(["resolve", "release", "return", "retry", "discard", "resubmit", "appeal", "propose", "decide"]);

/** Whether an act has to wait until somebody has decided what was proposed for the item. */
export function waitsFor(item: Pick<Item, "state">, act: Act["act"]): boolean {
  return item.state === "awaiting_approval" && NOT_MEANWHILE.has(act);
}

/** What an answer to an act says in one line. */
export function told(result: ActResult): string {
  const parts = [
    result.done.length ? `${count(result.done.length)} done` : "",
    result.proposed.length ? `${count(result.proposed.length)} wait for another person's approval` : "",
    result.refused.length ? `${count(result.refused.length)} refused` : "",
  ];
  return parts.filter(Boolean).join(", ") || "Nothing changed";
}

/** Why items were refused, each reason once with the items that it is about, the most frequent first. */
export function refusals(result: Pick<ActResult, "refused">): { why: string; ids: number[] }[] {
  const found = new Map<string, number[]>();
  for (const each of result.refused) found.set(each.why, [...(found.get(each.why) ?? []), each.item_id]);
  return [...found].map(([why, ids]) => ({ why, ids })).sort((one, other) => other.ids.length - one.ids.length);
}

/** Do something with items; lists are fetched anew after it. */
export function useAct() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ wanted, key }: { wanted: Act; key: string }) =>
      dataOf(await api.POST("/api/v1/queue/acts", { body: wanted, headers: { "Idempotency-Key": key } })) as ActResult,
    // Lists are fetched anew in the background: the next item need not wait for them.
    onSettled: () => void queries.invalidateQueries({ predicate: (query) => query.meta?.["live"] === true }),
  });
}
