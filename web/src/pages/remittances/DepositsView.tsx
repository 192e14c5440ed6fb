/** Deposits of the bank, and payments that no deposit confirms. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { Empty } from "../../ui/Empty";
import { age, cents, day } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { useSession } from "../../session/session";
import { PaymentLink } from "../money/links";

type Deposit = Schemas["StoredDeposit"];
type Unconfirmed = Schemas["UnconfirmedPayment"];

const DEPOSITS: readonly Column<Deposit>[] = [
  { key: "date", label: "Deposited", width: "145px", render: (row) => `${day(row.deposited_on)} (${age(row.deposited_on)})` },
  { key: "trace", label: "Trace number", width: "minmax(120px, 1fr)", render: (row) => row.trace_number ?? "" },
  { key: "amount", label: "Amount", width: "100px", numeric: true, render: (row) => cents(row.amount_cents) },
  {
    key: "payment", label: "Confirms", width: "minmax(120px, 1fr)",
    render: (row) =>
      row.payment_id === null ? <Status tone="person">No payment</Status> : <PaymentLink paymentId={row.payment_id} label={`${row.payer_name ?? "Payment"} ${row.payment_id}`} />,
  },
];

const PAYMENTS: readonly Column<Unconfirmed>[] = [
  { key: "date", label: "Paid", width: "145px", render: (row) => `${day(row.paid_on)} (${age(row.paid_on)})` },
  { key: "payer", label: "Payer", width: "minmax(100px, 1fr)", render: (row) => row.payer_name ?? "" },
  { key: "trace", label: "Check or EFT", width: "minmax(110px, 1fr)", render: (row) => <PaymentLink paymentId={row.payment_id} label={row.trace_number ?? String(row.payment_id)} /> },
  { key: "amount", label: "Amount", width: "100px", numeric: true, render: (row) => cents(row.amount_cents) },
  {
    key: "other", label: "Deposit says", width: "104px", numeric: true, meaning: "The amount of a deposit with this trace number",
    render: (row) => (row.other_cents === null ? "" : <Status tone="loss">{cents(row.other_cents)}</Status>),
  },
];

export function DepositsView() {
  const session = useSession();
  const [deposit, setDeposit] = useState<number | null>(null);
  const [payment, setPayment] = useState<number | null>(null);
  const query = useInfiniteQuery({
    queryKey: ["deposits"], meta: { live: true }, initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam }) =>
      dataOf(await api.GET("/api/v1/deposits", { params: { query: { limit: 200, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    getNextPageParam: (page) => page.deposits.next ?? undefined,
  });
  if (query.isLoadingError) return <ProblemNote problem={query.error} onRetry={() => void query.refetch()} />;
  const deposits = query.data?.pages.flatMap((page) => page.deposits.items) ?? [];
  const unconfirmed = query.data?.pages[0]?.payments ?? [];
  return (
    <div className="halves">
      <section>
        <h2>Payments that no deposit confirms</h2>
        <Grid
          label="Payments that no deposit confirms" columns={PAYMENTS} rows={unconfirmed} keyOf={(row) => row.payment_id} at={payment}
          isLoading={query.isPending} onAt={(row) => setPayment(row.payment_id)}
          empty={<Empty title="Every payment is confirmed">The newest payments without a deposit would stand here.</Empty>}
        />
      </section>
      <section>
        <h2>Deposits</h2>
        <Grid
          label="Deposits" columns={DEPOSITS} rows={deposits} keyOf={(row) => row.deposit_id} at={deposit} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()} onAt={(row) => setDeposit(row.deposit_id)}
          empty={
            session.facilities ? (
              <Empty title="Deposits are of no facility">They are shown to accounts of every facility.</Empty>
            ) : (
              <Empty title="No deposits yet">Add a file of the bank: a deposit with the trace number and the amount of a payment confirms it.</Empty>
            )
          }
        />
      </section>
    </div>
  );
}
