/** Whether each part responds, how the database does, where the last run spent its time, and what alarms. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, dataOf } from "../../api/client";
import { useMay } from "../../session/session";
import { Facts } from "../../ui/Facts";
import { bytes, count, counted, moment, percent, words } from "../../ui/format";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { Table } from "../../ui/Table";
import { useAlerts } from "../alerts/useAlerts";
import { Stages } from "./RunParts";
import { useRun } from "./Runs";
import { useHealth, useRuns } from "./useOperations";
import { duration } from "./work";

const EVERY_MS = 30_000;
const MEANS: Readonly<Record<string, string>> = {
  database: "Claims, work and the audit log", keys: "With which claims are sealed and opened", objects: "Files that came in and go out",
};

export function HealthView({ filters }: { filters: ReactNode }) {
  const health = useHealth();
  return (
    <Page title="Operations" summary={health.data?.status === "ok" ? "every part responds" : health.data ? "a part does not respond" : ""} filters={filters} hasViews={false}>
      <div className="read">
        <section>
          <h2>Parts</h2>
          {health.isError ? <ProblemNote problem={health.error} onRetry={() => void health.refetch()} /> : null}
          {health.data ? (
            <Table
              label="Parts" headings={["Part", "What it is for", "State"]}
              rows={Object.entries(health.data.checks).map(([name, state]) => ({
                key: name, cells: [words(name), MEANS[name] ?? "", state === "ok" ? <Status key="state" tone="done">Responds</Status> : <Status key="state" tone="loss">{state}</Status>],
              }))}
            />
          ) : null}
        </section>
        <Installation />
        <LastRun />
        <OpenAlerts />
      </div>
    </Page>
  );
}

function Installation() {
  const state = useQuery({
    queryKey: ["operations"], refetchInterval: EVERY_MS,
    queryFn: async () => dataOf(await api.GET("/api/v1/operations")),
  });
  const { database, pool, jobs } = state.data ?? {};
  const all = database ? database.commits + database.rollbacks : 0;
  return (
    <section>
      <h2>Database and jobs</h2>
      {state.isError ? <ProblemNote problem={state.error} onRetry={() => void state.refetch()} /> : null}
      {database && pool && jobs ? (
        <Facts
          of={[
            ["Size", bytes(database.size_bytes)],
            ["Connections", `${count(database.connections)} of ${count(database.most_connections)}: ${count(database.active)} active, ${count(database.idle_in_transaction)} idle in a transaction`],
            ["Longest transaction", duration(database.longest_seconds)],
            ["Deadlocks", database.deadlocks === 0 ? "0" : <Status key="deadlocks" tone="person">{count(database.deadlocks)}</Status>],
            ["Rolled back", all === 0 ? "" : `${percent(database.rollbacks / all)} of ${count(all)} transactions`],
            ["This server's connections", `${count(pool.size)}: ${count(pool.idle)} free, ${counted(pool.waiting, "request")} waiting for one`],
            ["Jobs", ["waiting", "running", "stalled", "failed"].map((name) => `${count(jobs[name] ?? 0)} ${name}`).join(", ")],
          ]}
        />
      ) : null}
      <p className="dim">Counts are since the database's statistics began. <Anchor inherit renderRoot={(given) => <Link to="/help/$page" params={{ page: "runbook" }} {...given} />}>What to do when one is unusual</Anchor></p>
    </section>
  );
}

function LastRun() {
  const runs = useRuns();
  const last = runs.data?.[0];
  return (
    <section>
      <h2>Time by stage of the last run</h2>
      {runs.isError ? <ProblemNote problem={runs.error} onRetry={() => void runs.refetch()} /> : null}
      {last ? <StagesOf runId={last.run_id} startedAt={last.started_at} /> : runs.isSuccess ? <p className="dim">No run yet.</p> : null}
    </section>
  );
}

function StagesOf({ runId, startedAt }: { runId: number; startedAt: string }) {
  const run = useRun(runId);
  return (
    <>
      <p>
        <Anchor inherit renderRoot={(given) => <Link to="/operations/$runId" params={{ runId: String(runId) }} {...given} />}>Run {runId}</Anchor>
        <span className="dim">, {moment(startedAt)}</span>
      </p>
      {run.isError ? <ProblemNote problem={run.error} /> : null}
      {run.data ? <Stages chunks={run.data.chunks} /> : null}
    </>
  );
}

function OpenAlerts() {
  const may = useMay();
  if (!may("analytics.read")) return null;
  return (
    <section>
      <h2>Open alerts</h2>
      <AlertLines />
    </section>
  );
}

function AlertLines() {
  const alerts = useAlerts(true);
  if (alerts.isError) return <ProblemNote problem={alerts.error} onRetry={() => void alerts.refetch()} />;
  if (alerts.data?.length === 0) return <p className="dim">No alert is open.</p>;
  return (
    <ul>
      {alerts.data?.map((each) => (
        <li key={each.incident_id}>
          <Anchor inherit renderRoot={(given) => <Link to="/alerts/$alertId" params={{ alertId: String(each.incident_id) }} {...given} />}>{words(each.name)}</Anchor>{" "}
          <span className="dim">{words(each.severity)}, {words(each.state)}, since {moment(each.begun_at)}</span>
        </li>
      ))}
    </ul>
  );
}
