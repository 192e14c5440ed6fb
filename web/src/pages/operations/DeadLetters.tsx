/** Claims that could not be processed: why, and what to do; several at once by selection. */

import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { Empty } from "../../ui/Empty";
import { Facts } from "../../ui/Facts";
import { age, count, dollars, moment, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Reason } from "../../ui/Reason";
import { Status, toneOf } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { SHORT_FORMS } from "../claims/forms/names";
import { ClaimLink, FileLink, RunLink } from "../money/links";
import { useDeadLetters } from "./useOperations";
import { adviceOf, causeOf, nextAfter } from "./work";

type Letter = Schemas["DeadLetter"];
const COLUMNS: readonly Column<Letter>[] = [
  { key: "claim", label: "Claim", width: "84px", render: (row) => row.claim_key },
  { key: "state", label: "State", width: "100px", render: (row) => <Status tone={toneOf(row.state)}>{words(row.state)}</Status> },
  { key: "reason", label: "Cause", width: "minmax(160px, 1fr)", meaning: "The class of the failure", render: (row) => causeOf(row.reason) },
  { key: "stage", label: "Stage", width: "100px", render: (row) => words(row.stage) },
  { key: "failed", label: "Failed", width: "140px", render: (row) => moment(row.failed_at) },
  { key: "age", label: "Age", width: "64px", numeric: true, render: (row) => age(row.failed_at) },
  { key: "facility", label: "Facility", width: "110px", render: (row) => row.facility },
  { key: "form", label: "Form", width: "110px", render: (row) => SHORT_FORMS[row.form] ?? words(row.form) },
  { key: "charge", label: "Charge", width: "110px", numeric: true, render: (row) => dollars(row.total_charge) },
];

export function DeadLetters({ filters }: { filters: ReactNode }) {
  const may = useMay();
  const [search, setSearch] = useAddress();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const letters = useDeadLetters(may("dead_letters.list"));
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [discarding, setDiscarding] = useState<number[] | null>(null);
  const rows = letters.data ?? [];
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const current = rows.find((row) => row.claim_key === at);
  const mayDecide = may("dead_letters.decide");
  const chosen = rows.filter((row) => selected.has(row.claim_key) && row.state === "dead").map((row) => row.claim_key);

  async function settled(decided: readonly number[]): Promise<void> {
    setSelected(new Set());
    setSearch({ at: nextAfter(rows, at, decided) });
    await queries.invalidateQueries({ predicate: ({ queryKey }) => ["dead-letters", "waiting"].includes(String(queryKey[0])) });
  }
  const retry = useMutation({
    mutationFn: async (keys: number[]) => dataOf(await api.POST("/api/v1/dead-letters/retry", { body: { claim_keys: keys } })),
    onSuccess: async (done) => {
      notifications.show({ message: `${count(done.claim_keys.length)} staged again for the next run.` });
      await settled(done.claim_keys);
    },
    onError: (error) => notifications.show({ color: "red", title: "Not retried", message: error.message }),
  });
  async function discard(reason: string): Promise<void> {
    if (!discarding) return;
    await api.POST("/api/v1/dead-letters/discard", { body: { claim_keys: discarding, reason } });
    await settled(discarding);
  }
  function select(row: Letter): void {
    const next = new Set(selected);
    if (!next.delete(row.claim_key)) next.add(row.claim_key);
    setSelected(next);
  }
  function onKey(key: string, row: Letter): boolean {
    if (key === "Escape") return setSearch({ at: undefined }), true;
    const keys = chosen.length > 0 ? chosen : [row.claim_key];
    if (!mayDecide || (chosen.length === 0 && row.state !== "dead")) return false;
    if (key === "r") return retry.mutate(keys), true;
    if (key === "d") return setDiscarding(keys), true;
    return false;
  }

  return (
    <Page
      title="Operations" filters={filters}
      summary={letters.isSuccess ? `${count(rows.length)} dead letters${chosen.length ? `, ${count(chosen.length)} selected` : ""}` : ""}
      actions={
        chosen.length > 0 && mayDecide ? (
          <>
            <Button size="xs" loading={retry.isPending} onClick={() => retry.mutate(chosen)}>{`Retry ${count(chosen.length)}`}</Button>
            <Button size="xs" variant="default" onClick={() => setDiscarding(chosen)}>{`Discard ${count(chosen.length)}`}</Button>
          </>
        ) : null
      }
      panel={
        current ? (
          <>
            <Facts
              of={[
                ["Cause", `${causeOf(current.reason)} (${current.reason})`], ["What to do", adviceOf(current.reason)], ["Stage", words(current.stage)],
                ["Run", <RunLink key="run" runId={current.run_id} />],
                ["File", <FileLink key="file" fileId={current.file_id} label={`${current.file_id}, claim ${current.position}`} />],
                ["Failed", moment(current.failed_at)], ["Charge", dollars(current.total_charge)],
              ]}
            />
            <div className="acts">
              {mayDecide && current.state === "dead" ? (
                <>
                  <Button size="xs" loading={retry.isPending} onClick={() => retry.mutate([current.claim_key])}>Retry (r)</Button>
                  <Button size="xs" variant="default" onClick={() => setDiscarding([current.claim_key])}>Discard (d)</Button>
                </>
              ) : null}
              <ClaimLink claimKey={current.claim_key} label="Open the claim" />
            </div>
          </>
        ) : undefined
      }
      panelTitle={current ? `Dead letter of claim ${current.claim_key}` : ""}
      onClosePanel={() => setSearch({ at: undefined })}
    >
      {letters.isError ? <ProblemNote problem={letters.error} onRetry={() => void letters.refetch()} /> : null}
      {letters.isLoadingError ? null : (
        <Grid
          label="Dead letters" columns={COLUMNS} rows={rows} keyOf={(row) => row.claim_key} at={at} isLoading={letters.isPending}
          onAt={(row) => setSearch({ at: row.claim_key })} onKey={onKey}
          {...(mayDecide ? { selected, onSelect: select } : {})}
          onOpen={(row) => void navigate({ to: "/claims/$claimKey", params: { claimKey: String(row.claim_key) } })}
          empty={<Empty title="No dead letters">A claim that can't be processed, however often it is tried, appears here with its cause. None is lost: retry it, or discard it for a reason.</Empty>}
        />
      )}
      {discarding ? (
        <Reason
          title={discarding.length === 1 ? `Discard the dead letter of claim ${discarding[0]}` : `Discard ${count(discarding.length)} dead letters`}
          verb="Discard" onClose={() => setDiscarding(null)} onReason={discard}
          what="They stay where they are, marked as discarded, and are not processed again."
          usual={["Billed again under another number", "Test claim, not to be sent"]}
        />
      ) : null}
    </Page>
  );
}
