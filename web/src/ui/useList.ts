/** A list that is fetched page by page: the server filters and sorts, a cursor leads to the next page. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

export type ListPage<T> = { items: T[]; next: string | null };

// While the server still brings rows in.
const AGAIN_MS = 3_000;

/**
 * @param name of the list, and whatever its pages depend on
 * @param fetchPage fetches the page of a cursor; undefined is the first
 * @param live whether an event of the server makes it be fetched anew
 * @param grows whether a first page says that further rows are on their way
 */
export function useList<T, P extends ListPage<T> = ListPage<T>>(
  name: readonly unknown[],
  fetchPage: (cursor: string | undefined) => Promise<P>,
  { live = true, enabled = true, grows }: { live?: boolean; enabled?: boolean; grows?: (first: P) => boolean } = {},
) {
  const query = useInfiniteQuery({
    queryKey: name, enabled, meta: { live },
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
    refetchInterval: ({ state }) => (state.data?.pages[0] && grows?.(state.data.pages[0]) ? AGAIN_MS : false),
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { query, rows, first: query.data?.pages[0] };
}
