/** What the claim pays: line by line what it should, the balances of its account, payments and denials. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, dataOf, Problem, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { cents, day, daysLeft, dollars, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status, toneOf } from "../../ui/Status";
import { useClaimHistory } from "./ClaimHead";
import { ACCOUNTS, sumsOf } from "./money";

export function ClaimMoney({ claimKey }: { claimKey: number }) {
  const may = useMay();
  return (
    <section>
      <h2>What it pays</h2>
      <Lines claimKey={claimKey} mayRead={may("ledger.read")} />
      {may("remittances.list") ? <Answers claimKey={claimKey} /> : null}
      {may("denials.list") ? <Denials claimKey={claimKey} /> : null}
    </section>
  );
}

/** The lines with their expected price, and what the ledger has of each: they add up to the foot. */
function Lines({ claimKey, mayRead }: { claimKey: number; mayRead: boolean }) {
  const path = { params: { path: { claim_key: claimKey } } };
  const prices = useQuery({
    queryKey: ["claim-prices", claimKey], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/claims/{claim_key}/prices", path)),
  });
  const { data: events } = useClaimHistory(claimKey);
  const isPosted = events?.some((event) => event.what === "answer" || event.what === "posting") ?? false;
  const ledger = useQuery({
    queryKey: ["claim-ledger", claimKey], meta: { live: true }, enabled: mayRead && isPosted,
    queryFn: async () => {
      try {
        return dataOf(await api.GET("/api/v1/ledger/claims/{claim_key}", path));
      } catch (problem) {
        // Nothing of it is posted yet: that is no failure.
        if (problem instanceof Problem && problem.status === 404) return null;
        throw problem;
      }
    },
  });
  if (prices.isError) return <ProblemNote problem={prices.error} />;
  if (!prices.data) return null;
  if (prices.data.length === 0) return <p className="dim">Prices appear here when a run has checked the claim.</p>;
  const sums = ledger.data ? sumsOf(ledger.data.entries) : null;
  const accounts = sums ? ACCOUNTS.filter(([account]) => sums.accounts.has(account)) : [];
  return (
    <>
      {ledger.isError ? <ProblemNote problem={ledger.error} /> : null}
      <div className="scroll-x">
        <table className="plain">
          <caption className="unseen">Money by line</caption>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col" className="num">Charge</th>
              <th scope="col" className="num" title="What the contract or the fee schedule allows for the line">Expected</th>
              <th scope="col">Basis</th>
              {accounts.map(([account, label, meaning]) => (
                <th key={account} scope="col" className="num" title={meaning}>{label}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {prices.data.map((line) => (
              <tr key={line.line}>
                <td>{line.line}</td>
                <td className="num">{dollars(line.charge)}</td>
                <td className="num">{dollars(line.allowed)}</td>
                <td className="dim">{basisOf(line.basis)}</td>
                {accounts.map(([account]) => (
                  <td key={account} className="num">{cents(sums?.lines.get(`${line.line} ${account}`) ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Claim</th>
              <td className="num">{dollars(totalOf(prices.data.map((line) => line.charge)))}</td>
              <td className="num">{dollars(totalOf(prices.data.map((line) => line.allowed)))}</td>
              <td />
              {accounts.map(([account]) => (
                <td key={account} className="num">{cents(sums?.accounts.get(account) ?? 0)}</td>
              ))}
            </tr>
          </tfoot>
        </table>
      </div>
      {events && mayRead && (!isPosted || ledger.data === null) ? <p className="dim">Nothing is posted yet: the payer's answer appears here when its remittance comes in.</p> : null}
    </>
  );
}

function Answers({ claimKey }: { claimKey: number }) {
  const answers = useQuery({
    queryKey: ["claim-answers", claimKey], meta: { live: true },
    queryFn: async () =>
      dataOf(await api.GET("/api/v1/remittances/answers", { params: { query: { claim_key: claimKey, limit: 100 } } })).items,
  });
  if (answers.isError) return <ProblemNote problem={answers.error} />;
  if (!answers.data?.length) return null;
  return (
    <>
      <h3>Answers of the payer</h3>
      <div className="scroll-x">
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Paid on</th>
              <th scope="col">Payment</th>
              <th scope="col">Payer</th>
              <th scope="col">State</th>
              <th scope="col" className="num">Paid</th>
              <th scope="col" className="num">Patient owes</th>
            </tr>
          </thead>
          <tbody>
            {answers.data.map(({ answer, means }) => (
              <tr key={answer.answer_id}>
                <td>{day(answer.paid_on)}</td>
                <td>
                  <Anchor renderRoot={(given) => <Link to="/payments/$paymentId" params={{ paymentId: String(answer.payment_id) }} {...given} />}>
                    {answer.payment_id}
                  </Anchor>
                </td>
                <td>{answer.payer_name ?? answer.payer_id}</td>
                <td title={means}>
                  <Status tone={toneOf(answer.state)}>{words(answer.state)}</Status>
                </td>
                <td className="num">{cents(answer.paid_cents)}</td>
                <td className="num">{cents(answer.patient_cents)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Denials({ claimKey }: { claimKey: number }) {
  const denials = useQuery({
    queryKey: ["claim-denials", claimKey], meta: { live: true },
    queryFn: async () =>
      dataOf(await api.GET("/api/v1/denials", { params: { query: { claim_key: claimKey, state: "all" } } })).items,
  });
  if (denials.isError) return <ProblemNote problem={denials.error} />;
  if (!denials.data?.length) return null;
  return (
    <>
      <h3>Denials</h3>
      <ul className="plain-list">
        {denials.data.map((each) => (
          <Denial key={each.denial.denial_id} weighed={each} />
        ))}
      </ul>
    </>
  );
}

function Denial({ weighed }: { weighed: Schemas["WeighedDenial"] }) {
  const { denial } = weighed;
  return (
    <li>
      <Status tone={denial.state === "open" ? "loss" : toneOf(denial.state)}>{words(denial.state)}</Status>{" "}
      <Anchor underline="always" renderRoot={(given) => <Link to="/denials/$denialId" params={{ denialId: String(denial.denial_id) }} {...given} />}>
        {weighed.cause}
      </Anchor>{" "}
      {denial.line === null ? "" : `line ${denial.line} `}
      <span className="code">{[denial.group_code, denial.carc, denial.rarcs].filter(Boolean).join(" ")}</span> ·{" "}
      {cents(denial.amount_cents)} · {weighed.next_step}
      {weighed.due_on ? ` by ${day(weighed.due_on)} (${daysLeft(weighed.due_on)})` : ""}
    </li>
  );
}

function basisOf(basis: string | null): string {
  if (!basis) return "";
  return words(basis).replace("pfs", "fee schedule");
}

/** Sum of dollars that are text, in whole cents so that nothing is rounded. */
function totalOf(amounts: readonly (string | null)[]): string {
  const sum = amounts.reduce((total, each) => total + Math.round(Number(each ?? 0) * 100), 0);
  return (sum / 100).toFixed(2);
}
