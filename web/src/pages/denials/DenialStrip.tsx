/** The strip above the denials: what is denied, what could have been prevented, the three worst causes. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { cents, count, day, daysLeft, percent } from "../../ui/format";
import { stripOf } from "./rows";

export function DenialStrip({ groups }: { groups: readonly Schemas["WorkGroup"][] }) {
  if (groups.length === 0) return null;
  const strip = stripOf(groups);
  return (
    <dl className="strip money-strip">
      <div title="What payers refused of the denials that are open">
        <dt>Denied and open</dt>
        <dd>{cents(strip.amount)}</dd>
        <dd className="dim">{count(strip.denials)} denials</dd>
      </div>
      <div title="Amount by chance, as far as a clock leaves time, less the work">
        <dt>Expected recovery</dt>
        <dd>{cents(strip.expected)}</dd>
        <dd className="dim">{strip.firstDue ? `first deadline ${day(strip.firstDue)}, ${daysLeft(strip.firstDue)}` : "no deadline known"}</dd>
      </div>
      <div title="Share of the dollars whose cause a check before submission could have prevented">
        <dt>Preventable</dt>
        <dd>{strip.amount ? percent(strip.preventable / strip.amount) : ""}</dd>
        <dd className="dim">{cents(strip.preventable)}</dd>
      </div>
      <div className="strip-causes">
        <dt>Three root causes</dt>
        {strip.causes.map((cause) => (
          <dd key={cause.code}>
            <span className="num">{cents(cause.amount)}</span>{" "}
            <Anchor renderRoot={(given) => <Link to="/denials" search={{ cause: cause.code } as never} {...given} />}>{cause.name}</Anchor>{" "}
            <span className="dim">{count(cause.denials)}</span>
          </dd>
        ))}
      </div>
    </dl>
  );
}
