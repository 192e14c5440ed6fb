/** The ledger of a claim: its postings with their entries, and the balances that they add up to. */

import { Fragment } from "react";
import { useActorName } from "../../session/people";
import { cents, moment, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Scrolls } from "../../ui/Scrolls";
import { PaymentLink } from "../money/links";
import { useClaimLedger } from "../money/useClaimLedger";

export function ClaimLedger({ claimKey }: { claimKey: number }) {
  const query = useClaimLedger(claimKey);
  const nameOf = useActorName();
  if (query.data === null) return <p className="dim">Nothing of this claim is posted.</p>;
  if (query.isLoadingError) return <ProblemNote problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return null;
  const { postings, entries, balances } = query.data;
  return (
    <Scrolls label="Ledger of the claim">
      <table className="plain">
        <thead>
          <tr>
            <th>Posted</th>
            <th>What</th>
            <th>Account</th>
            <th>Line</th>
            <th>Code</th>
            <th className="num">Debit</th>
            <th className="num">Credit</th>
          </tr>
        </thead>
        <tbody>
          {postings.map((posting) => (
            <Fragment key={posting.posting_id}>
              {entries
                .filter((entry) => entry.posting_id === posting.posting_id)
                .map((entry, index) => (
                  <tr key={index} className={posting.undone_by === null ? undefined : "dim"}>
                    <td>{index ? "" : moment(posting.posted_at)}</td>
                    <td>
                      {index ? null : (
                        <>
                          {words(posting.kind)}
                          {posting.payment_id === null ? null : (
                            <>
                              {" "}
                              <PaymentLink paymentId={posting.payment_id} answer={posting.answer_id ?? undefined} label={`payment ${posting.payment_id}`} />
                            </>
                          )}
                          <div className="dim">
                            {nameOf(posting.posted_by)}
                            {posting.approved_by ? `, approved by ${nameOf(posting.approved_by)}` : ""}
                            {posting.undone_by === null ? "" : ", undone"}
                          </div>
                        </>
                      )}
                    </td>
                    <td>{words(entry.account)}{entry.turn ? ` ${entry.turn}` : ""}</td>
                    <td>{entry.line}</td>
                    <td className="code">{[entry.group_code, entry.carc].filter(Boolean).join("-")}</td>
                    <td className="num">{entry.amount_cents > 0 ? cents(entry.amount_cents) : ""}</td>
                    <td className="num">{entry.amount_cents < 0 ? cents(-entry.amount_cents) : ""}</td>
                  </tr>
                ))}
            </Fragment>
          ))}
        </tbody>
        <tfoot>
          {balances.map((balance) => (
            <tr key={`${balance.account} ${balance.turn}`}>
              <th scope="row" colSpan={2}>
                Balance
              </th>
              <td colSpan={3}>{words(balance.account)}{balance.turn ? ` ${balance.turn}` : ""}</td>
              <td className="num">{balance.amount_cents > 0 ? cents(balance.amount_cents) : ""}</td>
              <td className="num">{balance.amount_cents < 0 ? cents(-balance.amount_cents) : ""}</td>
            </tr>
          ))}
        </tfoot>
      </table>
    </Scrolls>
  );
}
