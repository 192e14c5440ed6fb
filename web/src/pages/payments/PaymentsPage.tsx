/** Payments: what came, how much of it is applied to claims, whether a deposit confirms it; write-offs that wait. */

import { Anchor, Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { asked, useScope } from "../../shell/scope";
import { Empty } from "../../ui/Empty";
import { age, cents, count, day, percent, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { StateOf } from "../../ui/StateOf";
import { Status } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { useList } from "../../ui/useList";
import { useOrder } from "../../ui/useOrder";
import { Views } from "../../ui/Views";
import { PaymentSummary } from "./PaymentSummary";
import { WriteOffsView } from "./WriteOffsView";

type Payment = Schemas["ExplainedPayment"];
const STATES = ["posted", "held", "duplicate"] as const;
type State = (typeof STATES)[number];
const SORTS = ["-paid_on", "paid_on", "-amount_cents", "amount_cents"] as const;

const COLUMNS: readonly Column<Payment>[] = [
  { key: "date", label: "Paid", width: "155px", sort: "paid_on", render: ({ payment }) => (payment.paid_on ? `${day(payment.paid_on)} (${age(payment.paid_on)})` : "") },
  { key: "payer", label: "Payer", width: "minmax(140px, 1fr)", render: ({ payment }) => payment.payer_name ?? payment.payer_id },
  { key: "trace", label: "Check or EFT", width: "minmax(140px, 1fr)", render: ({ payment }) => [payment.trace_number, payment.method].filter(Boolean).join(" · ") },
  { key: "amount", label: "Amount", width: "112px", numeric: true, sort: "amount_cents", render: ({ payment }) => cents(payment.amount_cents) },
  {
    key: "matched", label: "Matched", width: "80px", numeric: true, meaning: "Share of its claims that do not wait for a person",
    render: ({ payment }) => matched(payment),
  },
  {
    key: "unapplied", label: "Unapplied", width: "112px", numeric: true, meaning: "Received, and not applied to claims",
    render: ({ payment }) => (payment.unapplied_cents ? <Status tone="person">{cents(payment.unapplied_cents)}</Status> : cents(payment.unapplied_cents)),
  },
  {
    key: "state", label: "State", width: "90px",
    render: ({ payment }) => <StateOf of="payment" name={payment.state} tone={payment.state === "held" ? "loss" : undefined} />,
  },
  { key: "claims", label: "Claims", width: "70px", extra: true, numeric: true, render: ({ payment }) => count(payment.claims) },
  {
    key: "deposit", label: "Deposit", width: "110px", extra: true, meaning: "Whether a deposit of the bank confirms it",
    render: ({ payment }) => (payment.reconciled_at ? <Status tone="done">Confirmed</Status> : <span className="dim">Not yet</span>),
  },
];

function matched(payment: Schemas["ListedPayment"]) {
  if (payment.claims === 0) return "";
  const share = (payment.claims - payment.waiting) / payment.claims;
  // 99.7% is not all of it.
  const shown = share < 1 ? `${Math.min(99, Math.round(share * 100))}%` : percent(1);
  return payment.waiting ? <Status tone="person">{shown}</Status> : shown;
}

export function PaymentsPage() {
  const [search] = useAddress();
  const may = useMay();
  const waiting = useQuery({
    queryKey: ["write-offs-waiting"], meta: { live: true }, enabled: may("ledger.read"),
    queryFn: async () => dataOf(await api.GET("/api/v1/ledger/write-offs", { params: { query: { state: "waiting", limit: 100 } } })),
  });
  const views = [
    { value: "payments", label: "Payments" },
    ...(may("ledger.read") ? [{ value: "write-offs", label: "Write-offs", count: waiting.data?.next ? `${waiting.data.items.length}+` : waiting.data?.items.length }] : []),
  ];
  const isWriteOffs = search["view"] === "write-offs" && may("ledger.read");
  const tabs = <Views label="Payments and write-offs" views={views} current={isWriteOffs ? "write-offs" : "payments"} />;
  return isWriteOffs ? <WriteOffsView tabs={tabs} /> : <Payments tabs={tabs} />;
}

function Payments({ tabs }: { tabs: ReactNode }) {
  const [search, setSearch] = useAddress();
  const navigate = useNavigate();
  const scope = useScope();
  const { sort, order, onOrder } = useOrder(SORTS);
  const state = STATES.find((each) => each === search["state"]);
  const file = typeof search["file"] === "number" ? search["file"] : undefined;
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const { query, rows } = useList<Payment>(["payments", state, file, scope.facility, scope.days, sort], async (cursor) =>
    dataOf(
      await api.GET("/api/v1/payments", {
        params: { query: { limit: 200, ...(cursor ? { cursor } : {}), ...(state ? { state } : {}), ...(file ? { file_id: file } : {}), ...(sort ? { sort } : {}), ...asked(scope, "paid_from", "paid_to") } },
      }),
    ),
  );
  const current = rows.find(({ payment }) => payment.payment_id === at);
  const isFiltered = state !== undefined || file !== undefined || scope.facility !== undefined || scope.days !== null;
  return (
    <Page
      title="Payments" summary={query.isSuccess ? `${count(rows.length)}${query.hasNextPage ? " and more" : ""}` : ""}
      filters={
        <>
          {tabs}
          <Select
            label="State" clearable placeholder="Any" data={STATES.map((each) => ({ value: each, label: words(each) }))} value={state ?? null}
            onChange={(value) => setSearch({ state: (value as State | null) ?? undefined, at: undefined })}
          />
          {file ? <span className="views-note">Of remittance {file}</span> : null}
          {isFiltered ? (
            <Button size="xs" variant="subtle" onClick={() => setSearch({ state: undefined, file: undefined, facility: undefined, period: undefined, at: undefined })}>
              Clear the filters
            </Button>
          ) : null}
        </>
      }
      panel={current ? <PaymentSummary shown={current} /> : undefined}
      panelTitle={current ? `Payment ${current.payment.trace_number ?? current.payment.payment_id}` : ""} onClosePanel={() => setSearch({ at: undefined })}
    >
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Payments" columns={COLUMNS} rows={rows} keyOf={({ payment }) => payment.payment_id} at={at} order={order} onOrder={onOrder} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          onAt={({ payment }) => setSearch({ at: payment.payment_id })}
          onOpen={({ payment }) => void navigate({ to: "/payments/$paymentId", params: { paymentId: String(payment.payment_id) } })}
          onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={
            isFiltered ? (
              <Empty title="No payment matches these filters">Clear the filters to see every payment.</Empty>
            ) : (
              <Empty title="No payments yet">
                Each payment of a remittance stands here.{" "}
                <Anchor renderRoot={(given) => <Link to="/remittances" {...given} />}>Post an 835</Anchor>.
              </Empty>
            )
          }
        />
      )}
    </Page>
  );
}
