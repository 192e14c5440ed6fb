/** An opened claim, sorted for reading: who and what by party, and what is withheld where it would stand. */

import type { Schemas } from "../../api/client";
import { type Dictionary, labelOf, valueText } from "./dictionary";

type Shown = Schemas["ShownClaim"];
/** A field with its text, or with why it is withheld. */
export type Told = { name: string; label: string; more: string; text: string; why: string | null };
export type Group = { title: string; told: readonly Told[] };

/** The levels that are shown as tables below the lines, in the order in which a person asks. */
export const LEVELS: readonly (readonly [string, string])[] = [
  ["diagnoses", "Diagnoses"], ["procedures", "Surgical procedures"], ["institutional_codes", "Condition, occurrence and value codes"],
  ["teeth", "Teeth"], ["other_payers", "Other payers"], ["line_adjudications", "What earlier payers decided of lines"],
  ["adjustments", "What earlier payers adjusted"], ["notes", "Notes"], ["attachments", "Attachments"],
  ["certifications", "Certifications"], ["segments", "Other segments"],
];

/** Withheld fields of one level. */
export function withheldAt(shown: Shown, dictionary: Dictionary, level: string): Told[] {
  return shown.withheld.flatMap((each) =>
    each.fields
      .filter((name) => (dictionary.get(name)?.level ?? name) === level)
      .map((name) => ({ ...labelOf(dictionary.get(name), name), name, text: "", why: each.reason })),
  );
}

/** Fields of the claim by party ("Subscriber", "Billing provider"); those of none are "Claim"; then those of the file. */
export function groupsOf(shown: Shown, dictionary: Dictionary): Group[] {
  const groups = new Map<string, Told[]>();
  const put = (title: string, told: Told): void => {
    groups.set(title, [...(groups.get(title) ?? []), told]);
  };
  for (const [level, other] of [["claims", "Claim"], ["transactions", "File and sender"]] as const) {
    const row = shown.content[level]?.[0] ?? {};
    const hidden = new Map(withheldAt(shown, dictionary, level).map((told) => [told.name, told.why]));
    for (const field of dictionary.values()) {
      if (field.level !== level || (!(field.name in row) && !hidden.has(field.name))) continue;
      const { group, label, more } = labelOf(field, field.name);
      const title = level === "claims" ? group || other : other;
      put(title, { name: field.name, label, more, text: valueText(row[field.name], field.kind), why: hidden.get(field.name) ?? null });
    }
  }
  const first = ["Claim", "Patient", "Subscriber", "Dependent", "Payer", "Billing provider"];
  const place = (title: string): number => (first.includes(title) ? first.indexOf(title) : title === "File and sender" ? 999 : 99);
  return [...groups].map(([title, told]) => ({ title, told })).sort((a, b) => place(a.title) - place(b.title));
}
