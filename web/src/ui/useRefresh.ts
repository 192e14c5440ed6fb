/** After an act: what the lists and counts show is fetched anew. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

export function useRefresh(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    () => queries.invalidateQueries({ predicate: (query) => query.meta?.["live"] === true }),
    [queries],
  );
}
