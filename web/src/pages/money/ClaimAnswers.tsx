/** The payers' answers to a claim, each with a link to its place in its payment. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client";
import { cents, day, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Scrolls } from "../../ui/Scrolls";
import { Status, toneOf } from "../../ui/Status";
import { PaymentLink } from "./links";

export function ClaimAnswers({ claimKey }: { claimKey: number }) {
  const query = useQuery({
    queryKey: ["claim-answers", claimKey], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/remittances/answers", { params: { query: { claim_key: claimKey, limit: 100 } } })),
  });
  if (query.isLoadingError) return <ProblemNote problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return null;
  if (query.data.items.length === 0) return <p className="dim">No payer has answered this claim yet.</p>;
  return (
    <Scrolls label="Payer responses">
      <table className="plain">
        <thead>
          <tr>
            <th>Paid on</th>
            <th>Payer</th>
            <th>State</th>
            <th className="num">Charge</th>
            <th className="num">Patient owes</th>
            <th className="num">Paid</th>
            <th>Payment</th>
          </tr>
        </thead>
        <tbody>
          {query.data.items.map(({ answer, means }) => (
            <tr key={answer.answer_id}>
              <td>{day(answer.paid_on)}</td>
              <td>{answer.payer_name ?? answer.payer_id}</td>
              <td>
                <Status tone={toneOf(answer.state)}>{words(answer.state)}</Status>
                {answer.is_reversal ? ", a reversal" : ""}
                <div className="dim">{means}</div>
              </td>
              <td className="num">{cents(answer.charge_cents)}</td>
              <td className="num">{cents(answer.patient_cents)}</td>
              <td className="num">{cents(answer.paid_cents)}</td>
              <td>
                <PaymentLink paymentId={answer.payment_id} answer={answer.answer_id} label={`Payment ${answer.payment_id}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}
