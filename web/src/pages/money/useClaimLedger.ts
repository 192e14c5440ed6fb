/** The ledger of a claim; null where nothing of it is posted yet, which is no failure. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf, Problem } from "../../api/client";

export function useClaimLedger(claimKey: number, enabled = true) {
  return useQuery({
    queryKey: ["claim-ledger", claimKey], meta: { live: true }, enabled,
    queryFn: async () => {
      try {
        return dataOf(await api.GET("/api/v1/ledger/claims/{claim_key}", { params: { path: { claim_key: claimKey } } }));
      } catch (problem) {
        if (problem instanceof Problem && problem.status === 404) return null;
        throw problem;
      }
    },
  });
}
