/** What the claim pays: line by line what it should, the balances of its account, payments and denials. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { cents, counted, day, daysLeft, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Scrolls } from "../../ui/Scrolls";
import { Status, toneOf } from "../../ui/Status";
import { ClaimAnswers } from "../money/ClaimAnswers";
import { DenialLink } from "../money/links";
import { useClaimLedger } from "../money/useClaimLedger";
import { useClaimHistory } from "./ClaimHead";
import type { Opened } from "./opened";
import { ACCOUNTS, type Money, moneyOf } from "./money";

export function ClaimMoney({ claimKey, opened }: { claimKey: number; opened: Opened | null }) {
  const may = useMay();
  return (
    <section>
      <h2>What it pays</h2>
      <Lines claimKey={claimKey} mayRead={may("ledger.read")} services={servicesOf(opened)} />
      {may("remittances.list") ? (
        <>
          <h3>Payer responses</h3>
          <ClaimAnswers claimKey={claimKey} />
        </>
      ) : null}
      {may("denials.list") ? <Denials claimKey={claimKey} /> : null}
    </section>
  );
}

function useClaimPrices(claimKey: number) {
  return useQuery({
    queryKey: ["claim-prices", claimKey], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/claims/{claim_key}/prices", { params: { path: { claim_key: claimKey } } })),
  });
}

/** What the claim charges and what it should pay, once every line has a price. */
export function ClaimSums({ claimKey, charge }: { claimKey: number; charge: string }) {
  const { data } = useClaimPrices(claimKey);
  const money = data && data.length > 0 ? moneyOf(data, []) : null;
  return <>{`${charge} charged`}{money && money.unpriced === 0 ? `, ${cents(money.expected)} expected` : ""}</>;
}

/** What each line is for, by its number: only of a claim that is opened. */
type Services = ReadonlyMap<number, string>;

function servicesOf(opened: Opened | null): Services {
  const codes = ["revenue_code", "procedure", "modifier_1", "modifier_2", "modifier_3", "modifier_4"];
  return new Map((opened?.shown.content["lines"] ?? []).map((row) => [Number(row["line"]), codes.map((name) => row[name]).filter(Boolean).join(" ")]));
}

/** The lines with their expected price, and what the ledger has of each: they add up to the foot. */
function Lines({ claimKey, mayRead, services }: { claimKey: number; mayRead: boolean; services: Services }) {
  const prices = useClaimPrices(claimKey);
  const { data: events } = useClaimHistory(claimKey);
  const isPosted = events?.some((event) => event.what === "answer" || event.what === "posting") ?? false;
  const ledger = useClaimLedger(claimKey, mayRead && isPosted);
  if (prices.isLoadingError) return <ProblemNote problem={prices.error} onRetry={() => void prices.refetch()} />;
  if (!prices.data) return null;
  const money = moneyOf(prices.data, ledger.data?.entries ?? []);
  if (money.rows.length === 0) return <p className="dim">Prices appear here when a run has checked the claim.</p>;
  return (
    <>
      {ledger.isLoadingError ? <ProblemNote problem={ledger.error} onRetry={() => void ledger.refetch()} /> : null}
      <MoneyTable money={money} services={services} />
      {events && mayRead && (!isPosted || ledger.data === null) ? <p className="dim">Nothing is posted yet: the payer's answer appears here when its remittance comes in.</p> : null}
    </>
  );
}

function MoneyTable({ money, services }: { money: Money; services: Services }) {
  const accounts = ACCOUNTS.filter(([account]) => money.accounts.has(account));
  return (
    <Scrolls label="Money by line">
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
          {money.rows.map((row) => (
            <tr key={row.line ?? "claim"}>
              <td>{row.line ?? "Whole claim"} <span className="code">{services.get(row.line ?? 0)}</span></td>
              <td className="num">{cents(row.charge)}</td>
              <td className="num">{row.expected === null && row.line !== null ? <span className="dim">no price</span> : cents(row.expected)}</td>
              <td className="dim">{basisOf(row.basis)}</td>
              {accounts.map(([account]) => (
                <td key={account} className="num">{cents(row.sums.get(account) ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Claim</th>
            <td className="num">{cents(money.charge)}</td>
            <td className="num">{money.unpriced < money.rows.length ? cents(money.expected) : ""}</td>
            <td className="dim">{money.unpriced ? `${counted(money.unpriced, "line")} without a price not counted` : ""}</td>
            {accounts.map(([account]) => (
              <td key={account} className="num">{cents(money.accounts.get(account) ?? 0)}</td>
            ))}
          </tr>
        </tfoot>
      </table>
    </Scrolls>
  );
}

function Denials({ claimKey }: { claimKey: number }) {
  const denials = useQuery({
    queryKey: ["claim-denials", claimKey], meta: { live: true },
    queryFn: async () =>
      dataOf(await api.GET("/api/v1/denials", { params: { query: { claim_key: claimKey, state: "all" } } })).items,
  });
  if (denials.isLoadingError) return <ProblemNote problem={denials.error} />;
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
      <DenialLink denialId={denial.denial_id} label={weighed.cause} inText />{" "}
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
