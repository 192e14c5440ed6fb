/** What each field of a claim means and where it stands, as the dictionary says; it says nothing of any claim. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf, type Schemas } from "../../api/client";
import { day, dollars, words } from "../../ui/format";

export type Field = Schemas["FieldShown"];
export type Dictionary = ReadonlyMap<string, Field>;
/** A row of an opened claim: names of the dictionary and their values. */
export type Row = Readonly<Record<string, unknown>>;

/** The dictionary by name; read once and kept for the session. Undefined until it has come. */
export function useDictionary(): Dictionary | undefined {
  const { data } = useQuery({
    queryKey: ["dictionary"], staleTime: Infinity, gcTime: Infinity, select: byName,
    queryFn: async () => dataOf(await api.GET("/api/v1/dictionary")),
  });
  return data;
}

function byName(fields: readonly Field[]): Dictionary {
  return new Map(fields.map((field) => [field.name, field]));
}

/**
 * The group of a field ("Subscriber: date of birth" is of "Subscriber"), its label, and what else its meaning says.
 * A meaning that lists codes or is long is no label: then the field's name is, and the meaning stands beside the value.
 */
export function labelOf(field: Field | undefined, name: string): { group: string; label: string; more: string } {
  const meaning = field?.meaning ?? "";
  const at = meaning.indexOf(": ");
  const group = at > 0 && at < 40 && /^[A-Z][^,;(]*$/.test(meaning.slice(0, at)) && field?.level !== "lines" ? meaning.slice(0, at) : "";
  const said = group ? meaning.slice(at + 2) : meaning;
  const party = `${group.split(" ")[0]?.toLowerCase() ?? ""}_`;
  const isLabel = said !== "" && said.length <= 34 && !/^[A-Z0-9]{1,3}\b/.test(said);
  const label = isLabel ? said : words(name.startsWith(party) ? name.slice(party.length) : name);
  return { group, label: label.charAt(0).toUpperCase() + label.slice(1), more: isLabel ? "" : said };
}

/** A value as people in the field write it, by the kind of its field. */
export function valueText(value: unknown, kind: string | undefined): string {
  if (value === null || value === undefined) return "";
  const text = Array.isArray(value) ? value.join(" ") : String(value);
  if (kind === "date") return day(text) || text;
  if (kind === "US dollars") return dollars(text);
  if (kind === "quantity" || kind === "ratio") return text.replace(/\.0+$|(\.\d*?)0+$/, "$1");
  if (kind?.startsWith("time") && /^\d{4}$/.test(text)) return `${text.slice(0, 2)}:${text.slice(2)}`;
  return text;
}
