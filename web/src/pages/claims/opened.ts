/**
 * A claim that a person has opened. It lives in the state of the page alone: leaving the page, or another claim,
 * forgets it, and neither cache, storage nor address ever holds it.
 */

import { useCallback, useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { withAdjustments } from "./adjustments";

export type Opened = {
  shown: Schemas["ShownClaim"];
  segments: Schemas["ShownSegments"] | null;
  reason: string;
  brokeGlass: boolean;
};

export const USUAL_REASONS = [
  "Working a finding of this claim", "Correcting the claim before it is sent", "Working a denial of this claim",
  "Answering the payer's question", "Answering the patient's question on the bill", "Checking how the claim was paid",
] as const;

export function useOpened(claimKey: number) {
  const [kept, setKept] = useState<{ claimKey: number; opened: Opened } | null>(null);
  const opened = kept?.claimKey === claimKey ? kept.opened : null;

  const open = useCallback(
    async (reason: string, brokeGlass: boolean) => {
      const shown = dataOf(
        await api.POST("/api/v1/claims/{claim_key}/opening", {
          params: { path: { claim_key: claimKey } }, body: { reason, break_glass: brokeGlass },
        }),
      );
      setKept({ claimKey, opened: { shown: { ...shown, content: withAdjustments(shown.content) }, segments: null, reason, brokeGlass } });
    },
    [claimKey],
  );
  const openSegments = useCallback(async () => {
    if (!opened) return;
    const segments = dataOf(
      await api.POST("/api/v1/claims/{claim_key}/segments", {
        params: { path: { claim_key: claimKey } }, body: { reason: opened.reason, break_glass: opened.brokeGlass },
      }),
    );
    // What was closed meanwhile stays closed.
    setKept((now) => (now?.opened === opened ? { claimKey, opened: { ...opened, segments } } : now));
  }, [claimKey, opened]);
  const close = useCallback(() => setKept(null), []);
  return { opened, open, openSegments, close };
}
