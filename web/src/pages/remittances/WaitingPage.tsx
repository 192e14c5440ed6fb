/** Answers of payers that wait for a person: why, which claims they may be about, and one key to assign. */

import { Button } from "@mantine/core";
import { useRef, useState } from "react";
import { api, dataOf, newKey, type Schemas } from "../../api/client";
import { useMay, useSession } from "../../session/session";
import { Empty } from "../../ui/Empty";
import { age, cents, count, day, sentence, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { useList } from "../../ui/useList";
import { useRefresh } from "../../ui/useRefresh";
import { PaymentLink } from "../money/links";
import { AnswerPanel, useCandidates } from "./AnswerPanel";
import { AssignAnswer, DismissAnswer } from "./decisions";
import { useWaitingReasons } from "./WaitingLink";

type Answer = Schemas["ExplainedAnswer"];

const COLUMNS: readonly Column<Answer>[] = [
  { key: "answer", label: "No.", width: "70px", render: ({ answer }) => answer.answer_id },
  { key: "why", label: "Why it waits", width: "minmax(220px, 2fr)", render: ({ means }) => <Status tone="person">{sentence(means)}</Status> },
  { key: "payer", label: "Payer", width: "minmax(140px, 1fr)", render: ({ answer }) => answer.payer_name ?? answer.payer_id },
  { key: "charge", label: "Charge", width: "104px", numeric: true, render: ({ answer }) => cents(answer.charge_cents) },
  { key: "amount", label: "Paid", width: "104px", numeric: true, meaning: "What the payer paid for this claim; it is unapplied until it is posted", render: ({ answer }) => cents(answer.paid_cents) },
  { key: "payment", label: "Payment", width: "80px", render: ({ answer }) => <PaymentLink paymentId={answer.payment_id} answer={answer.answer_id} /> },
  { key: "paid", label: "Paid on", width: "145px", extra: true, render: ({ answer }) => (answer.paid_on ? `${day(answer.paid_on)} (${age(answer.paid_on)})` : "") },
];

// The answer stands with the act: the list may change while the dialog is open.
type Act = { kind: "assign"; answer: Answer["answer"]; candidate: Schemas["AnswerCandidate"] } | { kind: "dismiss"; answer: Answer["answer"] };

export function WaitingPage() {
  const [search, setSearch] = useAddress();
  const may = useMay();
  const session = useSession();
  const refresh = useRefresh();
  const [act, setAct] = useState<Act | null>(null);
  const [told, setTold] = useState("");
  const [isRetrying, setRetrying] = useState(false);
  const [retryKey, setRetryKey] = useState(newKey);
  const [problem, setProblem] = useState<unknown>(null);
  const reason = typeof search["reason"] === "string" ? search["reason"] : undefined;
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const atNow = useRef(at);
  atNow.current = at;
  const reasons = useWaitingReasons();
  const { query, rows } = useList<Answer>(["waiting-answers", reason], async (cursor) =>
    dataOf(
      await api.GET("/api/v1/remittances/answers", {
        params: { query: { state: "waiting", limit: 200, ...(cursor ? { cursor } : {}), ...(reason ? { reason } : {}) } },
      }),
    ),
  );
  const current = rows.find(({ answer }) => answer.answer_id === at);
  const candidates = useCandidates(current?.answer.answer_id ?? null);
  const mayDecide = may("remittances.decide");

  /** The cursor goes to the next answer, so that one follows another, unless it was moved meanwhile. */
  function decided(answerId: number, what: string): void {
    const place = rows.findIndex(({ answer }) => answer.answer_id === answerId);
    const next = rows[place + 1] ?? rows[place - 1];
    setTold(what);
    if (atNow.current === answerId) setSearch({ at: next?.answer.answer_id });
    void refresh();
  }

  function choose(index: number): boolean {
    const candidate = candidates.data?.[index];
    if (!mayDecide || !candidate || !current) return false;
    setAct({ kind: "assign", answer: current.answer, candidate });
    return true;
  }

  async function retry(): Promise<void> {
    setRetrying(true);
    setProblem(null);
    try {
      const { answers } = dataOf(await api.POST("/api/v1/remittances/answers/retry", { headers: { "Idempotency-Key": retryKey } }));
      setRetryKey(newKey());
      const parts = Object.entries(answers).map(([state, number]) => `${count(number)} ${words(state).toLowerCase()}`);
      setTold(`Matching retried: ${parts.join(", ") || "nothing waits"}.`);
      await refresh();
    } catch (error) {
      setProblem(error);
    } finally {
      setRetrying(false);
    }
  }

  function onKey(key: string): boolean {
    if (/^[1-9]$/.test(key)) return choose(Number(key) - 1);
    if (key === "d" && mayDecide && current) setAct({ kind: "dismiss", answer: current.answer });
    else if (key === "Escape") setSearch({ at: undefined });
    else return false;
    return true;
  }

  return (
    <Page
      title="Unmatched remittance claims" summary={told || (query.isSuccess ? `${count(rows.length)}${query.hasNextPage ? " and more" : ""}` : "")}
      actions={
        mayDecide && session.facilities === null ? (
          <Button size="xs" variant="default" loading={isRetrying} onClick={() => void retry()}>
            Retry matching
          </Button>
        ) : null
      }
      panel={current ? <AnswerPanel key={current.answer.answer_id} shown={current} candidates={candidates} onChoose={mayDecide ? choose : undefined} onDismiss={mayDecide ? () => setAct({ kind: "dismiss", answer: current.answer }) : undefined} /> : undefined}
      panelTitle={current ? `${cents(current.answer.paid_cents)} of ${current.answer.payer_name ?? current.answer.payer_id ?? "an unknown payer"}` : ""} onClosePanel={() => setSearch({ at: undefined })}
    >
      {problem ? <ProblemNote problem={problem} onRetry={() => void retry()} /> : null}
      <Reasons reasons={reasons.data ?? []} current={reason} onChoose={(value) => setSearch({ reason: value, at: undefined })} />
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Unmatched remittance claims" columns={COLUMNS} rows={rows} keyOf={({ answer }) => answer.answer_id} at={at} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          onAt={({ answer }) => setSearch({ at: answer.answer_id })} onOpen={({ answer }) => (answer.answer_id === at ? choose(0) : setSearch({ at: answer.answer_id }))}
          onKey={onKey}
          empty={
            <Empty title={reason ? "Nothing waits for this reason" : "Nothing waits"}>
              {reason
                ? "Choose another reason, or all of them."
                : "A claim of a remittance that can't be matched to ours with certainty, or does not add up, waits here until a person decides."}
            </Empty>
          }
        />
      )}
      {act?.kind === "assign" ? (
        <AssignAnswer answer={act.answer} candidate={act.candidate} onClose={() => setAct(null)} onDone={(what) => decided(act.answer.answer_id, what)} />
      ) : null}
      {act?.kind === "dismiss" ? <DismissAnswer answer={act.answer} onClose={() => setAct(null)} onDone={(what) => decided(act.answer.answer_id, what)} /> : null}
    </Page>
  );
}

type ReasonsProps = { reasons: readonly Schemas["WaitingReason"][]; current: string | undefined; onChoose: (reason: string | undefined) => void };

function Reasons({ reasons, current, onChoose }: ReasonsProps) {
  if (reasons.length === 0) return null;
  const chosen = reasons.find((each) => each.reason === current);
  return (
    <>
    <ul className="causes" aria-label="Why they wait">
      {reasons.map((each) => (
        <li key={each.reason}>
          <button type="button" title={each.means} aria-pressed={each.reason === current} onClick={() => onChoose(each.reason === current ? undefined : each.reason)}>
            <strong>
              {count(each.answers)} · {cents(each.paid_cents)}
            </strong>
            <span>{sentence(each.means)}</span>
          </button>
        </li>
      ))}
    </ul>
    {chosen ? (
      <p className="tree-acts">
        <span>
          <strong>{count(chosen.answers)}</strong> wait because {chosen.means}. {chosen.do}
        </span>
      </p>
    ) : null}
    </>
  );
}
