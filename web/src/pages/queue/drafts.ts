/**
 * Notes that somebody has begun, by item. They are in memory above the pages: the cursor, or the person, goes
 * elsewhere and comes back. Signing out forgets them, as does another person who signs in (the page is loaded anew).
 */

import { useCallback, useSyncExternalStore } from "react";
import { newKey } from "../../api/client";

/** @property key with which the note is kept once, though it may be sent again */
export type Draft = { text: string; mentions: readonly number[]; key: string };

let drafts: ReadonlyMap<number, Draft> = new Map();
const listeners = new Set<() => void>();

export function draftOf(itemId: number): Draft | undefined {
  return drafts.get(itemId);
}

/** Change a draft, or begin it; one that says nothing is none. */
export function changeDraft(itemId: number, changes: Partial<Draft>): void {
  const before = drafts.get(itemId) ?? { text: "", mentions: [], key: newKey() };
  keep(itemId, { ...before, ...changes });
}

/** The draft was kept as a note. What was typed meanwhile is a note of its own. */
export function keptDraft(itemId: number, sent: Draft): void {
  const now = drafts.get(itemId);
  if (!now) return;
  keep(itemId, now.text === sent.text ? null : { ...now, mentions: now.mentions.filter((each) => !sent.mentions.includes(each)), key: newKey() });
}

export function forgetDrafts(): void {
  drafts = new Map();
  tell();
}

function keep(itemId: number, draft: Draft | null): void {
  const next = new Map(drafts);
  if (draft && (draft.text !== "" || draft.mentions.length > 0)) next.set(itemId, draft);
  else next.delete(itemId);
  drafts = next;
  tell();
}

function tell(): void {
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The draft of an item. */
export function useDraft(itemId: number): Draft | undefined {
  return useSyncExternalStore(listen, useCallback(() => draftOf(itemId), [itemId]));
}
