/** What payers are called: lists have identifiers, people know names. */

import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, dataOf } from "../api/client";
import { useMay } from "../session/session";

export type PayerNames = (id: string | null | undefined) => string;

const HOUR_MS = 3_600_000;

/** The name of a payer by its identifier; the identifier where none is known. */
export function usePayerNames(): PayerNames {
  const may = useMay()("claims.list");
  const found = useQuery({
    queryKey: ["payers"], staleTime: HOUR_MS, enabled: may,
    queryFn: async () => new Map(dataOf(await api.GET("/api/v1/payers")).map((each) => [each.payer_id, each.name])),
  });
  const names = found.data;
  // The same as long as the names are: columns of long lists are made of it.
  return useCallback((id) => names?.get(id ?? "") ?? id ?? "", [names]);
}

/** The name with the identifier after it: for a panel, where there is room for both. */
export function nameAndId(nameOf: PayerNames, id: string | null | undefined): string {
  const name = nameOf(id);
  return id && name !== id ? `${name}, ${id}` : name;
}
