/** Decisions on an answer that waits: to which claim it belongs, or that it is set aside. */

import { api, dataOf, type Schemas } from "../../api/client";
import { cents } from "../../ui/format";
import { Reason } from "../../ui/Reason";

type Answer = Schemas["ListedAnswer"];
/** What a person calls an answer: its money and its payer. */
function nameOf(answer: Answer): string {
  return `the ${cents(answer.paid_cents)} of ${answer.payer_name ?? answer.payer_id ?? "an unknown payer"}`;
}
const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

type Props = { answer: Answer; onClose: () => void; onDone: (what: string) => void };

const ASSIGNED = [
  "Same patient, dates and charges; the number was mistyped by the payer",
  "The payer confirmed by phone that it is this claim",
  "Found by the payer claim number of the earlier payment",
];
const DISMISSED = [
  "Not a claim of this practice; the money is sent back",
  "Sent twice by the payer by mistake",
  "A corrected remittance came instead",
];

export function AssignAnswer({ answer, candidate, onClose, onDone }: Props & { candidate: Schemas["AnswerCandidate"] }) {
  return (
    <Reason
      title={`Post ${nameOf(answer)} to claim ${candidate.claim_key}`} verb="Assign" usual={ASSIGNED} onClose={onClose}
      what={`${cents(answer.paid_cents)} paid of ${cents(answer.charge_cents)} charged will be posted to claim ${candidate.claim_key}. Equal: ${candidate.equal || "nothing"}.`}
      onReason={async (reason, key) => {
        const found = dataOf(
          await api.POST("/api/v1/remittances/answers/{answer_id}/assign", {
            params: { path: { answer_id: answer.answer_id } }, headers: { "Idempotency-Key": key },
            body: { claim_key: candidate.claim_key, reason },
          }),
        );
        onDone(
          found.state === "waiting"
            ? `${upper(nameOf(answer))} is assigned to claim ${candidate.claim_key} but still waits: ${found.means}.`
            : `${upper(nameOf(answer))} is posted to claim ${candidate.claim_key}.`,
        );
      }}
    />
  );
}

export function DismissAnswer({ answer, onClose, onDone }: Props) {
  return (
    <Reason
      title={`Set aside ${nameOf(answer)}`} verb="Dismiss" usual={DISMISSED} onClose={onClose}
      what={`It is set aside for good. Its ${cents(answer.paid_cents)} stay unapplied until they are paid back.`}
      onReason={async (reason, key) => {
        await api.POST("/api/v1/remittances/answers/{answer_id}/dismiss", {
          params: { path: { answer_id: answer.answer_id } }, headers: { "Idempotency-Key": key }, body: { reason },
        });
        onDone(`${upper(nameOf(answer))} is set aside.`);
      }}
    />
  );
}
