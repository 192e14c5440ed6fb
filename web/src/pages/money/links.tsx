/** Every number of a claim, payment or file leads to it. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";

export function ClaimLink({ claimKey, label }: { claimKey: number | null | undefined; label?: string }) {
  if (claimKey === null || claimKey === undefined) return <span className="dim">no claim</span>;
  return (
    <Anchor renderRoot={(given) => <Link to="/claims/$claimKey" params={{ claimKey: String(claimKey) }} {...given} />}>
      {label ?? claimKey}
    </Anchor>
  );
}

/** @param answer that stands under the cursor when the payment opens */
export function PaymentLink({ paymentId, answer, label }: { paymentId: number; answer?: number | undefined; label?: string }) {
  return (
    <Anchor
      renderRoot={(given) => (
        <Link
          to="/payments/$paymentId" params={{ paymentId: String(paymentId) }}
          search={(answer === undefined ? {} : { at: answer }) as never} {...given}
        />
      )}
    >
      {label ?? paymentId}
    </Anchor>
  );
}

export function DenialLink({ denialId, label }: { denialId: number; label?: string }) {
  return (
    <Anchor renderRoot={(given) => <Link to="/denials/$denialId" params={{ denialId: String(denialId) }} {...given} />}>
      {label ?? denialId}
    </Anchor>
  );
}

export function RuleLink({ code }: { code: string }) {
  return (
    <Anchor className="code" renderRoot={(given) => <Link to="/rules/$code" params={{ code }} {...given} />}>
      {code}
    </Anchor>
  );
}
