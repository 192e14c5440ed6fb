/** Write-offs: proposed by one person, approved or refused by another one. */

import { Button, Group, Select } from "@mantine/core";
import { useMemo, useState, type ReactNode } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useActorName } from "../../session/people";
import { useMay, useSession } from "../../session/session";
import { Confirm } from "../../ui/Confirm";
import { Empty } from "../../ui/Empty";
import { Facts } from "../../ui/Facts";
import { age, cents, count, moment, sumCents, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Reason } from "../../ui/Reason";
import { Status, type Tone } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { useList } from "../../ui/useList";
import { useRefresh } from "../../ui/useRefresh";
import { ClaimLink } from "../money/links";

type WriteOff = Schemas["StoredWriteOff"];
const STATES = ["waiting", "approved", "refused"] as const;
type State = (typeof STATES)[number];
const TONE: Record<State, Tone> = { waiting: "person", approved: "done", refused: "plain" };
const OF: Record<WriteOff["source"], string> = { denied: "Denied amount", payer: "Owed by the payer", patient: "Owed by the patient" };

const columnsOf = (nameOf: (actor: string) => string): readonly Column<WriteOff>[] => [
  { key: "number", label: "Number", width: "80px", render: (row) => row.write_off_id },
  { key: "claim", label: "Claim", width: "90px", render: (row) => <ClaimLink claimKey={row.claim_key} /> },
  { key: "of", label: "Gives up", width: "150px", render: (row) => OF[row.source] },
  { key: "reason", label: "Reason", width: "minmax(200px, 1fr)", render: (row) => row.reason },
  { key: "by", label: "Proposed by", width: "120px", render: (row) => nameOf(row.proposed_by) },
  { key: "when", label: "Proposed", width: "180px", render: (row) => `${moment(row.proposed_at)} (${age(row.proposed_at)})` },
  { key: "state", label: "State", width: "110px", render: (row) => <Status tone={TONE[row.state]}>{words(row.state)}</Status> },
  { key: "amount", label: "Amount", width: "110px", numeric: true, render: (row) => cents(row.amount_cents) },
];

export function WriteOffsView({ tabs }: { tabs: ReactNode }) {
  const nameOf = useActorName();
  const columns = useMemo(() => columnsOf(nameOf), [nameOf]);
  const [search, setSearch] = useAddress();
  const state = search["state"] === "all" ? undefined : (STATES.find((each) => each === search["state"]) ?? "waiting");
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const { query, rows } = useList<WriteOff>(["write-offs", state], async (cursor) =>
    dataOf(
      await api.GET("/api/v1/ledger/write-offs", { params: { query: { limit: 200, ...(cursor ? { cursor } : {}), ...(state ? { state } : {}) } } }),
    ),
  );
  const current = rows.find((row) => row.write_off_id === at);
  return (
    <Page
      title="Write-offs"
      summary={query.isSuccess ? summaryOf(rows, query.hasNextPage) : ""}
      filters={
        <>
          {tabs}
          <Select
            label="State" allowDeselect={false} data={[...STATES.map((each) => ({ value: each as string, label: words(each) })), { value: "all", label: "Any" }]}
            value={state ?? "all"} onChange={(value) => setSearch({ state: value === "waiting" ? undefined : (value ?? undefined), at: undefined })}
          />
        </>
      }
      panel={current ? <Decision key={current.write_off_id} writeOff={current} /> : undefined}
      panelTitle={current ? `Write-off of claim ${current.claim_key}` : ""} onClosePanel={() => setSearch({ at: undefined })}
    >
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Write-offs" columns={columns} rows={rows} keyOf={(row) => row.write_off_id} at={at} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          onAt={(row) => setSearch({ at: row.write_off_id })} onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={
            <Empty title={state === "waiting" ? "No write-off waits" : "No write-offs"}>
              One is proposed from a denial. It is posted when another person approves it here.
            </Empty>
          }
        />
      )}
    </Page>
  );
}

/** The sum is of the rows that were read: it says so where there are more. */
function summaryOf(rows: readonly WriteOff[], hasMore: boolean): string {
  const sum = cents(sumCents(rows.map((row) => row.amount_cents)));
  return hasMore ? `${count(rows.length)} and more; the first ${count(rows.length)} come to ${sum}` : `${count(rows.length)}, ${sum}`;
}

function Decision({ writeOff }: { writeOff: WriteOff }) {
  const may = useMay();
  const session = useSession();
  const refresh = useRefresh();
  const nameOf = useActorName();
  const [isRefusing, setRefusing] = useState(false);
  const [isApproving, setApproving] = useState(false);
  const isOwn = writeOff.proposed_by === `user:${session.account_id}`;
  const path = { write_off_id: writeOff.write_off_id };

  return (
    <>
      <Facts
        of={[
          ["State", <Status key="state" tone={TONE[writeOff.state]}>{words(writeOff.state)}</Status>],
          ["Amount", cents(writeOff.amount_cents)],
          ["Gives up", OF[writeOff.source]],
          ["Claim", <ClaimLink key="claim" claimKey={writeOff.claim_key} />],
          ["Reason", writeOff.reason],
          ["Proposed by", `${nameOf(writeOff.proposed_by)}${isOwn ? " (you)" : ""}, ${moment(writeOff.proposed_at)}`],
          writeOff.decided_by ? ["Decided by", `${nameOf(writeOff.decided_by)}, ${moment(writeOff.decided_at)}`] : null,
          writeOff.posting_id === null ? null : ["Posting", writeOff.posting_id],
        ]}
      />
      {writeOff.state === "waiting" ? (
        <>
          <Group gap="sm">
            {may("ledger.write_off") && !isOwn ? (
              <Button onClick={() => setApproving(true)}>
                Approve and post
              </Button>
            ) : null}
            {may("ledger.post") ? (
              <Button variant="default" onClick={() => setRefusing(true)}>
                {isOwn ? "Withdraw" : "Refuse"}
              </Button>
            ) : null}
          </Group>
          {isOwn ? <p className="dim">You proposed it: another person approves or refuses it.</p> : null}
        </>
      ) : null}
      {isApproving ? (
        <Confirm
          title={`Approve the write-off of ${cents(writeOff.amount_cents)}, claim ${writeOff.claim_key}`} verb="Approve and post" onClose={() => setApproving(false)}
          what={`${cents(writeOff.amount_cents)} of claim ${writeOff.claim_key} are written off and posted. It can be undone only by another posting.`}
          onYes={async (key) => {
            await api.POST("/api/v1/ledger/write-offs/{write_off_id}/approval", { params: { path }, headers: { "Idempotency-Key": key } });
            await refresh();
          }}
        />
      ) : null}
      {isRefusing ? (
        <Reason
          title={`${isOwn ? "Withdraw" : "Refuse"} the write-off of ${cents(writeOff.amount_cents)}, claim ${writeOff.claim_key}`} verb={isOwn ? "Withdraw" : "Refuse"}
          what={`${cents(writeOff.amount_cents)} of claim ${writeOff.claim_key} stay as they are.`} onClose={() => setRefusing(false)}
          onReason={async (reason, key) => {
            dataOf(
              await api.POST("/api/v1/ledger/write-offs/{write_off_id}/refusal", { params: { path }, headers: { "Idempotency-Key": key }, body: { reason } }),
            );
            await refresh();
          }}
        />
      ) : null}
    </>
  );
}
