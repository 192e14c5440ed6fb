/** One payment: its claims, lines and adjustments, whose columns add up to it before the reader's eyes. */

import { Anchor, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay, useSession } from "../../session/session";
import { age, cents, count, day, moment, words } from "../../ui/format";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status, toneOf } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { useList } from "../../ui/useList";
import { useRefresh } from "../../ui/useRefresh";
import { OpenedAnswer } from "../remittances/OpenedAnswer";
import type { Claim } from "./adds";
import { AnswerSummary } from "./AnswerSummary";
import { PaymentTree } from "./PaymentTree";
import { ReleasePayment } from "./ReleasePayment";

export function PaymentPage() {
  const { paymentId } = useParams({ strict: false });
  const payment_id = Number(paymentId);
  const [search, setSearch] = useAddress();
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const payment = useQuery({
    queryKey: ["payment", payment_id], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/payments/{payment_id}", { params: { path: { payment_id } } })),
  });
  const statement = useQuery({
    queryKey: ["payment-statement", payment_id], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/payments/{payment_id}/statement", { params: { path: { payment_id } } })),
  });
  const { query, rows } = useList<Claim>(["payment-claims", payment_id], async (cursor) =>
    dataOf(
      await api.GET("/api/v1/payments/{payment_id}/claims", {
        params: { path: { payment_id }, query: { limit: 200, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  // A link leads to an answer that may stand far down.
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = query;
  const isMissing = at !== null && query.isSuccess && !rows.some((claim) => claim.answer_id === at);
  useEffect(() => {
    if (isMissing && hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [isMissing, hasNextPage, isFetchingNextPage, isError, fetchNextPage]);

  const problem = payment.error ?? statement.error ?? query.error;
  const retry = (): void => void Promise.all([payment.refetch(), statement.refetch(), query.refetch()]);
  const current = rows.find((claim) => claim.answer_id === at);
  const title = payment.data ? `Payment ${payment.data.payment.trace_number ?? payment_id}` : `Payment ${payment_id}`;
  return (
    <Page
      title={title} summary={payment.data ? <Summary payment={payment.data.payment} /> : ""}
      actions={payment.data ? <Acts shown={payment.data} /> : null}
      filters={payment.data && payment.data.payment.state !== "posted" ? <Meaning shown={payment.data} /> : undefined} hasViews={false}
      panel={
        current && statement.data ? (
          <>
            <AnswerSummary claim={current} words={statement.data.words} />
            <OpenedAnswer key={current.answer_id} answerId={current.answer_id} />
          </>
        ) : undefined
      }
      panelTitle={current ? (current.claim_key === null ? "A claim that is not matched yet" : `Claim ${current.claim_key}`) : ""} onClosePanel={() => setSearch({ at: undefined })}
    >
      {problem ? <ProblemNote problem={problem} onRetry={retry} /> : null}
      {statement.data && !query.isLoadingError ? (
        <PaymentTree
          key={payment_id} statement={statement.data} claims={rows} at={at} isLoading={query.isPending} hasMore={hasNextPage && !isError}
          onMore={() => !isFetchingNextPage && void fetchNextPage()} onAt={(answer) => setSearch({ at: answer })}
        />
      ) : null}
    </Page>
  );
}

function Summary({ payment }: { payment: Schemas["ListedPayment"] }) {
  return (
    <>
      <strong>{cents(payment.amount_cents)}</strong> of {payment.payer_name ?? payment.payer_id}, {day(payment.paid_on)} ({age(payment.paid_on)}),{" "}
      {count(payment.claims)} {payment.claims === 1 ? "claim" : "claims"} · <Status tone={payment.state === "held" ? "loss" : toneOf(payment.state)}>{words(payment.state)}</Status>
      {payment.waiting ? <> · <Status tone="person">{`${count(payment.waiting)} wait`}</Status></> : null}
      {payment.unapplied_cents ? <> · <Status tone="person">{`${cents(payment.unapplied_cents)} unapplied`}</Status></> : null}
      {" · "}
      {payment.reconciled_at ? <Status tone="done">{`Deposit confirmed ${moment(payment.reconciled_at)}`}</Status> : "No deposit confirms it yet"}
    </>
  );
}

function Meaning({ shown }: { shown: Schemas["ExplainedPayment"] }) {
  const tone = shown.payment.state === "held" ? "loss" : "plain";
  return (
    <p className="meaning">
      <Status tone={tone}>{words(shown.payment.state)}</Status>: {shown.means}. {shown.do}
    </p>
  );
}

function Acts({ shown }: { shown: Schemas["ExplainedPayment"] }) {
  const may = useMay();
  const session = useSession();
  const refresh = useRefresh();
  const [isReleasing, setReleasing] = useState(false);
  const { payment } = shown;
  return (
    <>
      <Anchor size="sm" renderRoot={(given) => <Link to="/remittances" search={{ at: payment.file_id } as never} {...given} />}>
        Remittance {payment.file_id}
      </Anchor>
      {payment.state === "held" && may("remittances.decide") && session.facilities === null ? (
        <Button size="xs" onClick={() => setReleasing(true)}>
          Release
        </Button>
      ) : null}
      {isReleasing ? <ReleasePayment shown={shown} onClose={() => setReleasing(false)} onDone={() => void refresh()} /> : null}
    </>
  );
}
