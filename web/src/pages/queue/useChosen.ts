/** The items that are selected: single ones, or all that match the filters, also those that no page has brought yet. */

import { useMemo, useState } from "react";
import { api, dataOf } from "../../api/client";
import type { Item } from "./queue";

/** What one act takes (features/review, MOST_ITEMS). */
export const MOST_CHOSEN = 10_000;
const PER_PAGE = 1_000;

export type Chosen = {
  items: readonly Item[];
  ids: ReadonlySet<string | number>;
  toggle: (row: Item) => void;
  keep: (ids: readonly number[]) => void;
  clear: () => void;
  /** Select all that match, up to `MOST_CHOSEN`, in the order of the list. */
  all: (filters: Readonly<Record<string, string | string[]>>, sort: string) => Promise<void>;
  busy: boolean;
};

const NOTHING: ReadonlyMap<number, Item> = new Map();

/**
 * @param rows that are listed now: of a selected item, what is known there is newer
 * @param list which list it is: with other filters nothing is selected, so that no act is done to what is not shown
 */
export function useChosen(rows: readonly Item[], list: string): Chosen {
  const [chosen, setChosen] = useState(NOTHING);
  const [busy, setBusy] = useState(false);
  const [shownList, setShownList] = useState(list);
  if (shownList !== list) {
    setShownList(list);
    setChosen(NOTHING);
  }
  const items = useMemo(() => newest(chosen, rows), [chosen, rows]);
  return {
    items, busy,
    ids: useMemo(() => new Set(chosen.keys()), [chosen]),
    toggle: (row) =>
      setChosen((before) => {
        const next = new Map(before);
        if (!next.delete(row.item_id)) next.set(row.item_id, row);
        return next;
      }),
    keep: (ids) => setChosen((before) => new Map([...before].filter(([id]) => ids.includes(id)))),
    clear: () => setChosen(NOTHING),
    all: async (filters, sort) => {
      setBusy(true);
      try {
        setChosen(await everyItem(filters, sort));
      } finally {
        setBusy(false);
      }
    },
  };
}

/** The selected items, each as it is listed now where it is listed. */
export function newest(chosen: ReadonlyMap<number, Item>, rows: readonly Item[]): Item[] {
  if (chosen.size === 0) return [];
  const listed = new Map(rows.filter((row) => chosen.has(row.item_id)).map((row) => [row.item_id, row]));
  return [...chosen.values()].map((item) => listed.get(item.item_id) ?? item);
}

async function everyItem(filters: Readonly<Record<string, string | string[]>>, sort: string): Promise<Map<number, Item>> {
  const found = new Map<number, Item>();
  let cursor: string | null = null;
  do {
    const query: Record<string, string | number | string[]> = { ...filters, sort, limit: PER_PAGE, ...(cursor ? { cursor } : {}) };
    const page = dataOf(await api.GET("/api/v1/queue", { params: { query } }));
    for (const item of page.items) if (found.size < MOST_CHOSEN) found.set(item.item_id, item);
    cursor = page.next;
  } while (cursor !== null && found.size < MOST_CHOSEN);
  return found;
}
