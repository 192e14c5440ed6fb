/** What payers paid too little: by payer and kind, one by one, and the dispute of a payer as a file. */

import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useScope } from "../../shell/scope";
import { Empty } from "../../ui/Empty";
import { cents, count, day, sumCents, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { useList } from "../../ui/useList";
import { useOrder } from "../../ui/useOrder";
import { Views } from "../../ui/Views";
import { Withheld } from "../../ui/Withheld";
import { ClaimLink } from "../money/links";
import { Dispute } from "./Dispute";
import { UnderpaymentSummary } from "./UnderpaymentSummary";

type Underpayment = Schemas["Underpayment"];
type Total = Schemas["UnderpaymentTotal"];
const KINDS = [
  "underpaid", "paid_at_zero", "bundled_without_edit", "modifier_reduction", "other_edition", "downcoded", "reversal_without_correction",
  "recovery_without_reversal", "interest_owed",
] as const;
const SORTS = ["-amount_cents", "amount_cents"] as const;
const VIEWS = [{ value: "list", label: "One by one" }, { value: "totals", label: "By payer and kind" }];

const COLUMNS: readonly Column<Underpayment>[] = [
  { key: "claim", label: "Claim", width: "80px", render: (row) => (row.claim_key === null ? "" : <ClaimLink claimKey={row.claim_key} label={`${row.claim_key}${row.line === null ? "" : ` / ${row.line}`}`} />) },
  { key: "payer", label: "Payer", width: "minmax(150px, 1fr)", render: (row) => row.payer_name ?? row.payer_id },
  { key: "kind", label: "Kind", width: "minmax(120px, 1fr)", render: (row) => words(row.kind) },
  { key: "service", label: "Procedure", width: "90px", render: (row) => <span className="code">{[row.procedure, row.modifiers].filter(Boolean).join(" ")}</span> },
  { key: "short", label: "Short by", width: "108px", numeric: true, sort: "amount_cents", render: (row) => <Status tone="loss">{cents(row.amount_cents)}</Status> },
  { key: "expected", label: "Expected", width: "96px", numeric: true, meaning: "What the contract or schedule allows", render: (row) => cents(row.expected_cents) },
  { key: "allowed", label: "Allowed", width: "96px", numeric: true, meaning: "What the payer allowed: paid and patient responsibility", render: (row) => cents(row.allowed_cents) },
  { key: "paid", label: "Paid", width: "100px", numeric: true, render: (row) => cents(row.paid_cents) },
  { key: "paidOn", label: "Paid on", width: "100px", extra: true, render: (row) => day(row.paid_on) },
  { key: "confidence", label: "Confidence", width: "95px", extra: true, meaning: "High by a contract, low where Medicare's schedule is the only measure", render: (row) => words(row.confidence) },
];

/** The columns for a list whose procedures are withheld, or not. */
const columnsFor = (why: string | undefined): readonly Column<Underpayment>[] =>
  why === undefined ? COLUMNS : COLUMNS.map((column) => (column.key === "service" ? { ...column, render: () => <Withheld why={why} /> } : column));

const TOTALS: readonly Column<Total>[] = [
  { key: "payer", label: "Payer", width: "minmax(220px, 2fr)", render: (row) => row.payer_name ?? row.payer_id ?? "Not known" },
  { key: "kind", label: "Kind", width: "minmax(160px, 1fr)", render: (row) => words(row.kind) },
  { key: "claims", label: "Claims", width: "100px", numeric: true, render: (row) => count(row.claims) },
  { key: "findings", label: "Lines", width: "100px", numeric: true, render: (row) => count(row.findings) },
  { key: "amount", label: "Short by", width: "130px", numeric: true, render: (row) => cents(row.amount_cents) },
];

const payerOf = (total: Total): string => total.payer_id ?? total.payer_name ?? "";
const totalKey = (total: Total): string => `${payerOf(total)} ${total.kind}`;

const titleOf = (row: Underpayment | undefined): string =>
  row ? [row.claim_key === null ? "Underpayment" : `Claim ${row.claim_key}`, row.line === null ? null : `line ${row.line}`].filter(Boolean).join(", ") : "Underpayment";

export function UnderpaymentsPage() {
  const [search, setSearch] = useAddress();
  const { facility } = useScope();
  const { sort, order, onOrder } = useOrder(SORTS, "-amount_cents");
  const [isDisputing, setDisputing] = useState(false);
  const payer = typeof search["payer"] === "string" ? search["payer"] : undefined;
  const kind = KINDS.find((each) => each === search["kind"]);
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const isTotals = search["view"] === "totals";
  const totals = useQuery({
    queryKey: ["underpayment-totals", facility], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/underpayments/totals", { params: { query: facility ? { facility } : {} } })),
  });
  const { query, rows } = useList<Underpayment, Schemas["Page_Underpayment_"]>(
    ["underpayments", payer, kind, facility, sort],
    async (cursor) =>
      dataOf(
        await api.GET("/api/v1/underpayments", {
          params: { query: { limit: 200, ...(cursor ? { cursor } : {}), ...(payer ? { payer } : {}), ...(kind ? { kind } : {}), ...(facility ? { facility } : {}), ...(sort ? { sort } : {}) } },
        }),
      ),
    { enabled: !isTotals },
  );
  const all = totals.data ?? [];
  const chosen = all.filter((each) => (!payer || payerOf(each) === payer) && (!kind || each.kind === kind));
  const payers = [...new Map(all.map((each) => [payerOf(each), each.payer_name ?? each.payer_id ?? "Not known"]))].filter(([value]) => value);
  const kinds = [...new Set(all.map((each) => each.kind))];
  const payerName = payers.find(([value]) => value === payer)?.[1];
  const problem = isTotals ? totals.error : query.error;
  return (
    <Page
      title="Underpayments"
      summary={totals.isSuccess ? `${cents(sumCents(chosen.map((each) => each.amount_cents)))} short on ${count(sumCents(chosen.map((each) => each.findings)))} lines` : ""}
      actions={payer ? <Button size="xs" onClick={() => setDisputing(true)}>Dispute as a file</Button> : null}
      filters={
        <>
          <Views label="Views of underpayments" views={VIEWS} current={isTotals ? "totals" : "list"} />
          <Select
            label="Payer" clearable searchable placeholder="All" w={260} data={payers.map(([value, label]) => ({ value, label }))} value={payer ?? null}
            onChange={(value) => setSearch({ payer: value ?? undefined, at: undefined })}
          />
          <Select
            label="Kind" clearable placeholder="All" data={kinds.map((each) => ({ value: each, label: words(each) }))} value={kind ?? null}
            onChange={(value) => setSearch({ kind: value ?? undefined, at: undefined })}
          />
          {payer || kind ? (
            <Button size="xs" variant="subtle" onClick={() => setSearch({ payer: undefined, kind: undefined, at: undefined })}>
              Clear the filters
            </Button>
          ) : null}
        </>
      }
      panel={!isTotals && at !== null ? <UnderpaymentSummary key={at} underpaymentId={at} withheld={query.data?.pages[0]?.withheld} /> : undefined}
      panelTitle={titleOf(rows.find((row) => row.underpayment_id === at))} onClosePanel={() => setSearch({ at: undefined })}
    >
      {problem ? <ProblemNote problem={problem} onRetry={() => void Promise.all([totals.refetch(), query.refetch()])} /> : null}
      {(isTotals ? totals : query).isLoadingError ? null : isTotals ? (
        <Grid
          label="Underpayments by payer and kind" columns={TOTALS} rows={chosen} keyOf={totalKey} at={typeof search["at"] === "string" ? search["at"] : null}
          isLoading={totals.isPending} onAt={(row) => setSearch({ at: totalKey(row) })}
          onOpen={(row) => setSearch({ view: undefined, payer: payerOf(row) || undefined, kind: row.kind, at: undefined })} empty={<None isFiltered={Boolean(payer || kind)} />}
        />
      ) : (
        <Grid
          label="Underpayments" columns={columnsFor(query.data?.pages[0]?.withheld["procedure"])} rows={rows} keyOf={(row) => row.underpayment_id} at={at} order={order} onOrder={onOrder} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          onAt={(row) => setSearch({ at: row.underpayment_id })} onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={<None isFiltered={Boolean(payer || kind)} />}
        />
      )}
      {isDisputing && payer ? <Dispute payer={payer} name={payerName ?? payer} onClose={() => setDisputing(false)} /> : null}
    </Page>
  );
}

function None({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Empty title="No underpayment matches these filters">Clear the filters to see every one.</Empty>;
  return (
    <Empty title="No underpayments">
      Each posted answer is compared with the contract of its payer, or with Medicare's schedule where none is known. What is short by more
      than the tolerance stands here.
    </Empty>
  );
}
