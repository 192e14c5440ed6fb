/** The side panel of a payment: what its state means, what is unapplied, and what to do. */

import { Button, Group } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { useMay, useSession } from "../../session/session";
import { Facts } from "../../ui/Facts";
import { age, cents, count, day, moment, words } from "../../ui/format";
import { Status, toneOf } from "../../ui/Status";
import { useRefresh } from "../../ui/useRefresh";
import { PaymentLink } from "../money/links";
import { ReleasePayment } from "./ReleasePayment";

export function PaymentSummary({ shown }: { shown: Schemas["ExplainedPayment"] }) {
  const navigate = useNavigate();
  const may = useMay();
  const session = useSession();
  const refresh = useRefresh();
  const [isReleasing, setReleasing] = useState(false);
  const { payment, means, do: todo } = shown;
  return (
    <>
      <p>
        <Status tone={payment.state === "held" ? "loss" : toneOf(payment.state)}>{words(payment.state)}</Status>: {means}. {todo}
      </p>
      <Facts
        of={[
          ["Amount", cents(payment.amount_cents)],
          ["Provider adjustments", payment.provider_cents ? cents(-payment.provider_cents) : null],
          ["Unapplied", payment.unapplied_cents ? <Status key="unapplied" tone="person">{cents(payment.unapplied_cents)}</Status> : cents(0)],
          ["Payer", [payment.payer_name, payment.payer_id].filter(Boolean).join(", ")],
          ["Check or EFT", [payment.trace_number, payment.method].filter(Boolean).join(", ")],
          ["Paid on", payment.paid_on ? `${day(payment.paid_on)} (${age(payment.paid_on)})` : ""],
          ["Claims", `${count(payment.claims)}, of which ${count(payment.waiting)} wait`],
          ["Deposit", payment.reconciled_at ? <Status key="deposit" tone="done">{`Confirmed ${moment(payment.reconciled_at)}`}</Status> : "Not confirmed yet"],
          payment.first_id === null ? null : ["Repeats", <PaymentLink key="first" paymentId={payment.first_id} label={`Payment ${payment.first_id}`} />],
        ]}
      />
      <Group gap="sm">
        <Button size="sm" onClick={() => void navigate({ to: "/payments/$paymentId", params: { paymentId: String(payment.payment_id) } })}>
          Open the payment
        </Button>
        {payment.state === "held" && may("remittances.decide") && session.facilities === null ? (
          <Button size="sm" variant="default" onClick={() => setReleasing(true)}>
            Release
          </Button>
        ) : null}
      </Group>
      {isReleasing ? <ReleasePayment shown={shown} onClose={() => setReleasing(false)} onDone={() => void refresh()} /> : null}
    </>
  );
}
