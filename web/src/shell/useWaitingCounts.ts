/** How much waits for a run, for a worker and for a person: the badges of the rail, and Operations. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf } from "../api/client";

/** Open items of the work queue. */
export function useOpenItems(enabled: boolean) {
  return useQuery({
    queryKey: ["queue-open"], meta: { live: true }, enabled,
    queryFn: async () => dataOf(await api.GET("/api/v1/queue", { params: { query: { limit: 1 } } })).total,
  });
}

export function useWaitingCounts(enabled = true) {
  return useQuery({ queryKey: ["waiting"], meta: { live: true }, enabled, queryFn: async () => dataOf(await api.GET("/api/v1/runs/waiting")) });
}
