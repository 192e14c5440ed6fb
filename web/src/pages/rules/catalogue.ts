/** The catalogue of rules: each rule beside how often it fired and which denials it foretold. */

import type { Schemas } from "../../api/client";

export type Rule = Schemas["RuleShown"];
export type Entry = Rule & { fired?: Schemas["FindingCount"] | undefined; value?: Schemas["RuleValue"] | undefined };
export type Wanted = {
  words?: string | undefined;
  severity?: string | undefined;
  snip?: number | undefined;
  level?: string | undefined;
  fired?: boolean | undefined;
};

const WORST: Record<string, number> = { block: 0, warn: 1, note: 2 };

const ORDERS: Record<string, (entry: Entry) => string | number> = {
  code: (entry) => entry.code,
  severity: (entry) => WORST[entry.severity] ?? 3,
  title: (entry) => entry.title.toLowerCase(),
  level: (entry) => entry.level,
  snip: (entry) => entry.snip,
  claims: (entry) => entry.fired?.claims ?? 0,
  amount: (entry) => Number(entry.fired?.amount ?? 0),
  precision: (entry) => entry.value?.precision ?? -1,
  denied: (entry) => Number(entry.value?.dollars_denied ?? 0),
};

export function entriesOf(
  rules: readonly Rule[], counts: readonly Schemas["FindingCount"][], values: readonly Schemas["RuleValue"][],
): Entry[] {
  const fired = new Map(counts.map((each) => [each.code, each]));
  const value = new Map(values.map((each) => [each.code, each]));
  return rules.map((rule) => ({ ...rule, fired: fired.get(rule.code), value: value.get(rule.code) }));
}

/** Entries that have every word in code, name or title, in the order that is asked for. */
export function chosen(entries: readonly Entry[], wanted: Wanted, by = "code", descending = false): Entry[] {
  const words = (wanted.words ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter((entry) => {
    if (wanted.severity !== undefined && entry.severity !== wanted.severity) return false;
    if (wanted.snip !== undefined && entry.snip !== wanted.snip) return false;
    if (wanted.level !== undefined && entry.level !== wanted.level) return false;
    if (wanted.fired && !entry.fired) return false;
    const text = `${entry.code} ${entry.name} ${entry.title}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const order = ORDERS[by] ?? ((entry: Entry) => entry.code);
  const sign = descending ? -1 : 1;
  return found.sort((a, b) => {
    const [x, y] = [order(a), order(b)];
    if (x === y) return a.code < b.code ? -1 : 1;
    return (x < y ? -1 : 1) * sign;
  });
}
