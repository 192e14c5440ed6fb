/** What happened to a claim: every event with its time, who did it, and why. No value of the claim is in it. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { moment, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status, toneOf } from "../../ui/Status";
import { useClaimHistory } from "./ClaimHead";
import { sentenceOf } from "./history";

type Event = Schemas["ClaimEvent"];

export function ClaimHistory({ claimKey }: { claimKey: number }) {
  const history = useClaimHistory(claimKey);
  return (
    <section>
      <h2>What happened</h2>
      {history.isError ? <ProblemNote problem={history.error} /> : null}
      {history.data ? (
        <ol className="history">
          {history.data.map((event, index) => (
            <li key={`${event.at} ${event.what} ${index}`}>
              <time dateTime={event.at}>{moment(event.at)}</time>
              <div>
                <Status tone={toneOf(event.what)}>{sentenceOf(event)}</Status> <Reference event={event} />
                {event.by || event.reason ? (
                  <div className="dim">
                    {event.by ? `by ${event.by}` : ""}
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
  const number = String(event.reference);
  const text = `${words(event.refers_to)} ${number}`;
  switch (event.refers_to) {
    case "file":
      return <Anchor underline="always" renderRoot={(given) => <Link to="/files/$fileId" params={{ fileId: number }} {...given} />}>{text}</Anchor>;
    case "run":
      return <Anchor underline="always" renderRoot={(given) => <Link to="/operations/$runId" params={{ runId: number }} {...given} />}>{text}</Anchor>;
    case "payment":
      return <Anchor underline="always" renderRoot={(given) => <Link to="/payments/$paymentId" params={{ paymentId: number }} {...given} />}>{text}</Anchor>;
    case "denial":
      return <Anchor underline="always" renderRoot={(given) => <Link to="/denials/$denialId" params={{ denialId: number }} {...given} />}>{text}</Anchor>;
    case "claim":
      return <Anchor underline="always" renderRoot={(given) => <Link to="/claims/$claimKey" params={{ claimKey: number }} {...given} />}>{text}</Anchor>;
    default:
      return <>{text}</>;
  }
}
