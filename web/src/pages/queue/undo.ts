/** What takes an act back. What sent a claim or gave it away has no undo: others may have acted on it. */

import type { Act, ActResult, Item } from "./queue";

/** The act that takes another one back; null where nothing can. */
export function undoOf(wanted: Act, items: readonly Item[], result: ActResult): Act | null {
  const read = items.map((item) => ({ item_id: item.item_id }));
  if (wanted.act === "snooze") return { act: "snooze", items: read, until: null };
  if (wanted.act === "assign") {
    const before = new Set(items.map((item) => item.assignee_id));
    const [only] = before;
    return before.size === 1 ? { act: "assign", items: read, to: only ?? null } : null;
  }
  // What was resolved before it was reopened is resolved again; where that takes an approval, it waits for it.
  if (wanted.act === "reopen") {
    const wereResolved = items.every((item) => item.outcome === "resolved");
    return wereResolved && result.done.length ? { act: "resolve", items: read, reason: "Taken back: reopened by mistake" } : null;
  }
  if (wanted.act !== "resolve" && wanted.act !== "close") return null;
  // An item that only waits for an approval is taken up again, which ends the proposal.
  if (result.done.length === 0) return result.proposed.length ? { act: "start", items: read } : null;
  if (result.proposed.length) return null;
  return { act: "reopen", items: read, reason: `Taken back: ${wanted.act === "close" ? "closed" : "marked as resolved"} by mistake` };
}
