/** Live events: what changed elsewhere is fetched anew, at most once in two seconds. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

export type Live = "connected" | "reconnecting" | "off";

// What the server sends (docs/reference/events.md): the four that pages wait for, and changes of what lists show.
const KINDS = [
  "claim_failed", "claim_resolved", "batch_completed", "system_alert", "work_changed", "claims_staged", "claims_corrected",
  "file_returned", "remittance_posted", "rejections_posted", "prediction_completed",
] as const;
const EVERY_MS = 2_000;

/** Listen for as long as the component lives; the state for the dot in the top bar. */
export function useLive(onAlert: () => void, mayHear: boolean): Live {
  const queries = useQueryClient();
  const [state, setState] = useState<Live>("reconnecting");

  useEffect(() => {
    if (!mayHear) {
      setState("off");
      return undefined;
    }
    const source = new EventSource("/api/v1/events/stream");
    let timer: number | undefined;
    const refresh = (): void => {
      timer ??= window.setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ predicate: (query) => query.meta?.["live"] === true });
      }, EVERY_MS);
    };
    source.onopen = () => setState("connected");
    source.onerror = () => setState("reconnecting");
    source.onmessage = refresh;
    for (const kind of KINDS) source.addEventListener(kind, refresh);
    source.addEventListener("system_alert", onAlert);
    return () => {
      window.clearTimeout(timer);
      source.close();
    };
  }, [queries, onAlert, mayHear]);

  return state;
}
