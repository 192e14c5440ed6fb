/** The side panel of a remittance: its payments, and what of them waits. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, dataOf, type Schemas } from "../../api/client";
import { useActorName } from "../../session/people";
import { Facts } from "../../ui/Facts";
import { age, cents, count, day, moment, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status, toneOf } from "../../ui/Status";
import { PaymentLink } from "../money/links";

const SHOWN = 50;

export function RemittanceSummary({ remittance }: { remittance: Schemas["ListedRemittance"] }) {
  const nameOf = useActorName();
  const payments = useQuery({
    queryKey: ["payments-of", remittance.file_id], meta: { live: true },
    queryFn: async () =>
      dataOf(await api.GET("/api/v1/payments", { params: { query: { file_id: remittance.file_id, limit: SHOWN } } })),
  });
  return (
    <>
      <Facts
        of={[
          ["Received", `${moment(remittance.received_at)} (${age(remittance.received_at)})`],
          ["Entered by", nameOf(remittance.entered_by)],
          ["Source", remittance.source],
          ["Amount", cents(remittance.amount_cents)],
          ["Claims", `${count(remittance.claims)}: ${count(remittance.posted)} posted, ${count(remittance.waiting)} waiting`],
          remittance.claims - remittance.posted - remittance.waiting > 0
            ? ["Neither", `${count(remittance.claims - remittance.posted - remittance.waiting)} reversed, repeated, noted or dismissed`]
            : null,
        ]}
      />
      <h3>Payments</h3>
      {payments.isError ? <ProblemNote problem={payments.error} onRetry={() => void payments.refetch()} /> : null}
      {payments.data ? (
        <>
          <table className="plain">
            <thead>
              <tr>
                <th>Check or EFT</th>
                <th>Payer</th>
                <th>State</th>
                <th className="num">Amount</th>
              </tr>
            </thead>
            <tbody>
              {payments.data.items.map(({ payment }) => (
                <tr key={payment.payment_id}>
                  <td>
                    <PaymentLink paymentId={payment.payment_id} label={payment.trace_number ?? String(payment.payment_id)} />
                    <div className="dim">{day(payment.paid_on)}</div>
                  </td>
                  <td>{payment.payer_name ?? payment.payer_id}</td>
                  <td>
                    <Status tone={toneOf(payment.state)}>{words(payment.state)}</Status>
                    {payment.waiting ? <div><Status tone="person">{`${count(payment.waiting)} wait`}</Status></div> : null}
                  </td>
                  <td className="num">{cents(payment.amount_cents)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p>
            <Anchor renderRoot={(given) => <Link to="/payments" search={{ file: remittance.file_id } as never} {...given} />}>
              {payments.data.next ? `All ${count(remittance.payments)} payments of this remittance` : "These payments as a list"}
            </Anchor>
          </p>
        </>
      ) : null}
    </>
  );
}
