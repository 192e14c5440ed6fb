/** One underpayment: what was expected and paid, and how that is computed, one statement a line. */

import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { age, cents, day, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { Withheld } from "../../ui/Withheld";
import { ClaimLink, PaymentLink } from "../money/links";

export function UnderpaymentSummary({ underpaymentId, withheld }: { underpaymentId: number; withheld?: Record<string, string> | undefined }) {
  const query = useQuery({
    queryKey: ["underpayment", underpaymentId], meta: { live: true },
    queryFn: async () =>
      dataOf(await api.GET("/api/v1/underpayments/{underpayment_id}", { params: { path: { underpayment_id: underpaymentId } } })),
  });
  if (query.isLoadingError) return <ProblemNote problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton height={160} className="slow-skeleton" />;
  const { underpayment: found, kind_means, confidence_means, basis } = query.data;
  const why = withheld?.["service_from_on"];
  const clinical = withheld?.["procedure"];
  return (
    <>
      <p>
        <Status tone="loss">{`${cents(found.amount_cents)} short`}</Status>: {kind_means}.
      </p>
      <Facts
        of={[
          ["Claim", found.claim_key === null ? null : <ClaimLink key="claim" claimKey={found.claim_key} label={`${found.claim_key}${found.line === null ? "" : `, line ${found.line}`}`} />],
          ["Payment", <PaymentLink key="payment" paymentId={found.payment_id} answer={found.answer_id ?? undefined} />],
          ["Payer", [found.payer_name, found.payer_id].filter(Boolean).join(", ")],
          ["Procedure", clinical ? <Withheld key="procedure" why={clinical} /> : [found.procedure, found.modifiers].filter(Boolean).join(" ")],
          ["Service", found.service_from_on ? day(found.service_from_on) : why ? <Withheld key="service" why={why} /> : null],
          ["Paid on", found.paid_on ? `${day(found.paid_on)} (${age(found.paid_on)})` : null],
          ["Charge", cents(found.charge_cents)],
          ["Expected", cents(found.expected_cents)],
          ["Allowed", cents(found.allowed_cents)],
          ["Paid", cents(found.paid_cents)],
          ["Measured by", found.contract],
          ["Confidence", `${words(found.confidence)}: ${confidence_means}`],
        ]}
      />
      <h3>How it is computed</h3>
      {clinical ? (
        <Withheld why={clinical} />
      ) : (
        <ol className="basis">
          {basis.map((line, index) => (
            <li key={index}>{line}</li>
          ))}
        </ol>
      )}
    </>
  );
}
