/** How far a letter is while it is drafted: the stage, and how much of a language model's answer is there. */

import { Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { Schemas } from "../../api/client";
import { counted, words } from "../../ui/format";

type Progress = Schemas["DraftingProgress"];
const AGAIN_MS = 1_000;

export function DraftingProgress({ caseId, onDone }: { caseId: number; onDone: () => void }) {
  const [progress, setProgress] = useState<Progress | null>(null);
  const told = useRef(onDone);
  told.current = onDone;
  useEffect(() => {
    let source: EventSource;
    let again: number | undefined;
    function open(): void {
      source = new EventSource(`/api/v1/appeals/${caseId}/drafting/stream`);
      source.addEventListener("progress", (event) => setProgress(JSON.parse(event.data) as Progress));
      // It is shown while something is drafted: a stream that ends at once came before the work began.
      source.addEventListener("done", () => {
        source.close();
        told.current();
        again = window.setTimeout(open, AGAIN_MS);
      });
    }
    open();
    return () => {
      window.clearTimeout(again);
      source.close();
    };
  }, [caseId]);
  return (
    <Text role="status" size="sm" c="dimmed" px="md" pt="sm">
      {progress ? saidOf(progress) : "Drafting."}
    </Text>
  );
}

export function saidOf(progress: Progress): string {
  const call = progress.call;
  if (call?.state === "running")
    return `${call.model} (${call.provider}) is writing: ${counted(call.parts, "statement")}, ${call.characters.toLocaleString("en-US")} characters.`;
  return progress.stage ? `Drafting: ${words(progress.stage).toLowerCase()} is done.` : "Drafting.";
}
