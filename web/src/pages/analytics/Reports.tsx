/** Reports on a schedule, and what became of each delivery. */

import { Button, Group } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { day, moment, sentence } from "../../ui/format";
import { Empty } from "../../ui/Empty";
import { ProblemNote } from "../../ui/ProblemNote";
import { Scrolls } from "../../ui/Scrolls";
import { Status } from "../../ui/Status";
import { ReportForm } from "./ReportForm";
import { named, type Sheet } from "./views";

type Report = Schemas["ReportRow"];
type Delivery = Schemas["DeliveryRow"];

const STATES: Record<string, ["done" | "person" | "loss" | "plain", string]> = {
  sent: ["done", "Sent"], waiting: ["person", "Waiting"], failed: ["loss", "Failed"],
};

export function Reports({ sheets }: { sheets: readonly Sheet[] }) {
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [problem, setProblem] = useState<Error | null>(null);
  const reports = useQuery({ queryKey: ["reports"], queryFn: async () => dataOf(await api.GET("/api/v1/analytics/reports")) });
  const deliveries = useQuery({
    queryKey: ["report-deliveries"], refetchInterval: 15_000,
    queryFn: async () => dataOf(await api.GET("/api/v1/analytics/reports/deliveries", { params: { query: { limit: 50 } } })),
  });

  async function act(work: () => Promise<unknown>): Promise<void> {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(error as Error);
    }
    await Promise.all([queries.invalidateQueries({ queryKey: ["reports"] }), queries.invalidateQueries({ queryKey: ["report-deliveries"] })]);
  }

  if (reports.error) return <ProblemNote problem={reports.error} onRetry={() => void reports.refetch()} />;
  const rows = reports.data ?? [];
  return (
    <div className="read wide">
      <p className="dim">Figures of a period as a file, by mail or in object storage. Numbers of fewer than 11 claims are hidden in every report.</p>
      <Group mb="sm"><Button size="xs" onClick={() => setAdding(true)}>Schedule a report</Button></Group>
      {problem ? <ProblemNote problem={problem} /> : null}
      {reports.isSuccess && rows.length === 0 ? (
        <Empty title="No reports">A report that is scheduled appears here with its deliveries. Schedule one for those who want the month's figures in their mail.</Empty>
      ) : (
        <Scrolls label="Reports">
          <table className="plain">
            <thead><tr><th scope="col">Report</th><th scope="col">Figures</th><th scope="col">When</th><th scope="col">Format</th><th scope="col">To</th><th scope="col">State</th><th scope="col"><span className="unseen">Acts</span></th></tr></thead>
            <tbody>
              {rows.map((report) => (
                <tr key={report.report_id}>
                  <td>{report.title}</td>
                  <td>{report.kpis.map((name) => sheets.find((sheet) => sheet.name === name)?.title ?? name).join("; ")}{report.group_by ? ` (by ${named(report.group_by)})` : ""}</td>
                  <td>{sentence(whenOf(report))}</td>
                  <td>{report.format.toUpperCase()}</td>
                  <td>{report.recipients.join(", ") || "Object storage"}</td>
                  <td><Status tone={report.is_active ? "done" : "plain"}>{report.is_active ? "Scheduled" : "Ended"}</Status></td>
                  <td>
                    {report.is_active ? (
                      <Group gap="xs" wrap="nowrap">
                        <button type="button" className="link nowrap" aria-label={`Send now: ${report.title}`} onClick={() => void act(() => api.POST("/api/v1/analytics/reports/{report_id}/send", { params: { path: { report_id: report.report_id } } }))}>Send now</button>
                        <button type="button" className="link" aria-label={`End: ${report.title}`} onClick={() => void act(() => api.DELETE("/api/v1/analytics/reports/{report_id}", { params: { path: { report_id: report.report_id } } }))}>End</button>
                      </Group>
                    ) : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
      {deliveries.data?.items.length ? <Deliveries rows={deliveries.data.items} /> : null}
      {adding ? <ReportForm sheets={sheets} onClose={() => setAdding(false)} onSchedule={async (wanted) => dataOf(await api.POST("/api/v1/analytics/reports", { body: wanted }))} /> : null}
    </div>
  );
}

function Deliveries({ rows }: { rows: readonly Delivery[] }) {
  return (
    <>
      <h2 className="after-table">Deliveries</h2>
      <Scrolls label="Deliveries">
        <table className="plain">
          <thead><tr><th scope="col">Report</th><th scope="col">Period</th><th scope="col">State</th><th scope="col" className="num">Attempts</th><th scope="col">When</th><th scope="col">Why not</th></tr></thead>
          <tbody>
            {rows.map((each) => (
              <tr key={each.delivery_id}>
                <td>{each.title}</td>
                <td>{`${day(each.begins)} to ${day(each.ends)}`}</td>
                <td><Status tone={STATES[each.state]?.[0] ?? "plain"}>{STATES[each.state]?.[1] ?? each.state}</Status></td>
                <td className="num">{each.attempts}</td>
                <td>{each.ended_at ? moment(each.ended_at) : `next try ${moment(each.next_try_at)}`}</td>
                <td>{each.problem ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
    </>
  );
}

function whenOf(report: Report): string {
  const days = { day: "every day", week: "Mondays", month: "on the 1st" }[report.every] ?? report.every;
  return `${days}, ${report.hour}:00, ${named(report.period)}`;
}
