/** Alerts on figures: those that are open, one of them, and what is watched. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, dataOf, type Schemas } from "../../api/client";
import { periodOf } from "../../shell/scope";
import type { Search } from "../../ui/search";
import { cents, count, sentence, words } from "../../ui/format";
import { unitText } from "../analytics/views";

export type Alert = Schemas["FigureAlert"];

export function useAlerts(onlyOpen: boolean) {
  return useQuery({
    queryKey: ["figure-alerts", onlyOpen], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/analytics/alerts", { params: { query: { only_open: onlyOpen } } })).items,
  });
}

export function useAlertDefinitions() {
  return useQuery({
    queryKey: ["figure-alerts", "definitions"],
    queryFn: async () => dataOf(await api.GET("/api/v1/analytics/alerts/definitions")),
  });
}

export function useAlertTargets() {
  return useQuery({
    queryKey: ["figure-alerts", "targets"],
    queryFn: async () => dataOf(await api.GET("/api/v1/analytics/alerts/targets")),
  });
}

export function useAlert(id: number) {
  return useQuery({
    queryKey: ["figure-alerts", "one", id],
    queryFn: async () => dataOf(await api.GET("/api/v1/analytics/alerts/{incident_id}", { params: { path: { incident_id: id } } })),
  });
}

export function useAlertMessages(id: number) {
  return useQuery({
    queryKey: ["figure-alerts", "messages", id],
    queryFn: async () => dataOf(await api.GET("/api/v1/analytics/alerts/{incident_id}/deliveries", { params: { path: { incident_id: id } } })),
  });
}

/** Has everything about alerts fetched anew, after an act. */
export function useAnew(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["figure-alerts"] });
}

/** The group of an alert in words, such as "payer 12345". */
export function groupOf(alert: Alert, payer: (id: string) => string = (id) => id): string {
  const named = (name: string, value: string) => (name === "payer" ? payer(value) : value);
  return alert.dimensions.map((name, index) => `${words(name)}: ${named(name, alert.series[index] ?? "")}`).join(", ") || "All claims";
}

/** Where the claims behind an alert's value are, as the address of Analytics; null where no address says its group. */
export function behindOf(alert: Pick<Alert, "kpi" | "dimensions" | "series" | "begins" | "ends">): Search | null {
  const group = alert.dimensions.map((name, index) => [name, alert.series[index] ?? ""] as const);
  const facility = group.find(([name]) => name === "facility")?.[1];
  const others = group.filter(([name]) => name !== "facility");
  const [first] = others;
  if (others.length > 1) return null;
  return { behind: alert.kpi, period: periodOf(alert.begins, alert.ends), ...(facility ? { facility } : {}), ...(first ? { where: first.join(":") } : {}) };
}

/** The limit that a figure is beyond, or both where it is within them. */
export function limitText(alert: Pick<Alert, "value" | "lower_limit" | "upper_limit">, unit: string | undefined): string {
  const { value, lower_limit: lower, upper_limit: upper } = alert;
  if (upper !== null && (value === null || value > upper || lower === null)) return figureText(unit, upper);
  if (lower !== null && (value === null || value < lower || upper === null)) return figureText(unit, lower);
  return [figureText(unit, lower), figureText(unit, upper)].filter(Boolean).join(" to ");
}

/** When a definition alarms, in words: "above 18.0%, over 90 days". */
export function conditionText(condition: Schemas["AlertThreshold"] | Schemas["UnusualDay"], unit: string | undefined): string {
  if (condition.kind !== "threshold") return `A day that is unusual for its weekday (sensitivity ${condition.sensitivity ?? "normal"})`;
  const limits = [
    condition.above === null || condition.above === undefined ? "" : `above ${figureText(unit, condition.above)}`,
    condition.below === null || condition.below === undefined ? "" : `below ${figureText(unit, condition.below)}`,
  ].filter(Boolean).join(" or ");
  return `${sentence(limits)}, over ${condition.days ?? 30} days`;
}

/** A value in the unit of its figure; empty where there is none, and until the unit is known. */
export function figureText(unit: string | undefined, value: number | null): string {
  return unit === undefined || value === null ? "" : unitText(unit, value, { cents, count });
}

export const FEW = "Numbers of fewer than 11 claims are for those who may see who the patients are";

/** Whether the numbers of an alert are withheld: it has none, and an alert that any claim led to has them. */
export function isHidden(alert: Alert): boolean {
  return alert.value === null && alert.items === 0;
}
