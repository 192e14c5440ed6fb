/** One alert: the figure day by day with its limits, what happened, who was told; acknowledge and resolve. */

import { Anchor, Button } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, dataOf } from "../../api/client";
import { useActorName } from "../../session/people";
import { useMay } from "../../session/session";
import { count, day, moment, words } from "../../ui/format";
import { Facts } from "../../ui/Facts";
import { Page } from "../../ui/Page";
import { usePayerNames } from "../../ui/payers";
import { ProblemNote } from "../../ui/ProblemNote";
import { Reason } from "../../ui/Reason";
import { Withheld } from "../../ui/Withheld";
import { Status } from "../../ui/Status";
import { Table } from "../../ui/Table";
import { useDefinitions } from "../analytics/useKpi";
import { DaysChart } from "./DaysChart";
import { toneOfAlert } from "./AlertsPage";
import { type Alert, behindOf, conditionText, FEW, figureText, groupOf, isHidden, useAlert, useAlertMessages, useAnew } from "./useAlerts";

export function AlertPage() {
  const { alertId = "0" } = useParams({ strict: false });
  const id = Number(alertId);
  const sheet = useAlert(id);
  const messages = useAlertMessages(id);
  const figures = useDefinitions();
  const found = sheet.data;
  const payer = usePayerNames();
  const nameOf = useActorName();
  const may = useMay();
  const figure = figures.data?.find((each) => each.name === found?.incident.kpi);
  const unit = figure?.unit;
  const behind = found && figure?.withheld === null && may("claims.identity") ? behindOf(found.incident) : null;
  const shown = (value: number | null): string => figureText(unit, value);
  return (
    <Page
      title={found ? found.definition.title || words(found.incident.name) : "Alert"}
      summary={found ? <Status tone={toneOfAlert(found.incident)}>{words(found.incident.state)}</Status> : null}
      actions={
        <>
          <Anchor renderRoot={(given) => <Link to="/alerts" {...given} />}>All alerts</Anchor>
          {found ? <Acts alert={found.incident} /> : null}
        </>
      }
    >
      {sheet.isError ? <ProblemNote problem={sheet.error} onRetry={() => void sheet.refetch()} /> : null}
      {found ? (
        <div className="read">
          <section>
            <Facts
              of={[
                ["Figure", figure?.title ?? words(found.incident.kpi)], ["Group", groupOf(found.incident, payer)],
                ["Alarms", conditionText(found.definition.condition, unit)],
                ["Period", found.incident.begins === found.incident.ends ? day(found.incident.ends) : `${day(found.incident.begins)} to ${day(found.incident.ends)}`],
                ["Value", isHidden(found.incident) ? <Withheld key="value" why={FEW} /> : shown(found.incident.value)], ["Usual", shown(found.incident.usual)],
                ["Limits", [shown(found.incident.lower_limit), shown(found.incident.upper_limit)].filter(Boolean).join(" to ")],
                ["Claims", isHidden(found.incident) ? "" : behind ? <Anchor key="claims" renderRoot={(given) => <Link to="/analytics" search={behind as never} {...given} />}>{count(found.incident.items)}: show what is behind the value</Anchor> : count(found.incident.items)],
              ]}
            />
          </section>
          <section>
            <h2>Day by day</h2>
            <DaysChart days={found.days} lower={found.incident.lower_limit} upper={found.incident.upper_limit} shown={shown} />
          </section>
          <section>
            <h2>What happened</h2>
            <Table
              label="History" headings={["When", "What", "By"]}
              rows={found.history.map((each) => ({ key: each.number, cells: [moment(each.at), words(each.what), nameOf(each.actor)] }))}
            />
          </section>
          <section>
            <h2>Who was told</h2>
            {messages.data?.length ? (
              <Table
                label="Messages" headings={["Target", "What", "State", { label: "Attempts", numeric: true }, "Last error"]}
                rows={messages.data.map((each) => ({ key: each.delivery_id, cells: [each.target, words(each.what), words(each.state), count(each.attempts), each.last_error ?? ""] }))}
              />
            ) : (
              <p className="dim">Nobody but the app.</p>
            )}
          </section>
        </div>
      ) : null}
    </Page>
  );
}

function Acts({ alert }: { alert: Alert }) {
  const may = useMay();
  const anew = useAnew();
  const [asks, setAsks] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const path = { incident_id: alert.incident_id };
  if (!may("analytics.respond") || alert.state === "resolved") return null;
  async function acknowledge(): Promise<void> {
    setProblem(null);
    try {
      dataOf(await api.POST("/api/v1/analytics/alerts/{incident_id}/acknowledge", { params: { path } }));
      await anew();
    } catch (error) {
      setProblem(error);
    }
  }
  return (
    <>
      {problem ? <ProblemNote problem={problem} /> : null}
      {alert.state === "acknowledged" ? null : <Button size="compact-sm" variant="default" onClick={() => void acknowledge()}>Acknowledge</Button>}
      <Button size="compact-sm" onClick={() => setAsks(true)}>Resolve</Button>
      {asks ? (
        <Reason
          title="Resolve this alert" what="It begins anew only after the figure was back once." verb="Resolve" onClose={() => setAsks(false)}
          onReason={async (reason) => {
            dataOf(await api.POST("/api/v1/analytics/alerts/{incident_id}/resolve", { params: { path }, body: { reason } }));
            await anew();
          }}
        />
      ) : null}
    </>
  );
}
