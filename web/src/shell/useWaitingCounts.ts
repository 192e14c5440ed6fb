/** How much waits for a run, for a worker and for a person: the badges of the rail, and Operations. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf } from "../api/client";

// As the server counts them: that there is work says more than how many thousands.
const MOST = 1_000;

/** What waits for the person, by section; nothing for somebody who may only look. */
export function useBadges(): Record<string, string> {
  const { data } = useQuery({
    queryKey: ["own-waiting"], meta: { live: true }, queryFn: async () => dataOf(await api.GET("/api/v1/own/waiting")),
  });
  return { "/queue": badge(data?.items), "/operations": badge(data?.dead_letters) };
}

/** A number beside a name: empty for none, "999+" for more than fit. */
export function badge(number: number | null | undefined): string {
  if (!number) return "";
  return number < MOST ? String(number) : `${MOST - 1}+`;
}

export function useWaitingCounts() {
  return useQuery({ queryKey: ["waiting"], meta: { live: true }, queryFn: async () => dataOf(await api.GET("/api/v1/runs/waiting")) });
}
