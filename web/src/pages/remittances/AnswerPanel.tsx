/** The side panel of an answer that waits: what it means, its candidates, and its opening for a reason. */

import { Button, Group } from "@mantine/core";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, dataOf, type Schemas } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { age, cents, day, words, sentence } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { ClaimLink, PaymentLink } from "../money/links";
import { OpenedAnswer } from "./OpenedAnswer";

type Candidate = Schemas["AnswerCandidate"];

export function useCandidates(answerId: number | null) {
  return useQuery({
    queryKey: ["candidates", answerId], enabled: answerId !== null, meta: { live: true },
    queryFn: async () =>
      dataOf(await api.GET("/api/v1/remittances/answers/{answer_id}/candidates", { params: { path: { answer_id: answerId ?? 0 } } })),
  });
}

type Props = {
  shown: Schemas["ExplainedAnswer"];
  candidates: UseQueryResult<Candidate[]>;
  onChoose?: ((index: number) => void) | undefined;
  onDismiss?: (() => void) | undefined;
};

export function AnswerPanel({ shown, candidates, onChoose, onDismiss }: Props) {
  const { answer, means, do: todo } = shown;
  return (
    <>
      <p>
        <Status tone="person">{sentence(means)}</Status>. {todo}
      </p>
      <Facts
        of={[
          ["Payer", answer.payer_name ?? answer.payer_id],
          ["Payment", <PaymentLink key="payment" paymentId={answer.payment_id} answer={answer.answer_id} />],
          ["Paid on", answer.paid_on ? `${day(answer.paid_on)} (${age(answer.paid_on)})` : ""],
          ["Charge", cents(answer.charge_cents)],
          ["Paid", cents(answer.paid_cents)],
          ["Patient owes", cents(answer.patient_cents)],
          answer.is_reversal ? ["Kind", "Reversal of an earlier payment"] : null,
          answer.claim_key === null ? null : ["Matched claim", <ClaimLink key="claim" claimKey={answer.claim_key} />],
        ]}
      />
      <h3>Claims that it may be about</h3>
      {candidates.isError ? <ProblemNote problem={candidates.error} onRetry={() => void candidates.refetch()} /> : null}
      {candidates.data?.length === 0 ? (
        <p className="dim">No claim is similar. If the claim is still to be processed, process it, then retry matching. If it is not yours, dismiss it.</p>
      ) : null}
      <ol className="candidates">
        {candidates.data?.map((each, index) => (
          <li key={each.claim_key}>
            <kbd aria-hidden="true">{index < 9 ? index + 1 : ""}</kbd>
            <div>
              <div>
                <ClaimLink claimKey={each.claim_key} label={`Claim ${each.claim_key}`} />
                <span className="dim"> · score {each.score}</span>
              </div>
              <div>{each.equal ? `Equal: ${words(each.equal).toLowerCase()}` : "Nothing is equal"}</div>
            </div>
            {onChoose ? (
              <Button size="compact-xs" variant={index === 0 ? "filled" : "default"} onClick={() => onChoose(index)} aria-label={`Assign to claim ${each.claim_key}`}>
                Assign
              </Button>
            ) : null}
          </li>
        ))}
      </ol>
      {onChoose && candidates.data?.length ? <p className="dim">Keys: 1 to 9 assigns, Enter takes the first, d dismisses.</p> : null}
      <OpenedAnswer answerId={answer.answer_id} />
      {onDismiss ? (
        <Group mt="md">
          <Button size="xs" variant="default" onClick={onDismiss}>
            Dismiss it
          </Button>
        </Group>
      ) : null}
    </>
  );
}
