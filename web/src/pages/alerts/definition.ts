/** An alert as a person types it, and as the API has it: shares in percent, dollars in dollars. */

import type { Schemas } from "../../api/client";

export type Definition = Schemas["AlertDefinition"];
type Unusual = Schemas["UnusualDay"];

/** A definition as it is read, whose pairs the types of answers know as lists. */
export function asDefinition(read: Omit<Definition, "where"> & { where: readonly (readonly string[])[] }): Definition {
  return { ...read, where: read.where.map(([name = "", value = ""]) => [name, value]) };
}

export type Typed = {
  title: string;
  kpi: string;
  by: string[];
  kind: "threshold" | "unusual";
  above: string;
  below: string;
  days: number;
  side: Unusual["side"];
  sensitivity: Unusual["sensitivity"];
  minimum: number;
  severity: Definition["severity"];
  targets: string[];
  remindHours: number | null;
  quiet: { zone: string; begins: string; ends: string } | null;
  escalation: { minutes: number; targets: string[] } | null;
  isOn: boolean;
};

export const EMPTY: Typed = {
  title: "", kpi: "", by: [], kind: "unusual", above: "", below: "", days: 30, side: "worse", sensitivity: "normal", minimum: 30,
  severity: "warning", targets: [], remindHours: null, quiet: null, escalation: null, isOn: true,
};

/** How many of the typed unit one of the API's is: 0.12 is 12 percent, 100 cents are one dollar. */
function scaleOf(unit: string | undefined): number {
  return unit === "share" ? 100 : unit === "cents" ? 0.01 : 1;
}

export function unitLabel(unit: string | undefined): string {
  if (unit === "share") return "percent";
  if (unit === "cents") return "dollars";
  return unit === "items" || unit === undefined ? "number" : unit;
}

/** A number as typed, in the unit of the API; null for nothing, undefined where it is no number. */
export function limitOf(typed: string, unit: string | undefined): number | null | undefined {
  const text = typed.trim().replace(/[$,%]/g, "");
  if (text === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? Number((value / scaleOf(unit)).toPrecision(12)) : undefined;
}

function shownLimit(value: number | null | undefined, unit: string | undefined): string {
  return value === null || value === undefined ? "" : String(Number((value * scaleOf(unit)).toPrecision(12)));
}

export function typedOf(definition: Definition, unit: string | undefined): Typed {
  const { condition, quiet_hours: quiet, escalation } = definition;
  const first = escalation?.[0];
  return {
    ...EMPTY, title: definition.title ?? "", kpi: definition.kpi, by: [...(definition.by ?? [])], kind: condition.kind,
    ...(condition.kind === "threshold"
      ? { above: shownLimit(condition.above, unit), below: shownLimit(condition.below, unit), days: condition.days ?? EMPTY.days }
      : { side: condition.side, sensitivity: condition.sensitivity }),
    minimum: definition.minimum_items ?? EMPTY.minimum, severity: definition.severity, targets: [...(definition.targets ?? [])],
    remindHours: definition.remind_hours ?? null, isOn: definition.is_on ?? true,
    quiet: quiet?.begins && quiet.ends ? { zone: quiet.time_zone, begins: quiet.begins.slice(0, 5), ends: quiet.ends.slice(0, 5) } : null,
    escalation: first ? { minutes: first.after_minutes, targets: [...first.targets] } : null,
  };
}

/** What keeps it from being saved, in words; null where nothing does. */
export function problemOf(typed: Typed, unit: string | undefined): string | null {
  if (typed.kpi === "") return "Choose a figure.";
  if (typed.kind === "threshold") {
    const [above, below] = [limitOf(typed.above, unit), limitOf(typed.below, unit)];
    if (above === undefined || below === undefined) return `Write limits as numbers, in ${unitLabel(unit)}.`;
    if (above === null && below === null) return "State a limit above, below, or both.";
    if (above !== null && below !== null && below >= above) return "The lower limit must be less than the upper one.";
  }
  if (typed.quiet && (!typed.quiet.begins || !typed.quiet.ends)) return "State when the quiet hours begin and end.";
  if (typed.escalation && typed.escalation.targets.length === 0) return "Choose who is told if nobody acknowledges.";
  return null;
}

/** The definition to send. What the form does not show of an earlier version stays as it is. */
export function definitionOf(typed: Typed, unit: string | undefined, name: string, before: Definition | null): Definition {
  const old = before?.condition;
  return {
    where: [], ...before, minimum_items: typed.minimum, severity: typed.severity,
    name, title: typed.title.trim(), kpi: typed.kpi, by: typed.by,
    condition:
      typed.kind === "threshold"
        ? { kind: "threshold", above: limitOf(typed.above, unit) ?? null, below: limitOf(typed.below, unit) ?? null, days: typed.days }
        : { kind: "unusual", side: typed.side, sensitivity: typed.sensitivity, delay_days: old?.kind === "unusual" ? old.delay_days : 1 },
    targets: typed.targets, remind_hours: typed.remindHours, is_on: typed.isOn,
    quiet_hours: typed.quiet
      ? { quiet_days: [], critical_too: false, ...before?.quiet_hours, time_zone: typed.quiet.zone.trim(), begins: typed.quiet.begins, ends: typed.quiet.ends }
      : before?.quiet_hours?.begins ? null : (before?.quiet_hours ?? null),
    escalation: typed.escalation ? [{ after_minutes: typed.escalation.minutes, targets: typed.escalation.targets }, ...(before?.escalation ?? []).slice(1)] : [],
  };
}

/** A name for the API out of a title, other than those that there are. */
export function nameOf(title: string, taken: readonly string[]): string {
  const plain = title.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 50) || "alert";
  const base = /^[a-z]/.test(plain) ? plain : `alert_${plain}`;
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}_${number}`;
    if (!taken.includes(name)) return name;
  }
}
