/** One run, chunk by chunk. */

import { Anchor } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { count, words } from "../../ui/format";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status, toneOf } from "../../ui/Status";
import { Table } from "../../ui/Table";
import { RunFacts, Stages } from "./RunParts";
import { useRun } from "./Runs";
import { duration, paceOf } from "./work";

export function RunPage() {
  const { runId = "" } = useParams({ strict: false });
  const run = useRun(Number(runId));
  const found = run.data;
  return (
    <Page title={`Run ${runId}`} actions={<Anchor renderRoot={(given) => <Link to="/operations" {...given} />}>All runs</Anchor>}>
      {run.isError ? <ProblemNote problem={run.error} onRetry={() => void run.refetch()} /> : null}
      {found ? (
        <div className="read">
          <section className="beside even">
            <RunFacts run={found.run} pace={paceOf(found.run, Date.now())} />
            <div>
              <h2>Time by stage, all workers together</h2>
              <Stages chunks={found.chunks} />
            </div>
          </section>
          <section>
            <h2>Chunks</h2>
            <Table
              label="Chunks"
              headings={[
                "Chunk", "State", { label: "Worker", numeric: true }, { label: "Claims", numeric: true }, { label: "Production", numeric: true },
                { label: "Review", numeric: true }, { label: "Dead", numeric: true }, { label: "Seconds", numeric: true },
                { label: "Leases", numeric: true, meaning: "How often a worker took it; more than one means that a worker was lost" },
                { label: "Failures", numeric: true }, { label: "Crashes", numeric: true }, "Problem",
              ]}
              rows={found.chunks.map((each) => ({
                key: each.chunk,
                cells: [
                  each.chunk, <Status key="state" tone={each.state === "done" ? "done" : toneOf(each.state)}>{words(each.state)}</Status>, each.worker,
                  count(each.claims), count(each.produced), count(each.review), count(each.dead),
                  duration(Object.values(each.seconds).reduce((sum, one) => sum + one, 0)), each.leases, each.failures, each.crashes, each.problem,
                ],
              }))}
            />
          </section>
        </div>
      ) : null}
    </Page>
  );
}
