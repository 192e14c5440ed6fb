/** What the audit page reads: records, names of accounts, alerts. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { useList } from "../../ui/useList";
import { rowOf } from "./records";

const PAGE = 200;
export type Asked = { actor?: string; action?: string; subject?: string; since?: string; until?: string };

export function useRecords(asked: Asked) {
  const list = useList<Schemas["AuditRecord"]>(
    ["audit", asked],
    async (cursor) => {
      const query = { ...asked, limit: PAGE, ...(cursor ? { cursor } : {}) };
      return dataOf(await api.GET("/api/v1/audit", { params: { query } }));
    },
    { live: false },
  );
  const rows = useMemo(() => list.rows.map(rowOf), [list.rows]);
  return { query: list.query, rows };
}

/** Names of accounts by number, for those who may read them. */
export function useNames(): ReadonlyMap<number, string> {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ["account-names"], enabled: may("accounts.read"), staleTime: 60_000,
    queryFn: async () => {
      const found = new Map<number, string>();
      let cursor: string | null = null;
      do {
        const page: { items: Schemas["Account"][]; next: string | null } = dataOf(
          await api.GET("/api/v1/accounts", { params: { query: { limit: 1_000, ...(cursor ? { cursor } : {}) } } }),
        );
        for (const each of page.items) found.set(each.account_id, each.name);
        cursor = page.next;
      } while (cursor);
      return found;
    },
  });
  return data ?? NOBODY;
}

const NOBODY: ReadonlyMap<number, string> = new Map();
