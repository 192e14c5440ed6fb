/** Alerts of unusual access to patient data, and their review. Nobody closes one about their own access. */

import { Button, Switch } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { Empty } from "../../ui/Empty";
import { Facts } from "../../ui/Facts";
import { age, count, day, moment, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Reason } from "../../ui/Reason";
import { Status } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { useList } from "../../ui/useList";
import { whoIs } from "./records";
import { useNames } from "./useAudit";

type Alert = Schemas["Alert"];
const KINDS: Record<string, string> = {
  volume: "Many more claims opened than on their own days before",
  volume_of_peers: "Many more claims opened than by anybody else in a day",
  hours: "Claims opened at hours at which they hardly ever work",
  walk: "Claims opened one after another in order of their numbers",
  break_glass: "More opened past what is withheld than ever before",
  family: "Claims of several patients with one rare surname within a week",
};
const kindOf = (alert: Alert): string => KINDS[alert.kind] ?? words(alert.kind);
const stateOf = (alert: Alert) => (alert.reviewed_at ? <Status tone="done">Reviewed</Status> : <Status tone="person">Open</Status>);

export function Alerts({ filters }: { filters: ReactNode }) {
  const may = useMay();
  const queries = useQueryClient();
  const names = useNames();
  const [search, setSearch] = useAddress();
  const [reviewing, setReviewing] = useState<Alert | null>(null);
  const all = search["all"] === 1;
  const { query, rows } = useList<Alert>(["alerts", all], async (cursor) =>
    dataOf(await api.GET("/api/v1/access/alerts", { params: { query: { limit: 200, only_open: !all, ...(cursor ? { cursor } : {}) } } })),
  );
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const current = rows.find((row) => row.alert_id === at);
  const columns: readonly Column<Alert>[] = [
    { key: "state", label: "State", width: "110px", render: stateOf },
    { key: "kind", label: "What", width: "minmax(240px, 2fr)", render: kindOf },
    { key: "actor", label: "Who", width: "minmax(150px, 1fr)", render: (row) => whoIs(row.actor, names) },
    { key: "day", label: "Day", width: "100px", render: (row) => day(row.day) },
    { key: "counted", label: "Counted", width: "90px", numeric: true, render: (row) => count(row.counted) },
    { key: "usual", label: "Usual up to", width: "100px", numeric: true, meaning: "As much as would have been usual on a day", render: (row) => count(row.usual) },
    { key: "found", label: "Found", width: "140px", render: (row) => moment(row.found_at) },
    { key: "age", label: "Age", width: "64px", numeric: true, render: (row) => age(row.found_at) },
  ];

  async function review(reason: string): Promise<void> {
    if (!reviewing) return;
    await api.POST("/api/v1/access/alerts/{alert_id}/review", { params: { path: { alert_id: reviewing.alert_id } }, body: { reason } });
    await queries.invalidateQueries({ queryKey: ["alerts"] });
  }

  return (
    <Page
      title="Audit" summary={query.isSuccess ? `${count(rows.length)} alerts` : ""}
      filters={
        <>
          {filters}
          <Switch label="Include reviewed" size="xs" mb={6} checked={all} onChange={(event) => setSearch({ all: event.currentTarget.checked ? 1 : undefined, at: undefined })} />
        </>
      }
      panel={
        current ? (
          <>
            <Facts
              of={[
                ["State", stateOf(current)], ["What", kindOf(current)], ["Who", whoIs(current.actor, names)], ["Day", day(current.day)],
                ["Counted", `${count(current.counted)}, usual up to ${count(current.usual)}`], ["Found", moment(current.found_at)],
                ["Reviewed", current.reviewed_at ? `${moment(current.reviewed_at)} by ${whoIs(current.reviewed_by ?? "", names)}` : ""],
              ]}
            />
            <div className="acts">
              {!current.reviewed_at && may("alerts.review") ? <Button size="xs" onClick={() => setReviewing(current)}>Review</Button> : null}
              <Button size="xs" variant="default" onClick={() => setSearch({ view: undefined, all: undefined, at: undefined, actor: current.actor, action: "phi.", from: current.day, to: current.day })}>
                What they opened that day
              </Button>
            </div>
          </>
        ) : undefined
      }
      panelTitle={current ? kindOf(current) : ""}
      onClosePanel={() => setSearch({ at: undefined })}
    >
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Alerts" columns={columns} rows={rows} keyOf={(row) => row.alert_id} at={at} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          onAt={(row) => setSearch({ at: row.alert_id })}
          onKey={(key, row) => {
            if (key === "Escape") return setSearch({ at: undefined }), true;
            if (key === "e" && !row.reviewed_at && may("alerts.review")) return setReviewing(row), true;
            return false;
          }}
          empty={<Empty title={all ? "No alerts" : "No open alerts"}>An alert is raised when somebody opens many more claims than is usual for them or for others, at unusual hours, one after another, of one family, or past what is withheld. It is reviewed here.</Empty>}
        />
      )}
      {reviewing ? (
        <Reason
          title={`Review the alert about ${whoIs(reviewing.actor, names)}`} verb="Close the alert" onClose={() => setReviewing(null)} onReason={review}
          what="Say what was found. The audit log keeps it with your name."
          usual={["Spoke with the person; the work was assigned to them", "Month-end work; expected"]}
        />
      ) : null}
    </Page>
  );
}
