/** Whether the parts respond, runs, dead letters. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf, demandSuccess } from "../../api/client";

export type Health = { status: string; checks: Record<string, string> };

export function useHealth() {
  return useQuery({
    queryKey: ["health"], refetchInterval: 30_000,
    queryFn: async (): Promise<Health> => {
      const answer = await fetch("/health/ready");
      // 503 has the same content: which check fails.
      if (answer.status !== 503) await demandSuccess(answer);
      return (await answer.json()) as Health;
    },
  });
}

export function useRuns() {
  return useQuery({
    queryKey: ["runs"], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/runs", { params: { query: { limit: 200 } } })).items,
  });
}

export function useDeadLetters(enabled: boolean) {
  return useQuery({
    queryKey: ["dead-letters"], meta: { live: true }, enabled,
    queryFn: async () => dataOf(await api.GET("/api/v1/dead-letters", { params: { query: { limit: 1_000 } } })).items,
  });
}
