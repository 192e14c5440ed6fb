/** The answer under the cursor of a payment's tree: state, sums, and its claim. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { cents, words as asWords } from "../../ui/format";
import { Status, toneOf } from "../../ui/Status";
import { ClaimLink } from "../money/links";
import { type Claim, claimAdjusted, claimOff } from "./adds";

export function AnswerSummary({ claim, words }: { claim: Claim; words: Schemas["CodeWords"] }) {
  const off = claimOff(claim);
  return (
    <>
      <Facts
        of={[
          ["Claim", <ClaimLink key="claim" claimKey={claim.claim_key} />],
          ["State", <Status key="state" tone={toneOf(claim.state)}>{asWords(claim.state)}</Status>],
          claim.reason ? ["Why it waits", asWords(claim.reason)] : null,
          ["Payer says", claim.claim_status ? (words.claim_statuses[claim.claim_status] ?? claim.claim_status) : ""],
          claim.is_reversal ? ["Kind", "Reversal of an earlier payment"] : null,
          ["Charge", cents(claim.charge_cents)],
          ["Adjusted", cents(claimAdjusted(claim))],
          ["Paid", cents(claim.paid_cents)],
          ["Patient owes", cents(claim.patient_cents)],
          ["Adds up", off === 0 ? <Status key="off" tone="done">Yes</Status> : <Status key="off" tone="loss">{`Off by ${cents(off)}`}</Status>],
        ]}
      />
      {claim.state === "waiting" ? (
        <p>
          <Anchor renderRoot={(given) => <Link to="/remittances/waiting" search={{ at: claim.answer_id, ...(claim.reason ? { reason: claim.reason } : {}) } as never} {...given} />}>
            Match this answer to its claim
          </Anchor>
        </p>
      ) : null}
    </>
  );
}
