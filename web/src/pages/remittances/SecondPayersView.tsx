/** What first payers left: claims to second payers, released with their 837; what patients owe. */

import { Button, Group, Select } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useActorName } from "../../session/people";
import { useMay } from "../../session/session";
import { saveFile } from "../../ui/csv";
import { Empty } from "../../ui/Empty";
import { cents, counted, day, moment, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Opening } from "../../ui/Opening";
import { ProblemNote } from "../../ui/ProblemNote";
import { Reason } from "../../ui/Reason";
import { useAddress } from "../../ui/useAddress";
import { useList } from "../../ui/useList";
import { useRefresh } from "../../ui/useRefresh";
import { ClaimLink } from "../money/links";
import { rowsOfClaims, toggled } from "./secondPayers";

type NextClaim = Schemas["NextClaim"];
const STATES = ["waiting", "released", "forwarded", "patient"] as const;
const MEANS: Record<(typeof STATES)[number], string> = {
  waiting: "The claim names a second payer: a person releases it",
  released: "Its 837 was written, and the second payer owes it",
  forwarded: "The first payer sent the claim on itself: it is not billed again",
  patient: "No second payer is known: the patient owes it",
};

const STATE_WORDS: Partial<Record<string, string>> = { forwarded: "Crossed over" };
const KIND = "application/edi-x12";
// As on the server.
const MOST_RELEASED = 200;

const columnsOf = (nameOf: (actor: string | null) => string): readonly Column<NextClaim>[] => [
  { key: "claim", label: "Claim", width: "90px", render: (row) => <ClaimLink claimKey={row.claim_key} /> },
  { key: "facility", label: "Facility", width: "120px", render: (row) => row.facility },
  { key: "payer", label: "Second payer", width: "minmax(180px, 1fr)", render: (row) => row.payer_name ?? row.payer_id },
  { key: "left", label: "Left to bill", width: "130px", numeric: true, meaning: "What the first payer left to the patient", render: (row) => cents(row.amount_cents) },
  { key: "paid", label: "First payer paid on", width: "150px", render: (row) => day(row.paid_on) },
  { key: "released", label: "Released", width: "190px", render: (row) => (row.released_at ? `${moment(row.released_at)} by ${nameOf(row.released_by)}` : "") },
];

export function SecondPayersView() {
  const [search, setSearch] = useAddress();
  const may = useMay();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const nameOf = useActorName();
  const columns = useMemo(() => columnsOf(nameOf), [nameOf]);
  // Claims: what waits of a claim is released together, however many answers it came with.
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [asks, setAsks] = useState<"release" | "again" | null>(null);
  const state = STATES.find((each) => each === search["state"]) ?? "waiting";
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const { query, rows } = useList<NextClaim>(["second-payers", state], async (cursor) =>
    dataOf(await api.GET("/api/v1/second-payers", { params: { query: { limit: 200, state, ...(cursor ? { cursor } : {}) } } })),
  );
  const mayRelease = state === "waiting" && may("ledger.post") && may("claims.identity");
  const { answers, claims, cents: chosenCents } = useMemo(() => rowsOfClaims(rows, selected), [rows, selected]);
  const current = rows.find((row) => row.answer_id === at);
  const maySaveAgain = state === "released" && may("claims.identity");

  async function release(reason: string, key: string): Promise<void> {
    const made = dataOf(
      await api.POST("/api/v1/second-payers/release", { body: { claims, reason }, headers: { "Idempotency-Key": key }, parseAs: "text" }),
    );
    saveFile("second-payers.837", String(made), KIND);
    setSelected(new Set());
    await refresh();
  }

  async function saveAgain(claimKey: number, reason: string, brokeGlass: boolean): Promise<void> {
    const made = dataOf(
      await api.POST("/api/v1/second-payers/{claim_key}/opening", { params: { path: { claim_key: claimKey } }, body: { reason, break_glass: brokeGlass }, parseAs: "text" }),
    );
    saveFile(`second-payer-${claimKey}.837`, String(made), KIND);
  }

  return (
    <>
      <Group px="md" py="xs">
        <Select
          size="xs" label="State" allowDeselect={false} data={STATES.map((each) => ({ value: each, label: STATE_WORDS[each] ?? words(each) }))} value={state}
          onChange={(value) => { setSelected(new Set()); setSearch({ state: value === "waiting" ? undefined : (value ?? undefined), at: undefined }); }}
        />
        <span className="dim">{MEANS[state]}.</span>
        {mayRelease ? (
          <Button size="xs" disabled={claims.length === 0 || claims.length > MOST_RELEASED} onClick={() => setAsks("release")}>
            {claims.length ? `Release ${counted(claims.length, "claim")}, ${cents(chosenCents)}` : "Select with x to release"}
          </Button>
        ) : null}
        {claims.length > MOST_RELEASED ? <span className="status-person">At most {MOST_RELEASED} claims are released at once.</span> : null}
        {maySaveAgain ? (
          <Button size="xs" variant="default" disabled={!current} onClick={() => setAsks("again")}>
            {current ? `Save the 837 of claim ${current.claim_key} again` : "Choose a row to save its 837 again"}
          </Button>
        ) : null}
      </Group>
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Secondary claims" columns={columns} rows={rows} keyOf={(row) => row.answer_id} at={at} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          onAt={(row) => setSearch({ at: row.answer_id })}
          onOpen={(row) => void navigate({ to: "/claims/$claimKey", params: { claimKey: String(row.claim_key) } })}
          onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          {...(mayRelease ? { selected: answers, onSelect: (row: NextClaim) => setSelected((before) => toggled(before, row.claim_key)) } : {})}
          empty={<Empty title="Nothing here">When a first payer answers, what it leaves goes to the second payer that the claim names, or to the patient.</Empty>}
        />
      )}
      {asks === "release" ? (
        <Reason
          title={`Release ${counted(claims.length, "claim")}, ${cents(chosenCents)}`} verb="Release and save the 837" usual={["Billed to the second payer"]}
          what={`The 837 is saved as a file. It names the patients: keep it where such files are kept. From now on the second payers owe what is left, not the patients.${
            query.hasNextPage ? " What else waits of these claims further down the list is released as well." : ""}`}
          onClose={() => setAsks(null)} onReason={release}
        />
      ) : null}
      {asks === "again" && current ? (
        <Opening
          title={`Save the 837 of claim ${current.claim_key} again`} verb="Save the 837" usual={["The file was lost", "The second payer did not get it"]}
          what="It is as it was released, and names the patient: keep it where such files are kept. Nothing is posted again."
          onClose={() => setAsks(null)} onOpen={(reason, brokeGlass) => saveAgain(current.claim_key, reason, brokeGlass)}
        />
      ) : null}
    </>
  );
}
