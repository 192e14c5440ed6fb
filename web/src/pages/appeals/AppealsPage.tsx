/** Appeals by what they are expected to bring and their clock. */

import { Anchor, Button, Select } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { api, dataOf } from "../../api/client";
import { useMay, useSession } from "../../session/session";
import { saveBlob } from "../../ui/csv";
import { Empty } from "../../ui/Empty";
import { cents, counted, day, daysLeft, isoDay, sentence, sumCents, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Reason } from "../../ui/Reason";
import { Status, type Tone } from "../../ui/Status";
import { type PayerNames, usePayerNames } from "../../ui/payers";
import { useAddress } from "../../ui/useAddress";
import { useList } from "../../ui/useList";
import { useOrder } from "../../ui/useOrder";
import { ClaimLink } from "../money/links";
import { type Appeal, toneOfAppeal } from "./states";

// Days before the end of a clock at which it is shown as urgent.
const SOON = 14;
type State = (typeof STATES)[number];
const STATES = ["marked", "ready", "approved", "sent", "won", "partly_won", "lost", "failed", "not_eligible", "withdrawn", "in_progress"] as const;

// Those that wait for a person, as the overview counts them.
const TO_FINISH: readonly State[] = ["failed", "marked", "ready", "approved"];
const STATE_CHOICES = [{ value: "to_finish", label: "To finish" }, ...STATES.map((each) => ({ value: each as string, label: words(each) }))];

const SORTS = ["-amount_cents", "amount_cents", "-expected_cents", "expected_cents", "due_on", "-due_on"] as const;

const columnsOf = (payer: PayerNames): readonly Column<Appeal>[] => [
  { key: "appeal", label: "Appeal", width: "80px", render: (row) => String(row.case_id) },
  { key: "claim", label: "Claim", width: "80px", render: (row) => (row.claim_key === null ? "" : <ClaimLink claimKey={row.claim_key} label={String(row.claim_key)} />) },
  { key: "payer", label: "Payer", width: "minmax(140px, 1.4fr)", render: (row) => <span title={row.payer_id ?? ""}>{payer(row.payer_id)}</span> },
  { key: "level", label: "Level", width: "minmax(140px, 1fr)", render: (row) => sentence(row.level_name ?? `level ${row.level}`) },
  { key: "state", label: "State", width: "minmax(130px, 1fr)", render: (row) => <Status tone={toneOfAppeal(row.state)}>{words(row.state)}</Status> },
  { key: "why", label: "Why", width: "minmax(130px, 1fr)", render: (row) => (row.reason ? words(row.reason) : row.marked ? `${row.marked} marked` : "") },
  { key: "amount", label: "In dispute", width: "110px", numeric: true, sort: "amount_cents", render: (row) => cents(row.amount_cents) },
  { key: "expected", label: "Expected", width: "105px", numeric: true, sort: "expected_cents", meaning: "Of an appeal that is not decided: in dispute by chance, less the work", render: (row) => (isOpen(row) ? cents(row.expected_cents) : "") },
  { key: "due", label: "Ends", width: "100px", sort: "due_on", meaning: "Last day of the level's clock", render: (row) => (row.due_on ? day(row.due_on) : "") },
  { key: "left", label: "Left", width: "80px", render: (row) => (row.due_on && isOpen(row) && !row.sent_at ? <Status tone={toneOfDays(row.due_on)}>{daysLeft(row.due_on)}</Status> : "") },
  { key: "recovered", label: "Recovered", width: "105px", numeric: true, render: (row) => cents(row.recovered_cents) },
];

/** Not decided, given up or impossible: it can still bring its money. */
const isOpen = (row: Appeal): boolean => ["in_progress", "failed", "marked", "ready", "approved", "sent"].includes(row.state);
const toneOfDays = (due: string): Tone => (due < isoDay() ? "loss" : due <= isoDay(SOON) ? "person" : "plain");

export function AppealsPage() {
  const [search, setSearch] = useAddress();
  const navigate = useNavigate();
  const chosenState = STATE_CHOICES.find(({ value }) => value === search["state"])?.value;
  const states: readonly State[] = chosenState === "to_finish" ? TO_FINISH : STATES.filter((each) => each === chosenState);
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const may = useMay();
  const session = useSession();
  const { sort, order, onOrder } = useOrder(SORTS);
  const payer = usePayerNames();
  const columns = useMemo(() => columnsOf(payer), [payer]);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [isPrinting, setPrinting] = useState(false);
  const { query, rows } = useList<Appeal>(["appeals", chosenState, sort], async (cursor) =>
    dataOf(
      await api.GET("/api/v1/appeals", {
        params: { query: { limit: 200, ...(cursor ? { cursor } : {}), ...(states.length > 0 ? { state: [...states] } : {}), ...(sort ? { sort } : {}) } },
      }),
    ),
  );
  const approved = rows.filter((row) => row.approved_by !== null);
  const printable = (chosen.size > 0 ? approved.filter((row) => chosen.has(row.case_id)) : approved.filter((row) => row.state === "approved")).map((row) => row.case_id).slice(0, 200);
  return (
    <Page
      title="Appeals" summary={query.isSuccess ? `${counted(rows.length, "appeal")}, ${cents(sumCents(rows.filter(isOpen).map((row) => row.amount_cents)))} in dispute, ${cents(sumCents(rows.map((row) => row.recovered_cents)))} recovered` : ""}
      actions={
        <>
          {may("templates.read") && session.facilities === null ? <Anchor renderRoot={(given) => <Link to="/appeals/experiments" {...given} />}>Experiments</Anchor> : null}
          {may("appeals.read") && printable.length > 0 ? (
            <Button size="xs" variant="default" onClick={() => setPrinting(true)}>
              {`Print ${counted(printable.length, chosen.size > 0 ? "letter" : "approved letter")}`}
            </Button>
          ) : null}
        </>
      }
      filters={
        <Select
          label="State" clearable placeholder="All" data={STATE_CHOICES} value={chosenState ?? null}
          onChange={(value) => setSearch({ state: value ?? undefined, at: undefined })}
        />
      }
    >
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Appeals" columns={columns} rows={rows} keyOf={(row) => row.case_id} at={at} order={order} onOrder={onOrder} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          onAt={(row) => setSearch({ at: row.case_id })} selected={chosen}
          {...(may("appeals.read") ? { onSelect: (row: Appeal) => setChosen((before) => toggled(before, row.case_id)) } : {})}
          onOpen={(row) => void navigate({ to: "/appeals/$caseId", params: { caseId: String(row.case_id) } })}
          empty={
            <Empty title={chosenState ? "No appeal is in this state" : "No appeals yet"}>
              Open a denial and choose “Draft the appeal”: the case, its letter and what is proven of it then stand here.
            </Empty>
          }
        />
      )}
      {isPrinting ? (
        <Reason
          title={`Print ${counted(printable.length, "letter")}`} verb="Print" usual={["Today's mail"]}
          what="One PDF: each letter behind a cover sheet with its address." onClose={() => setPrinting(false)}
          onReason={async (reason) => {
            const content = dataOf(await api.POST("/api/v1/appeals/letters/opening", { body: { case_ids: printable, reason }, parseAs: "blob" }));
            saveBlob("letters.pdf", content as unknown as Blob);
          }}
        />
      ) : null}
    </Page>
  );
}

function toggled(before: ReadonlySet<number>, key: number): ReadonlySet<number> {
  const after = new Set(before);
  if (!after.delete(key)) after.add(key);
  return after;
}
