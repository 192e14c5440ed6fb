/** What needs somebody: alerts on figures, newest first; below them what is watched. */

import { Anchor, Button, SegmentedControl } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, dataOf } from "../../api/client";
import { useMay } from "../../session/session";
import { count, counted, day, moment, words } from "../../ui/format";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status, type Tone } from "../../ui/Status";
import { Table } from "../../ui/Table";
import { type Alert, groupOf, useAlertDefinitions, useAlerts, useAnew } from "./useAlerts";

export function toneOfAlert(alert: Alert): Tone {
  if (alert.state === "resolved") return "done";
  return alert.severity === "critical" ? "loss" : "person";
}

export function AlertsPage() {
  const [all, setAll] = useState(false);
  const alerts = useAlerts(!all);
  const definitions = useAlertDefinitions();
  const may = useMay();
  const rows = alerts.data ?? [];
  return (
    <Page
      title="Alerts" summary={alerts.data ? counted(rows.length, all ? "alert" : "open alert") : null} hasViews={false}
      actions={may("analytics.watch") ? <Evaluate /> : null}
      filters={
        <SegmentedControl
          size="xs" aria-label="Which alerts" value={all ? "all" : "open"}
          data={[{ value: "open", label: "Open" }, { value: "all", label: "All" }]} onChange={(next) => setAll(next === "all")}
        />
      }
    >
      {alerts.isError ? <ProblemNote problem={alerts.error} onRetry={() => void alerts.refetch()} /> : null}
      <div className="read">
        <section>
          <h2>{all ? "All alerts" : "Open alerts"}</h2>
          {alerts.data && rows.length === 0 ? <p className="dim">No alert is open. An alert appears here when a figure that is watched is beyond its limit.</p> : null}
          {rows.length > 0 ? (
            <Table
              label="Alerts" headings={["Alert", "Group", "State", "Day", { label: "Claims", numeric: true }, "Since"]}
              rows={rows.map((alert) => ({
                key: alert.incident_id,
                cells: [
                  <Anchor key="name" size="sm" renderRoot={(given) => <Link to="/alerts/$alertId" params={{ alertId: String(alert.incident_id) }} {...given} />}>{words(alert.name)}</Anchor>,
                  groupOf(alert), <Status key="state" tone={toneOfAlert(alert)}>{words(alert.state)}</Status>, day(alert.ends), count(alert.items), moment(alert.begun_at),
                ],
              }))}
            />
          ) : null}
        </section>
        <section>
          <h2>What is watched</h2>
          {definitions.data?.length === 0 ? <p className="dim">Nothing is watched yet. Define an alert with claimwright alerts set, or over the API.</p> : null}
          {definitions.data && definitions.data.length > 0 ? (
            <Table
              label="Definitions" headings={["Alert", "Figure", "By", "Condition", "Told", "Evaluated"]}
              rows={definitions.data.map(({ definition, evaluation }) => ({
                key: definition.name,
                cells: [
                  words(definition.name), words(definition.kpi), (definition.by ?? []).map(words).join(", ") || "As a whole",
                  definition.is_on === false ? "Off" : words(definition.condition.kind), (definition.targets ?? []).join(", ") || "In the app",
                  evaluation ? (evaluation.problem ?? moment(evaluation.evaluated_at)) : "Not yet",
                ],
              }))}
            />
          ) : null}
        </section>
      </div>
    </Page>
  );
}

function Evaluate() {
  const anew = useAnew();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  async function evaluate(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      dataOf(await api.POST("/api/v1/analytics/alerts/evaluate"));
      await anew();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      {problem ? <ProblemNote problem={problem} /> : null}
      <Button size="compact-sm" variant="default" loading={busy} onClick={() => void evaluate()}>Evaluate now</Button>
    </>
  );
}
