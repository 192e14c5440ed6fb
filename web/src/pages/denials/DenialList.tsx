/** Denials one by one: open ones by what a day of waiting costs, others by what they are worth. */

import { Button, Select } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { asked, useScope } from "../../shell/scope";
import { Empty } from "../../ui/Empty";
import { cents, count, day, left, percent, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { type PayerNames, usePayerNames } from "../../ui/payers";
import { useAddress } from "../../ui/useAddress";
import { type ListPage, useList } from "../../ui/useList";
import { useOrder } from "../../ui/useOrder";
import { ClaimLink } from "../money/links";
import { DenialStrip } from "./DenialStrip";
import { DenialSummary } from "./DenialSummary";
import { type DenialRow, ofWeighed, ofWork } from "./rows";
import { type State, STATES } from "./states";

const SOON = 14;
const SORTS = ["-amount_cents", "amount_cents", "-expected_cents", "expected_cents", "due_on", "-due_on"] as const;
// The list of work names amounts without their unit.
const WORK_SORTS = {
  amount_cents: "amount", "-amount_cents": "-amount", expected_cents: "expected_recovery", "-expected_cents": "-expected_recovery", due_on: "due_on", "-due_on": "-due_on",
} as const;

const columnsOf = (causes: ReadonlyMap<string, string>, payer: PayerNames): readonly Column<DenialRow>[] => [
  { key: "claim", label: "Claim", width: "80px", render: (row) => <ClaimLink claimKey={row.claimKey} label={row.claimKey === null ? "" : `${row.claimKey}${row.line === null ? "" : ` / ${row.line}`}`} /> },
  { key: "payer", label: "Payer", width: "minmax(120px, 0.8fr)", render: (row) => <span title={row.payer ?? ""}>{payer(row.payer)}</span> },
  {
    key: "cause", label: "Why it was denied", width: "minmax(190px, 2fr)",
    render: (row) => {
      const cause = row.causeName ?? causes.get(row.cause) ?? causeWords(row.cause);
      return (
        <span title={cause}>
          {cause} <span className="code dim">{row.codes}</span>
        </span>
      );
    },
  },
  { key: "amount", label: "Denied", width: "104px", numeric: true, sort: "amount_cents", render: (row) => cents(row.amount) },
  { key: "chance", label: "Odds", width: "60px", numeric: true, meaning: "Chance that the payer pays after all", render: (row) => percent(row.chance) },
  { key: "due", label: "Left", width: "85px", numeric: true, sort: "due_on", meaning: "Days left to the last day of the clock of the next step", render: (row) => <Deadline row={row} /> },
  { key: "step", label: "Next step", width: "minmax(140px, 1fr)", render: (row) => <span title={row.why}>{words(row.nextStep)}</span> },
  { key: "expected", label: "Expected", width: "100px", numeric: true, sort: "expected_cents", meaning: "Denied by chance, as far as the clock leaves time, less the work", render: (row) => cents(row.expected) },
  { key: "law", label: "By", width: "minmax(150px, 1fr)", extra: true, meaning: "The law or contract that sets the clock", render: (row) => <span className="dim" title={row.law ?? ""}>{row.law}</span> },
];

/** The code of a cause as words, where the names of causes are not known. */
const causeWords = (cause: string): string => words(cause.replace(/-/g, "_"));

function Deadline({ row }: { row: DenialRow }) {
  if (row.daysLeft === null) return <span className="dim">no clock</span>;
  const tone = row.daysLeft < 0 ? "loss" : row.daysLeft <= SOON ? "person" : "plain";
  return (
    <span title={day(row.dueOn)}>
      <Status tone={tone}>{left(row.daysLeft)}</Status>
    </span>
  );
}

type Props = { tabs: ReactNode; groups: UseQueryResult<Schemas["WorkGroup"][]> };

export function DenialList({ tabs, groups }: Props) {
  const [search, setSearch] = useAddress();
  const navigate = useNavigate();
  const scope = useScope();
  const payer = usePayerNames();
  const { sort, order, onOrder } = useOrder(SORTS);
  const state: State = STATES.find((each) => each === search["state"]) ?? "open";
  const cause = typeof search["cause"] === "string" ? search["cause"] : undefined;
  const step = state === "open" && typeof search["step"] === "string" ? search["step"] : undefined;
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const found = groups.data;
  const causes = useMemo(() => new Map((found ?? []).map((group) => [group.root_cause, group.name])), [found]);
  const { query, rows } = useList<DenialRow>(
    ["denials", state, cause, step, scope.facility, scope.days, sort],
    async (cursor): Promise<ListPage<DenialRow>> => {
      const wanted = { limit: 200, ...(cursor ? { cursor } : {}), ...(cause ? { cause } : {}), ...asked(scope, "denied_from", "denied_to") };
      if (state === "open") {
        const page = dataOf(await api.GET("/api/v1/denials/work", { params: { query: { ...wanted, ...(step ? { step } : {}), ...(sort ? { sort: WORK_SORTS[sort] } : {}) } } }));
        return { items: page.items.map(ofWork), next: page.next };
      }
      const page = dataOf(await api.GET("/api/v1/denials", { params: { query: { ...wanted, state, ...(sort ? { sort } : {}) } } }));
      return { items: page.items.map(ofWeighed), next: page.next };
    },
  );
  const columns = useMemo(() => columnsOf(causes, payer), [causes, payer]);
  const current = rows.find((row) => row.id === at);
  const isFiltered = state !== "open" || cause !== undefined || step !== undefined || scope.facility !== undefined || scope.days !== null;
  const steps = [...new Set((found ?? []).map((group) => group.next_step))].sort();
  const causeNames = [...new Map([...causes, ...(cause && !causes.has(cause) ? [[cause, causeWords(cause)] as const] : [])])];
  return (
    <Page
      title="Denials" summary={query.isSuccess ? `${count(rows.length)}${query.hasNextPage ? " and more" : ""}` : ""}
      filters={
        <>
          {tabs}
          <Select
            label="State" allowDeselect={false} data={STATES.map((each) => ({ value: each, label: words(each) }))} value={state}
            onChange={(value) => setSearch({ state: value === "open" ? undefined : (value ?? undefined), step: undefined, at: undefined })}
          />
          <Select
            label="Cause" clearable searchable placeholder="All" w={240} data={causeNames.map(([value, label]) => ({ value, label }))} value={cause ?? null}
            onChange={(value) => setSearch({ cause: value ?? undefined, at: undefined })}
          />
          {state === "open" ? (
            <Select
              label="Next step" clearable placeholder="All" data={steps.map((each) => ({ value: each, label: words(each) }))} value={step ?? null}
              onChange={(value) => setSearch({ step: value ?? undefined, at: undefined })}
            />
          ) : null}
          {isFiltered ? (
            <Button size="xs" variant="subtle" onClick={() => setSearch({ state: undefined, cause: undefined, step: undefined, facility: undefined, period: undefined, at: undefined })}>
              Clear the filters
            </Button>
          ) : null}
        </>
      }
      panel={at !== null ? <DenialSummary key={at} denialId={at} /> : undefined}
      panelTitle={current?.claimKey ? `Claim ${current.claimKey}${current.line === null ? "" : `, line ${current.line}`}` : "Denial"}
      onClosePanel={() => setSearch({ at: undefined })}
    >
      {found ? <DenialStrip groups={found} /> : null}
      {query.isError || groups.isError ? <ProblemNote problem={query.error ?? groups.error} onRetry={() => void Promise.all([groups.refetch(), query.refetch()])} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Denials" columns={columns} rows={rows} keyOf={(row) => row.id} at={at} order={order} onOrder={onOrder} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()} onAt={(row) => setSearch({ at: row.id })}
          onOpen={(row) => void navigate({ to: "/denials/$denialId", params: { denialId: String(row.id) } })}
          onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={
            isFiltered ? (
              <Empty title="No denial matches these filters">Clear the filters to see every open denial.</Empty>
            ) : (
              <Empty title="No open denials">Denials come out of posted remittances (835) and of rejections (277CA, 999). Each gets its cause, its clock and a next step.</Empty>
            )
          }
        />
      )}
    </Page>
  );
}
