/** The foot of a payment's tree, in its columns: claims, less provider adjustments (PLB), is the payment. */

import type { ReactNode } from "react";
import type { Schemas } from "../../api/client";
import { cents, count } from "../../ui/format";
import { Status } from "../../ui/Status";
import { type Claim, totals } from "./adds";

type Props = { statement: Schemas["PaymentStatement"]; claims: readonly Claim[]; isWhole: boolean };

export function PaymentFoot({ statement, claims, isWhole }: Props) {
  const { sums, words, difference_cents: off } = statement;
  const shown = totals(claims);
  const elsewhere = sums.claims - sums.shown;
  // What the payment says its claims come to, beside what they say.
  const claimsOff = elsewhere === 0 ? sums.claims_cents - sums.shown_cents : 0;
  const many = sums.shown === 1 ? "claim" : "claims";
  return (
    <div role="rowgroup" className="tree-foot">
      <FootRow
        label={isWhole ? `${count(sums.shown)} ${many}` : `${count(sums.shown)} ${many}, of which ${count(claims.length)} are read so far`}
        charge={isWhole ? cents(shown.charge) : ""} adjusted={isWhole ? cents(shown.adjusted) : ""} paid={cents(isWhole ? shown.paid : sums.shown_cents)}
      />
      {elsewhere ? (
        <FootRow label={`${count(elsewhere)} of other facilities, not shown`} paid={cents(sums.claims_cents - sums.shown_cents)} />
      ) : null}
      {claimsOff ? <FootRow isOff label="Claims that could not be read" paid={cents(claimsOff)} off={<Status tone="loss">{cents(claimsOff)}</Status>} /> : null}
      {statement.provider_adjustments.map((each) => (
        <FootRow
          key={each.ordinal} paid={cents(-each.amount_cents)}
          label={
            <>
              <span className="code">PLB {each.reason}</span> {words.provider_adjustments[each.reason ?? ""] ?? "other provider adjustment"}
            </>
          }
        />
      ))}
      <FootRow
        isSum isOff={off !== 0} label={off ? `Payment, but all of it adds up to ${cents(sums.amount_cents - off)}` : "Payment"} paid={cents(sums.amount_cents)}
        off={off ? <Status tone="loss">{cents(off)}</Status> : <Status tone="done">Adds up</Status>}
      />
    </div>
  );
}

type RowProps = { label: ReactNode; charge?: string; adjusted?: string; paid: string; off?: ReactNode; isSum?: boolean; isOff?: boolean };

function FootRow({ label, charge = "", adjusted = "", paid, off, isSum = false, isOff = false }: RowProps) {
  return (
    <div role="row" className={`foot-row${isSum ? " is-sum" : ""}${isOff ? " is-off" : ""}`}>
      <div role="rowheader">{label}</div>
      <div role="gridcell" className="num">{charge}</div>
      <div role="gridcell" className="num">{adjusted}</div>
      <div role="gridcell" className="num">{paid}</div>
      <div role="gridcell" className="num">{off}</div>
    </div>
  );
}
