/** What needs somebody: alerts on figures, newest first; below them what is watched. */

import { Anchor, Button, Group, SegmentedControl } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { api, dataOf } from "../../api/client";
import { useMay } from "../../session/session";
import { count, counted, moment, words } from "../../ui/format";
import { Confirm } from "../../ui/Confirm";
import { later } from "../../ui/later";
import { Page } from "../../ui/Page";
import { usePayerNames } from "../../ui/payers";
import { ProblemNote } from "../../ui/ProblemNote";
import { Withheld } from "../../ui/Withheld";
import { Status, type Tone } from "../../ui/Status";
import { Table } from "../../ui/Table";
import { useAddress } from "../../ui/useAddress";
import { useDefinitions as useKpiDefinitions } from "../analytics/useKpi";
import { asDefinition, type Definition } from "./definition";
import { type Alert, conditionText, FEW, figureText, groupOf, isHidden, limitText, useAlertDefinitions, useAlerts, useAnew } from "./useAlerts";

const AlertForm = later(() => import("./AlertForm").then((found) => found.AlertForm));
const Targets = later(() => import("./Targets").then((found) => found.Targets));

export function toneOfAlert(alert: Alert): Tone {
  if (alert.state === "resolved") return "done";
  return alert.severity === "critical" ? "loss" : "person";
}

// Which alerts are shown, as the address has it; the overview counts those that nobody has answered.
const SHOWN = [
  { value: "unanswered", label: "To answer", heading: "Alerts to answer" },
  { value: "open", label: "Open", heading: "Open alerts" },
  { value: "all", label: "All", heading: "All alerts" },
] as const;

export function AlertsPage() {
  const [search, setSearch] = useAddress();
  const which = SHOWN.find(({ value }) => value === search["state"]) ?? SHOWN[1];
  const alerts = useAlerts(which.value !== "all");
  const may = useMay();
  const payer = usePayerNames();
  const figures = useKpiDefinitions();
  const definitions = useAlertDefinitions();
  const unitOf = (kpi: string) => figures.data?.find((each) => each.name === kpi)?.unit;
  const titleOf = (kpi: string) => figures.data?.find((each) => each.name === kpi)?.title ?? words(kpi);
  const titles = new Map((definitions.data ?? []).map(({ definition }) => [definition.name, definition.title]));
  const rows = (alerts.data ?? []).filter((each) => which.value !== "unanswered" || each.state === "firing" || each.state === "escalated");
  return (
    <Page
      title="Alerts" summary={alerts.data ? (which.value === "unanswered" ? `${count(rows.length)} to answer` : counted(rows.length, which.value === "all" ? "alert" : "open alert")) : null} hasViews={false}
      actions={may("analytics.watch") ? <Evaluate /> : null}
      filters={
        <SegmentedControl
          size="xs" aria-label="Which alerts" value={which.value}
          data={SHOWN.map(({ value, label }) => ({ value, label }))} onChange={(next) => setSearch({ state: next === "open" ? undefined : next })}
        />
      }
    >
      {alerts.isError ? <ProblemNote problem={alerts.error} onRetry={() => void alerts.refetch()} /> : null}
      <div className="read wide">
        <section>
          <h2>{which.heading}</h2>
          {alerts.data && rows.length === 0 ? <p className="dim">{which.value === "unanswered" ? "No alert waits for an answer." : "No alert is open."} An alert appears here when a figure that is watched is beyond its limit.</p> : null}
          {rows.length > 0 ? (
            <Table
              label="Alerts" headings={["Alert", "Group", "State", { label: "Value", numeric: true }, { label: "Limit", numeric: true }, { label: "Claims", numeric: true }, "Since"]}
              rows={rows.map((alert) => ({
                key: alert.incident_id,
                cells: [
                  <Anchor key="name" size="sm" renderRoot={(given) => <Link to="/alerts/$alertId" params={{ alertId: String(alert.incident_id) }} {...given} />}>{titles.get(alert.name) || titleOf(alert.kpi)}</Anchor>,
                  groupOf(alert, payer), <Status key="state" tone={toneOfAlert(alert)}>{words(alert.state)}</Status>,
                  isHidden(alert) ? <Withheld key="value" why={FEW} /> : figureText(unitOf(alert.kpi), alert.value), limitText(alert, unitOf(alert.kpi)),
                  isHidden(alert) ? "" : count(alert.items), moment(alert.begun_at),
                ],
              }))}
            />
          ) : null}
        </section>
        <Watched />
        <Suspense><Targets /></Suspense>
      </div>
    </Page>
  );
}

/** What is watched, and by whom it is changed. */
function Watched() {
  const may = useMay();
  const definitions = useAlertDefinitions();
  const anew = useAnew();
  const figures = useKpiDefinitions();
  const [edited, setEdited] = useState<Definition | "new" | null>(null);
  const [removed, setRemoved] = useState<string | null>(null);
  const figureOf = (kpi: string) => figures.data?.find((each) => each.name === kpi);
  const rows = definitions.data ?? [];
  return (
    <section>
      <h2>What is watched</h2>
      {definitions.isError ? <ProblemNote problem={definitions.error} onRetry={() => void definitions.refetch()} /> : null}
      {definitions.data && rows.length === 0 ? <p className="dim">Nothing is watched yet. An alert tells when a figure is beyond a limit, or a day is not as usual.</p> : null}
      {rows.length > 0 ? (
        <Table
          label="Definitions" headings={["Alert", "Figure", "By", "Condition", "Told", "Evaluated", { label: "Acts", hidden: true }]}
          rows={rows.map(({ definition, evaluation }) => ({
            key: definition.name,
            cells: [
              definition.title || words(definition.name), figureOf(definition.kpi)?.title ?? words(definition.kpi), (definition.by ?? []).map(words).join(", ") || "As a whole",
              definition.is_on === false ? "Off" : conditionText(definition.condition, figureOf(definition.kpi)?.unit), (definition.targets ?? []).join(", ") || "In the app",
              evaluation ? (evaluation.problem ?? moment(evaluation.evaluated_at)) : "Not yet",
              may("analytics.watch") ? (
                <Group gap="xs" wrap="nowrap" key="acts">
                  <Button size="compact-xs" variant="default" onClick={() => setEdited(asDefinition(definition))}>Change</Button>
                  <Button size="compact-xs" variant="subtle" onClick={() => setRemoved(definition.name)}>Remove</Button>
                </Group>
              ) : null,
            ],
          }))}
        />
      ) : null}
      {may("analytics.watch") ? <Button size="compact-sm" variant="default" onClick={() => setEdited("new")}>Watch a figure</Button> : null}
      {edited ? (
        <Suspense>
          <AlertForm before={edited === "new" ? null : edited} names={rows.map(({ definition }) => definition.name)} onClose={() => setEdited(null)} />
        </Suspense>
      ) : null}
      {removed ? (
        <Confirm
          title={`Remove ${words(removed)}`} what="Its open alerts are resolved. Its versions and alerts can still be read." verb="Remove" onClose={() => setRemoved(null)}
          onYes={async () => {
            await api.DELETE("/api/v1/analytics/alerts/definitions/{name}", { params: { path: { name: removed } } });
            await anew();
          }}
        />
      ) : null}
    </section>
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
