/** What first payers left: claims to second payers, released with their 837; what patients owe. */

import { Button, Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { saveFile } from "../../ui/csv";
import { Empty } from "../../ui/Empty";
import { cents, count, day, moment, sumCents, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { ProblemNote } from "../../ui/ProblemNote";
import { Reason } from "../../ui/Reason";
import { Table } from "../../ui/Table";
import { useAddress } from "../../ui/useAddress";
import { useList } from "../../ui/useList";
import { useRefresh } from "../../ui/useRefresh";
import { ClaimLink } from "../money/links";

type NextClaim = Schemas["NextClaim"];
const STATES = ["waiting", "released", "forwarded", "patient"] as const;
const MEANS: Record<(typeof STATES)[number], string> = {
  waiting: "The claim names a second payer: a person releases it",
  released: "Its 837 was written, and the second payer owes it",
  forwarded: "The first payer sent the claim on itself: it is not billed again",
  patient: "No second payer is known: the patient owes it",
};

const COLUMNS: readonly Column<NextClaim>[] = [
  { key: "claim", label: "Claim", width: "90px", render: (row) => <ClaimLink claimKey={row.claim_key} /> },
  { key: "facility", label: "Facility", width: "120px", render: (row) => row.facility },
  { key: "payer", label: "Second payer", width: "minmax(180px, 1fr)", render: (row) => row.payer_name ?? row.payer_id },
  { key: "left", label: "Left to bill", width: "130px", numeric: true, meaning: "What the first payer left to the patient", render: (row) => cents(row.amount_cents) },
  { key: "paid", label: "First payer paid on", width: "150px", render: (row) => day(row.paid_on) },
  { key: "released", label: "Released", width: "190px", render: (row) => (row.released_at ? `${moment(row.released_at)} by ${row.released_by ?? ""}` : "") },
];

export function SecondPayersView() {
  const [search, setSearch] = useAddress();
  const may = useMay();
  const refresh = useRefresh();
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [asks, setAsks] = useState(false);
  const state = STATES.find((each) => each === search["state"]) ?? "waiting";
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const { query, rows } = useList<NextClaim>(["second-payers", state], async (cursor) =>
    dataOf(await api.GET("/api/v1/second-payers", { params: { query: { limit: 200, state, ...(cursor ? { cursor } : {}) } } })),
  );
  const mayRelease = state === "waiting" && may("ledger.post") && may("claims.identity");
  const chosen = rows.filter((row) => selected.has(row.answer_id));

  async function release(reason: string, key: string): Promise<void> {
    const claims = [...new Set(chosen.map((row) => row.claim_key))];
    const made = dataOf(
      await api.POST("/api/v1/second-payers/release", { body: { claims, reason }, headers: { "Idempotency-Key": key }, parseAs: "text" }),
    );
    saveFile("second-payers.837", String(made), "application/edi-x12");
    setSelected(new Set());
    await refresh();
  }

  return (
    <>
      <Group px="md" py="xs">
        <Select
          size="xs" label="State" allowDeselect={false} data={STATES.map((each) => ({ value: each, label: words(each) }))} value={state}
          onChange={(value) => { setSelected(new Set()); setSearch({ state: value === "waiting" ? undefined : (value ?? undefined), at: undefined }); }}
        />
        <span className="dim">{MEANS[state]}.</span>
        {mayRelease ? (
          <Button size="xs" disabled={chosen.length === 0} onClick={() => setAsks(true)}>
            {chosen.length ? `Release ${count(chosen.length)}, ${cents(sumCents(chosen.map((row) => row.amount_cents)))}` : "Select with x to release"}
          </Button>
        ) : null}
      </Group>
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Claims to second payers" columns={COLUMNS} rows={rows} keyOf={(row) => row.answer_id} at={at} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          onAt={(row) => setSearch({ at: row.answer_id })}
          {...(mayRelease
            ? {
                selected,
                onSelect: (row: NextClaim) =>
                  setSelected((before) => {
                    const next = new Set(before);
                    if (!next.delete(row.answer_id)) next.add(row.answer_id);
                    return next;
                  }),
              }
            : {})}
          empty={<Empty title="Nothing here">When a first payer answers, what it leaves goes to the second payer that the claim names, or to the patient.</Empty>}
        />
      )}
      {asks ? (
        <Reason
          title={`Release ${count(chosen.length)} claims to their second payers`} verb="Release and save the 837" usual={["Billed to the second payer"]}
          what="The 837 is saved as a file. It names the patients: keep it where such files are kept. From now on the second payers owe what is left, not the patients."
          onClose={() => setAsks(false)} onReason={release}
        />
      ) : null}
    </>
  );
}

export function PatientsView() {
  const query = useQuery({
    queryKey: ["patients-owe"], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/second-payers/patients", { params: { query: { limit: 1000 } } })),
  });
  const rows = query.data ?? [];
  if (query.isLoadingError) return <ProblemNote problem={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className="read wide">
      <p className="dim">
        {query.isSuccess ? `${cents(sumCents(rows.map((row) => row.amount_cents)))} on ${count(rows.length)}${rows.length === 1000 ? " and more" : ""} claims. ` : ""}
        Claims without a second payer, or whose second payer has answered.
      </p>
      <Table
        label="What patients owe" headings={["Claim", "Facility", { label: "Owed", numeric: true }]}
        rows={rows.map((row) => ({
          key: row.account_key, cells: [<ClaimLink key="claim" claimKey={row.claim_key} />, row.facility, cents(row.amount_cents)],
        }))}
      />
    </div>
  );
}
