/** Runs of the pipeline with their sums, newest first. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { Empty } from "../../ui/Empty";
import { count, day, dollars, moment, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status, toneOf } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { RunFacts, Stages } from "./RunParts";
import { useRuns } from "./useOperations";
import { duration, paceOf } from "./work";

type Run = Schemas["VisibleRun"];
const seconds = (row: Run): number | null => (row.finished_at ? (Date.parse(row.finished_at) - Date.parse(row.started_at)) / 1_000 : null);

const COLUMNS: readonly Column<Run>[] = [
  { key: "run", label: "Run", width: "64px", render: (row) => row.run_id },
  { key: "state", label: "State", width: "100px", render: (row) => <Status tone={row.state === "done" ? "done" : toneOf(row.state)}>{words(row.state)}</Status> },
  { key: "started", label: "Started", width: "140px", render: (row) => moment(row.started_at) },
  { key: "took", label: "Took", width: "80px", numeric: true, render: (row) => duration(seconds(row)) },
  { key: "as_of", label: "As of", width: "100px", meaning: "The date on which claims are judged", render: (row) => day(row.as_of) },
  { key: "chunks", label: "Chunks", width: "90px", numeric: true, render: (row) => `${count(row.chunks_done)} of ${count(row.chunks)}` },
  { key: "claims", label: "Claims", width: "90px", numeric: true, render: (row) => count(row.claims) },
  { key: "produced", label: "To production", width: "110px", numeric: true, render: (row) => count(row.produced) },
  { key: "review", label: "To review", width: "90px", numeric: true, render: (row) => count(row.review) },
  { key: "dead", label: "Dead", width: "70px", numeric: true, render: (row) => (row.dead ? <Status tone="loss">{count(row.dead)}</Status> : count(row.dead)) },
  { key: "charge", label: "Charges", width: "minmax(120px, 1fr)", numeric: true, render: (row) => dollars(row.charge) },
];

export function Runs({ filters }: { filters: ReactNode }) {
  const [search, setSearch] = useAddress();
  const navigate = useNavigate();
  const runs = useRuns();
  const rows = runs.data ?? [];
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const current = rows.find((row) => row.run_id === at);
  return (
    <Page
      title="Operations" summary={runs.isSuccess ? `${count(rows.length)}${rows.length === 200 ? " newest" : ""} runs` : ""} filters={filters}
      panel={current ? <RunSummary run={current} /> : undefined} panelTitle={current ? `Run ${current.run_id}` : ""}
      onClosePanel={() => setSearch({ at: undefined })}
    >
      {runs.isError ? <ProblemNote problem={runs.error} onRetry={() => void runs.refetch()} /> : null}
      {runs.isLoadingError ? null : (
        <Grid
          label="Runs" columns={COLUMNS} rows={rows} keyOf={(row) => row.run_id} at={at} isLoading={runs.isPending}
          onAt={(row) => setSearch({ at: row.run_id })}
          onOpen={(row) => void navigate({ to: "/operations/$runId", params: { runId: String(row.run_id) } })}
          onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={
            <Empty title="No runs yet">
              A run checks, prices and routes the claims that are staged. Upload a file under{" "}
              <Anchor inherit renderRoot={(given) => <Link to="/files" {...given} />}>Files</Anchor>; the server then begins a run, or
              <code> claimwright run</code> does.
            </Empty>
          }
        />
      )}
    </Page>
  );
}

export function useRun(runId: number) {
  return useQuery({
    queryKey: ["runs", runId], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: runId } } })),
  });
}

function RunSummary({ run }: { run: Run }) {
  const full = useRun(run.run_id);
  return (
    <>
      <RunFacts run={run} pace={paceOf(run, Date.now())} />
      {full.isError ? <ProblemNote problem={full.error} /> : null}
      {full.data ? (
        <>
          <h3>Time by stage</h3>
          <Stages chunks={full.data.chunks} />
        </>
      ) : null}
      <p>
        <Anchor size="sm" renderRoot={(given) => <Link to="/operations/$runId" params={{ runId: String(run.run_id) }} {...given} />}>Open the run</Anchor>
      </p>
    </>
  );
}
