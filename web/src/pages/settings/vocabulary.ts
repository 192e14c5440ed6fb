/** Roles, actions, kinds of fields and labels, each with what it is; scopes of tokens. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client";
import { words } from "../../ui/format";

export function useVocabulary() {
  const { data } = useQuery({ queryKey: ["vocabulary"], staleTime: Infinity, queryFn: async () => dataOf(await api.GET("/api/v1/access/vocabulary")) });
  return data ?? {};
}

export function choices(of: Record<string, string> | undefined): { value: string; label: string }[] {
  return Object.keys(of ?? {}).map((value) => ({ value, label: words(value) }));
}

/** What a token may be limited to: everything, everything that only reads, or one part of the API. */
export function scopesOf(actions: Record<string, string> | undefined): { value: string; label: string }[] {
  const parts = [...new Set(Object.keys(actions ?? {}).map((name) => name.split(".")[0] ?? ""))].sort();
  return [
    { value: "read", label: "read: everything that only reads" },
    { value: "all", label: "all: everything" },
    ...parts.map((value) => ({ value, label: value.replaceAll("_", " ") })),
  ];
}
