/** What holds on every page that has it: one facility, and a period. Both stand in the address, and links keep them. */

import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Search } from "../ui/search";
import { day, isoDay } from "../ui/format";

/** Names in the address. */
export const SCOPE = ["facility", "period"] as const;

export type Days = { from: string; to: string };
export type Scope = { facility: string | undefined; period: string | undefined; days: Days | null };

/** Periods that end today, so that a saved view of them stays right. */
export const PERIODS: readonly { value: string; label: string }[] = [
  { value: "7d", label: "Last 7 days" },
  { value: "30d", label: "Last 30 days" },
  { value: "90d", label: "Last 90 days" },
  { value: "365d", label: "Last 365 days" },
  { value: "month", label: "This month" },
  { value: "last-month", label: "Last month" },
  { value: "year", label: "This year" },
];

/** The first and the last day of a period; null where it is none. */
export function daysOf(period: string | undefined, now: Date = new Date()): Days | null {
  if (!period) return null;
  const today = isoDay(0, now);
  const last = /^(\d{1,3})d$/.exec(period)?.[1];
  if (last) return { from: isoDay(1 - Number(last), now), to: today };
  const [year, month] = [now.getFullYear(), now.getMonth()];
  if (period === "month") return { from: isoDay(0, new Date(year, month, 1)), to: today };
  if (period === "last-month") return { from: isoDay(0, new Date(year, month - 1, 1)), to: isoDay(0, new Date(year, month, 0)) };
  if (period === "year") return { from: isoDay(0, new Date(year, 0, 1)), to: today };
  const [, from, to] = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/.exec(period) ?? [];
  return from && to && from <= to ? { from, to } : null;
}

/** A period of single days as the address has it. */
export function periodOf(from: string, to: string): string {
  return `${from}..${to}`;
}

/** "Last 30 days", "11/01/2026 to 11/15/2026". */
export function periodText(period: string | undefined): string {
  const known = PERIODS.find((each) => each.value === period);
  if (known) return known.label;
  const days = daysOf(period);
  if (!days) return "Any time";
  return days.from === days.to ? day(days.from) : `${day(days.from)} to ${day(days.to)}`;
}

/** The scope of an address; what is no facility or no period is left out. */
export function scopeOf(search: Search, now: Date = new Date()): Scope {
  const facility = String(search["facility"] ?? "");
  const period = String(search["period"] ?? "");
  const days = daysOf(period, now);
  return { facility: /^[\w.-]{1,64}$/.test(facility) ? facility : undefined, period: days ? period : undefined, days };
}

export function useScope(): Scope {
  const search = useSearch({ strict: false }) as Search;
  const { facility, period } = search;
  const today = isoDay();
  return useMemo(() => scopeOf({ facility, period }, new Date(`${today}T12:00:00`)), [facility, period, today]);
}

/** The scope as a list of the API takes it: `facility`, and the days under the names that the list gives them. */
export function asked<F extends string, T extends string>({ facility, days }: Scope, from: F, to: T): { facility?: string } & { [name in F | T]?: string } {
  return { ...(facility ? { facility } : {}), ...(days ? { [from]: days.from, [to]: days.to } : {}) } as never;
}
