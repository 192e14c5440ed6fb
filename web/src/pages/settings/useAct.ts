/** One act at a time: busy, failed, done; what was read before is read anew after it. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

export function useAct(...stale: string[]) {
  const queries = useQueryClient();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  async function act(what: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    setProblem(null);
    try {
      await what();
      for (const name of stale) await queries.invalidateQueries({ queryKey: [name] });
      return true;
    } catch (error) {
      setProblem(error);
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { act, problem, busy };
}
