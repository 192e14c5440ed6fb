/** The parts of a run that list and page share. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { count, day, dollars, moment, percent, words } from "../../ui/format";
import { Status, toneOf } from "../../ui/Status";
import { duration, stagesOf, type paceOf } from "./work";

export function RunFacts({ run, pace }: { run: Schemas["VisibleRun"]; pace: ReturnType<typeof paceOf> }) {
  return (
    <Facts
      of={[
        ["State", <Status key="state" tone={run.state === "done" ? "done" : toneOf(run.state)}>{words(run.state)}</Status>],
        ["Evaluated as of", day(run.as_of)],
        ["Started", moment(run.started_at)],
        ["Finished", moment(run.finished_at)],
        ["Chunks", `${count(run.chunks_done)} of ${count(run.chunks)}`],
        ["Claims", run.claims === null ? "" : `${count(run.claims)} of ${count(run.planned)}`],
        ["Pace", pace.perSecond === null ? "" : `${count(Math.round(pace.perSecond))} claims a second`],
        ["Left", pace.secondsLeft === null ? "" : duration(pace.secondsLeft)],
        ["To production", count(run.produced)],
        ["To review", run.review ? <Anchor key="review" inherit renderRoot={(given) => <Link to="/queue" {...given} />}>{count(run.review)}</Anchor> : count(run.review)],
        ["Dead letters", run.dead ? <Anchor key="dead" inherit renderRoot={(given) => <Link to="/operations" search={{ view: "dead" }} {...given} />}>{count(run.dead)}</Anchor> : count(run.dead)],
        ["Charges", dollars(run.charge)],
      ]}
    />
  );
}

export function Stages({ chunks }: { chunks: readonly Schemas["ChunkView"][] }) {
  const stages = stagesOf(chunks);
  if (stages.length === 0) return <p className="dim">No chunk is done yet.</p>;
  return (
    <table className="plain stages">
      <thead className="unseen">
        <tr><th>Stage</th><th>Seconds</th><th>Share</th></tr>
      </thead>
      <tbody>
        {stages.map((each) => (
          <tr key={each.stage}>
            <td>{words(each.stage)}</td>
            <td className="num">{duration(each.seconds)}</td>
            <td><span className="stage-bar" style={{ width: `${Math.max(1, each.share * 100)}%` }} /><span className="unseen">{percent(each.share)}</span></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
