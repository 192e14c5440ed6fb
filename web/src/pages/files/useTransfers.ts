/** The files that were chosen on this page, one sent after the other; forgotten when the page is left. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { Problem } from "../../api/client";
import { isSessionOver } from "../../session/session";
import { type Purpose, send, type Transfer, whyNot837 } from "./transfer";

export function useTransfers() {
  const queries = useQueryClient();
  const [transfers, setTransfers] = useState<readonly Transfer[]>([]);
  const next = useRef(1);
  const stops = useRef(new Map<number, AbortController>());
  const last = useRef<Promise<void>>(Promise.resolve());

  useEffect(() => {
    const controllers = stops.current;
    return () => {
      // A file that is on its way when the session ends goes on: the page is only hidden.
      if (!isSessionOver()) controllers.forEach((each) => each.abort());
    };
  }, []);

  const change = useCallback((id: number, changes: Partial<Transfer>) => {
    setTransfers((before) => before.map((each) => (each.id === id ? { ...each, ...changes } : each)));
  }, []);

  const start = useCallback(
    (files: readonly File[], purpose: Purpose, facility: string) => {
      for (const file of files) {
        const id = next.current++;
        const stop = new AbortController();
        stops.current.set(id, stop);
        setTransfers((before) => [{ id, file, purpose, sent: 0, outcome: null, problem: null }, ...before]);
        last.current = last.current.then(async () => {
          try {
            const why = await whyNot837(file);
            if (why) throw new Problem("unusable_input", why, 422);
            if (stop.signal.aborted) throw new Problem("stopped", "You stopped it before it was sent.", 0);
            change(id, { outcome: await send(file, purpose, facility, (sent) => change(id, { sent }), stop.signal) });
            void queries.invalidateQueries({ queryKey: ["files"] });
          } catch (problem) {
            change(id, { problem });
          }
        });
      }
    },
    [change, queries],
  );
  const stop = useCallback((id: number) => stops.current.get(id)?.abort(), []);
  const clear = useCallback(
    () => setTransfers((before) => before.filter((each) => each.outcome === null && each.problem === null)),
    [],
  );
  return { transfers, start, stop, clear };
}
