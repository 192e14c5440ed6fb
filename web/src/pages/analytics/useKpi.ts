/** A figure of the API for the facility and the period of the top bar; without a period, the last 90 days. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client";
import { daysOf, type Scope } from "../../shell/scope";
import type { Chart, Kpi } from "./views";

export const USUAL = "90d";

export function daysAsked(scope: Scope): { from: string; to: string } {
  return scope.days ?? daysOf(USUAL) ?? { from: "", to: "" };
}

export function facilityOf(scope: Scope): string[] {
  return scope.facility ? [`facility:${scope.facility}`] : [];
}

export function useKpi(scope: Scope, chart: Pick<Chart, "kpi" | "by">, more: { compare?: boolean; interval?: "day" | "month" | undefined } = {}) {
  const days = daysAsked(scope);
  return useQuery({
    queryKey: ["kpi", chart.kpi, chart.by, more.compare, more.interval, scope.facility, days.from, days.to], staleTime: 60_000,
    queryFn: async (): Promise<Kpi> =>
      dataOf(
        await api.GET("/api/v1/analytics/kpis/{name}", {
          params: {
            path: { name: chart.kpi },
            query: {
              ...days, where: facilityOf(scope), group_by: chart.by ? [chart.by] : [],
              ...(more.compare ? { compare_to: "previous" } : {}), ...(more.interval ? { interval: more.interval } : {}),
            },
          },
        }),
      ) as Kpi,
  });
}

export function useDefinitions() {
  return useQuery({
    queryKey: ["kpi-definitions"], staleTime: 3_600_000,
    queryFn: async () => dataOf(await api.GET("/api/v1/analytics/kpis")),
  });
}
