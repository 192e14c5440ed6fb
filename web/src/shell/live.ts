/** Live events: what changed elsewhere is fetched anew, at most once in two seconds. One stream for the whole app. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { fetchSession } from "../session/session";

export type Live = "connected" | "reconnecting" | "off";

/** What the server sends (docs/reference/events.md), and what each kind says. */
export const EVENT_KINDS: Readonly<Record<string, string>> = {
  batch_completed: "A batch or a run was completed",
  claim_failed: "Claims failed",
  claim_resolved: "Claims were released, returned, retried or discarded",
  system_alert: "Alert: a figure, a breaker, break-the-glass or unusual access",
  work_changed: "Items of the work queue changed",
  claims_staged: "Claims came in",
  claims_corrected: "A claim was corrected",
  file_returned: "A file was returned",
  prediction_completed: "A prediction is done",
  prediction_failed: "A prediction failed",
  rejections_posted: "Rejections were posted",
  remittance_posted: "A remittance was posted",
  denial_deadline_near: "The deadline of a denial is near",
};
const EVERY_MS = 2_000;
const AGAIN_MS = 10_000;

type Hear = (event: MessageEvent<string>) => void;
const listeners = new Set<Hear>();

/** Be called with each event of the app's stream, for as long as the component lives. */
export function useHeard(hear: Hear): void {
  useEffect(() => {
    listeners.add(hear);
    return () => void listeners.delete(hear);
  }, [hear]);
}

/** Listen for as long as the component lives; the state for the dot in the top bar. */
export function useLive(onAlert: () => void, mayHear: boolean): Live {
  const queries = useQueryClient();
  const [state, setState] = useState<Live>("reconnecting");

  useEffect(() => {
    if (!mayHear) {
      setState("off");
      return undefined;
    }
    let timer: number | undefined;
    const refresh = (): void => {
      timer ??= window.setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ predicate: (query) => query.meta?.["live"] === true });
      }, EVERY_MS);
    };
    const close = listenTo("/api/v1/events/stream", {
      onState: setState,
      // Whoever ended the session, here or elsewhere: the client tells it, and the page is covered.
      onRefused: () => void fetchSession().catch(() => undefined),
      // What happened while nothing was heard.
      onBack: refresh,
      onEvent: (event) => {
        refresh();
        if (event.type === "system_alert") onAlert();
        for (const hear of listeners) hear(event);
      },
    });
    return () => {
      window.clearTimeout(timer);
      close();
    };
  }, [queries, onAlert, mayHear]);

  return state;
}

type Ears = { onState: (state: Live) => void; onBack: () => void; onRefused: () => void; onEvent: Hear };

/** A stream that is opened again when the browser gives it up, as it does where the server refuses it once. */
function listenTo(address: string, { onState, onBack, onRefused, onEvent }: Ears): () => void {
  let source: EventSource;
  let again: number | undefined;
  let wasLost = false;
  function open(): void {
    source = new EventSource(address);
    source.onopen = () => {
      onState("connected");
      if (wasLost) onBack();
      wasLost = false;
    };
    source.onerror = () => {
      onState("reconnecting");
      wasLost = true;
      if (source.readyState !== EventSource.CLOSED) return;
      again = window.setTimeout(open, AGAIN_MS);
      onRefused();
    };
    source.onmessage = onEvent;
    for (const kind of Object.keys(EVENT_KINDS)) source.addEventListener(kind, onEvent);
  }
  open();
  return () => {
    window.clearTimeout(again);
    source.close();
  };
}
