/** Posts a held payment all the same, for a reason. */

import { notifications } from "@mantine/notifications";
import { api, dataOf, type Schemas } from "../../api/client";
import { cents, count, counted, words } from "../../ui/format";
import { Reason } from "../../ui/Reason";

const USUAL = ["The bank shows the deposit in this amount", "The payer confirmed the amount by phone", "The bank shows two deposits"];

export function ReleasePayment({ shown, onClose, onDone }: { shown: Schemas["ExplainedPayment"]; onClose: () => void; onDone: () => void }) {
  const { payment, means, do: todo } = shown;
  return (
    <Reason
      title={`Release payment ${payment.trace_number ?? payment.payment_id}`} verb="Release" usual={USUAL} onClose={onClose}
      what={
        <>
          Held, because {means}. {todo} Released, {cents(payment.amount_cents)} and what it says of {counted(payment.claims, "claim")} are posted.
        </>
      }
      onReason={async (reason, key) => {
        const { answers } = dataOf(
          await api.POST("/api/v1/payments/{payment_id}/release", {
            params: { path: { payment_id: payment.payment_id } }, headers: { "Idempotency-Key": key }, body: { reason },
          }),
        );
        const parts = Object.entries(answers).map(([state, number]) => `${count(number)} ${words(state).toLowerCase()}`);
        notifications.show({ color: "green", title: "Released", message: `Claims: ${parts.join(", ") || "none"}.` });
        onDone();
      }}
    />
  );
}
