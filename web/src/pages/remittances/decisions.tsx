/** Decisions on an answer that waits: to which claim it belongs, or that it is set aside. */

import { api, dataOf, type Schemas } from "../../api/client";
import { cents } from "../../ui/format";
import { Reason } from "../../ui/Reason";

type Answer = Schemas["ListedAnswer"];
type Props = { answer: Answer; onClose: () => void; onDone: (what: string) => void };

const ASSIGNED = [
  "Same patient, dates and charges; the number was mistyped by the payer",
  "The payer confirmed by phone that it answers this claim",
  "Found by the payer claim number of the earlier answer",
];
const DISMISSED = [
  "Not a claim of this practice; the money is sent back",
  "Sent twice by the payer by mistake",
  "A corrected remittance came instead",
];

export function AssignAnswer({ answer, candidate, onClose, onDone }: Props & { candidate: Schemas["AnswerCandidate"] }) {
  return (
    <Reason
      title={`Assign answer ${answer.answer_id} to claim ${candidate.claim_key}`} verb="Assign" usual={ASSIGNED} onClose={onClose}
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
            ? `Answer ${answer.answer_id} is assigned to claim ${candidate.claim_key} but waits still: ${found.means}.`
            : `Answer ${answer.answer_id} is posted to claim ${candidate.claim_key}.`,
        );
      }}
    />
  );
}

export function DismissAnswer({ answer, onClose, onDone }: Props) {
  return (
    <Reason
      title={`Dismiss answer ${answer.answer_id}`} verb="Dismiss" usual={DISMISSED} onClose={onClose}
      what={`The answer is set aside for good. Its ${cents(answer.paid_cents)} stay unapplied until they are paid back.`}
      onReason={async (reason, key) => {
        await api.POST("/api/v1/remittances/answers/{answer_id}/dismiss", {
          params: { path: { answer_id: answer.answer_id } }, headers: { "Idempotency-Key": key }, body: { reason },
        });
        onDone(`Answer ${answer.answer_id} is dismissed.`);
      }}
    />
  );
}
