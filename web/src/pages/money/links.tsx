/** Every number of a claim, payment, denial, file or run leads to it. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";

/** `inText` underlines, so that a link among words is not told by its colour alone. */
type Look = { label?: string; inText?: boolean };

export function ClaimLink({ claimKey, label, inText }: { claimKey: number | null | undefined } & Look) {
  if (claimKey === null || claimKey === undefined) return <span className="dim">no claim</span>;
  return (
    <Anchor {...look(inText)} renderRoot={(given) => <Link to="/claims/$claimKey" params={{ claimKey: String(claimKey) }} {...given} />}>
      {label ?? claimKey}
    </Anchor>
  );
}

/** @param answer that stands under the cursor when the payment opens */
export function PaymentLink({ paymentId, answer, label, inText }: { paymentId: number; answer?: number | undefined } & Look) {
  return (
    <Anchor
      {...look(inText)}
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

export function DenialLink({ denialId, label, inText }: { denialId: number } & Look) {
  return (
    <Anchor {...look(inText)} renderRoot={(given) => <Link to="/denials/$denialId" params={{ denialId: String(denialId) }} {...given} />}>
      {label ?? denialId}
    </Anchor>
  );
}

export function FileLink({ fileId, label, inText }: { fileId: number } & Look) {
  return (
    <Anchor {...look(inText)} renderRoot={(given) => <Link to="/files/$fileId" params={{ fileId: String(fileId) }} {...given} />}>
      {label ?? fileId}
    </Anchor>
  );
}

export function RunLink({ runId, label, inText }: { runId: number } & Look) {
  return (
    <Anchor {...look(inText)} renderRoot={(given) => <Link to="/operations/$runId" params={{ runId: String(runId) }} {...given} />}>
      {label ?? runId}
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

function look(inText: boolean | undefined): { underline?: "always" } {
  return inText ? { underline: "always" } : {};
}
