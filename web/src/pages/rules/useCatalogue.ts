/** What the pages of rules read: the rulebook, counts of findings, what findings foretold, waivers. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { useList } from "../../ui/useList";
import { entriesOf } from "./catalogue";

export function useCatalogue() {
  const may = useMay();
  const rules = useQuery({ queryKey: ["rules"], staleTime: Infinity, queryFn: async () => dataOf(await api.GET("/api/v1/rules")) });
  const counts = useQuery({
    queryKey: ["finding-counts"], meta: { live: true }, enabled: may("findings.list"),
    queryFn: async () => dataOf(await api.GET("/api/v1/findings/counts")),
  });
  const values = useQuery({
    queryKey: ["rule-value"], enabled: may("denials.list"), staleTime: 60_000,
    queryFn: async () => dataOf(await api.GET("/api/v1/denials/rule-value")),
  });
  const entries = useMemo(
    () => entriesOf(rules.data ?? [], counts.data ?? [], values.data ?? []),
    [rules.data, counts.data, values.data],
  );
  return { rules, counts, values, entries };
}

export function useWaivers(enabled: boolean) {
  return useList<Schemas["StoredWaiver"]>(["waivers"], async (cursor) =>
    dataOf(await api.GET("/api/v1/waivers", { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } } })),
    { enabled, live: false },
  );
}
