/** What happened to a claim: every event with its time, who did it, and why. No value of the claim is in it. */

import type { Schemas } from "../../api/client";
import { useActorName } from "../../session/people";
import { moment, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status, toneOf } from "../../ui/Status";
import { ClaimLink, DenialLink, FileLink, PaymentLink, RunLink } from "../money/links";
import { useClaimHistory } from "./ClaimHead";
import { sentenceOf } from "./history";

type Event = Schemas["ClaimEvent"];

export function ClaimHistory({ claimKey }: { claimKey: number }) {
  const history = useClaimHistory(claimKey);
  const nameOf = useActorName();
  return (
    <section>
      <h2>What happened</h2>
      {history.isLoadingError ? <ProblemNote problem={history.error} onRetry={() => void history.refetch()} /> : null}
      {history.data ? (
        <ol className="history">
          {history.data.map((event, index) => (
            <li key={`${event.at} ${event.what} ${index}`}>
              <time dateTime={event.at}>{moment(event.at)}</time>
              <div>
                <Status tone={toneOf(event.what)}>{sentenceOf(event)}</Status> <Reference event={event} />
                {event.by || event.reason ? (
                  <div className="dim">
                    {event.by ? `by ${nameOf(event.by)}` : ""}
                    {event.reason ? ` for “${event.reason}”` : ""}
                  </div>
                ) : null}
              </div>
            </li>
          ))}
        </ol>
      ) : null}
    </section>
  );
}

/** A link to what the event is about. */
function Reference({ event }: { event: Event }) {
  if (event.reference === null || event.refers_to === null) return null;
  const { reference, refers_to } = event;
  const look = { label: `${words(refers_to)} ${reference}`, inText: true };
  switch (refers_to) {
    case "file":
      return <FileLink fileId={reference} {...look} />;
    case "run":
      return <RunLink runId={reference} {...look} />;
    case "payment":
      return <PaymentLink paymentId={reference} {...look} />;
    case "denial":
      return <DenialLink denialId={reference} {...look} />;
    case "claim":
      return <ClaimLink claimKey={reference} {...look} />;
    default:
      return <>{look.label}</>;
  }
}
