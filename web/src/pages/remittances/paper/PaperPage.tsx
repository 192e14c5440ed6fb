/** Enters a paper explanation of benefits: one payment with its claims and lines, which adds up while it is typed. */

import { Anchor, Button, Group, Select, TextInput } from "@mantine/core";
import { Link, useBlocker } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, dataOf, newKey, type Schemas } from "../../../api/client";
import { useMay, useSession } from "../../../session/session";
import { Confirm } from "../../../ui/Confirm";
import { Empty } from "../../../ui/Empty";
import { cents, counted } from "../../../ui/format";
import { Page } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Status } from "../../../ui/Status";
import { useRefresh } from "../../../ui/useRefresh";
import { PostedWords } from "../UploadRemittance";
import { PaperClaim } from "./PaperClaim";
import { bodyOf, isTouched, newClaim, newPayment, type Payment, problemsOf, sumsOf } from "./paper";

const METHODS = [
  { value: "CHK", label: "Check" }, { value: "ACH", label: "EFT (ACH)" }, { value: "FWT", label: "Wire" }, { value: "NON", label: "No payment" },
];

export function PaperPage() {
  const may = useMay();
  return (
    <Page
      title="Paper EOB" summary="One payment, as the paper has it"
      actions={<Anchor renderRoot={(given) => <Link to="/remittances" {...given} />}>Remittances</Anchor>}
    >
      {may("remittances.post") ? <Entry /> : <Empty title="Your role does not post remittances">A person whose role does can enter the paper.</Empty>}
    </Page>
  );
}

function Entry() {
  const session = useSession();
  const refresh = useRefresh();
  const [payment, setPayment] = useState<Payment>(newPayment);
  // Of what is typed: sent again with it, since the answer was lost, it is posted once.
  const [key, setKey] = useState(newKey);
  const [facility, setFacility] = useState<string | null>(session.facilities?.length === 1 ? (session.facilities[0] ?? null) : null);
  const [asksProblems, setAsksProblems] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [posted, setPosted] = useState<Schemas["RemittancePosted"] | null>(null);
  const [busy, setBusy] = useState(false);
  const hasTyped = posted === null && isTouched(payment);
  const blocker = useBlocker({ shouldBlockFn: ({ current, next }) => hasTyped && current.pathname !== next.pathname, enableBeforeUnload: () => hasTyped, withResolver: true });
  const problems = problemsOf(payment);
  const isPlaced = session.facilities === null || facility !== null;
  const sums = sumsOf(payment);

  function change(part: Partial<Payment>): void {
    setPayment((before) => ({ ...before, ...part }));
    setKey(newKey());
  }
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setAsksProblems(true);
    if (problems.length > 0 || !isPlaced || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      setPosted(
        dataOf(
          await api.POST("/api/v1/remittances/paper", {
            params: { query: facility ? { facility } : {} }, headers: { "Idempotency-Key": key }, body: bodyOf(payment),
          }),
        ),
      );
      void refresh();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  if (posted)
    return (
      <div className="read" role="status">
        <PostedWords posted={posted} onLeave={() => undefined} />
        <Button onClick={() => { setPosted(null); setPayment(newPayment()); setKey(newKey()); setAsksProblems(false); }}>Enter another</Button>
      </div>
    );
  return (
    <form className="read paper" onSubmit={(event) => void submit(event)} noValidate>
      <section aria-labelledby="paper-payment">
        <h2 id="paper-payment">Payment</h2>
        <div className="paper-row">
          <TextInput label="Payer" required autoFocus maxLength={60} w={240} value={payment.payer} onChange={(event) => change({ payer: event.currentTarget.value })} />
          <TextInput label="Payer ID" maxLength={80} w={130} value={payment.payerId} onChange={(event) => change({ payerId: event.currentTarget.value })} />
          <TextInput label="Check or EFT number" required maxLength={50} w={180} value={payment.trace} onChange={(event) => change({ trace: event.currentTarget.value })} />
          <Select label="By" size="sm" allowDeselect={false} w={130} data={METHODS} value={payment.method} onChange={(value) => change({ method: value ?? "CHK" })} />
          <TextInput label="Day paid" required placeholder="MM/DD/YYYY" w={130} value={payment.paidOn} onChange={(event) => change({ paidOn: event.currentTarget.value })} />
          <TextInput label="Amount" required placeholder="0.00" w={120} classNames={{ input: "num" }} value={payment.amount} onChange={(event) => change({ amount: event.currentTarget.value })} />
          <TextInput
            label="Provider adjustments" title="What the payer keeps back from the check (WO 5.00), or adds to it (L6 -1.25)" placeholder="WO 5.00" w={190} value={payment.provider}
            onChange={(event) => change({ provider: event.currentTarget.value })}
          />
          {session.facilities !== null && session.facilities.length !== 1 ? (
            <Select label="Facility" required size="sm" w={160} data={session.facilities} value={facility} onChange={(value) => { setFacility(value); setKey(newKey()); }} />
          ) : null}
        </div>
      </section>
      {payment.claims.map((claim, index) => (
        <PaperClaim
          key={claim.id} claim={claim} number={index + 1}
          onChange={(next) => change({ claims: payment.claims.map((each) => (each.id === next.id ? next : each)) })}
          onRemove={payment.claims.length > 1 ? () => change({ claims: payment.claims.filter((each) => each.id !== claim.id) }) : undefined}
        />
      ))}
      <Button size="xs" variant="default" onClick={() => change({ claims: [...payment.claims, newClaim()] })}>
        Add a claim
      </Button>
      <div className="paper-foot">
        <span role="status">
          {counted(payment.claims.length, "claim")} {payment.claims.length === 1 ? "pays" : "pay"} <strong>{cents(sums.claims)}</strong>
          {sums.kept ? <>, the payer {sums.kept > 0 ? "keeps back" : "adds"} <strong>{cents(Math.abs(sums.kept))}</strong></> : null}
          {sums.amount === null ? null : (
            <>
              , the check is <strong>{cents(sums.amount)}</strong>:{" "}
              {sums.off === 0 ? <Status tone="done">it adds up</Status> : <Status tone="loss">{`${cents(Math.abs(sums.off))} ${sums.off > 0 ? "missing from" : "too much on"} the check`}</Status>}
            </>
          )}
        </span>
        <Group gap="sm">
          <Button type="submit" loading={busy}>Post</Button>
        </Group>
      </div>
      {asksProblems && (problems.length > 0 || !isPlaced) ? (
        <div className="note" role="alert">
          <h2>Not posted yet</h2>
          <ul>
            {problems.slice(0, 8).map((each) => (
              <li key={each}>{each}</li>
            ))}
            {problems.length > 8 ? <li>{`${problems.length - 8} more.`}</li> : null}
            {isPlaced ? null : <li>Choose the facility whose claims are matched.</li>}
          </ul>
        </div>
      ) : null}
      {problem ? <ProblemNote problem={problem} /> : null}
      {blocker.status === "blocked" ? (
        <Confirm
          title="Leave the paper" verb="Leave it" what="What you typed is not posted and will be lost." onClose={() => blocker.reset()}
          onYes={async () => blocker.proceed()}
        />
      ) : null}
    </form>
  );
}
