/** Alerts on figures: those that are open, one of them, and what is watched. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, dataOf, type Schemas } from "../../api/client";
import { cents, count } from "../../ui/format";
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
export function groupOf(alert: Alert): string {
  return alert.dimensions.map((name, index) => `${name.replaceAll("_", " ")} ${alert.series[index] ?? ""}`).join(", ") || "All claims";
}

/** A value in the unit of its figure; empty where there is none, and until the unit is known. */
export function figureText(unit: string | undefined, value: number | null): string {
  return unit === undefined || value === null ? "" : unitText(unit, value, { cents, count });
}
