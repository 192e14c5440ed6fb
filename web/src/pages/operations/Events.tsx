/** Live events as they come: kinds and counts only. Kept for as long as the page is open. */

import { type ReactNode, useCallback, useState } from "react";
import { EVENT_KINDS, useHeard } from "../../shell/live";
import { Empty } from "../../ui/Empty";
import { count, moment } from "../../ui/format";
import { Page } from "../../ui/Page";
import { Table } from "../../ui/Table";
import { countsOf } from "./work";

type Heard = { id: string; kind: string; at: string; counts: string };
const MOST = 200;

export function Events({ filters }: { filters: ReactNode }) {
  const [heard, setHeard] = useState<readonly Heard[]>([]);
  const [totals, setTotals] = useState<Readonly<Record<string, number>>>({});

  const hear = useCallback((event: MessageEvent<string>): void => {
    let told: { time?: unknown; data?: unknown } = {};
    try {
      told = JSON.parse(event.data) as typeof told;
    } catch {
      return;
    }
    const { type: kind, lastEventId: id } = event;
    const at = typeof told.time === "string" ? told.time : new Date().toISOString();
    setHeard((before) => [{ id, kind, at, counts: countsOf(told.data) }, ...before].slice(0, MOST));
    setTotals((before) => ({ ...before, [kind]: (before[kind] ?? 0) + 1 }));
  }, []);
  useHeard(hear);

  return (
    <Page title="Operations" summary={`${count(heard.length)} events since this page was opened`} filters={filters}>
      {heard.length === 0 ? (
        <Empty title="Nothing has happened since you opened this page">
          Events appear here as they are committed: files that come in, runs that end, decisions of people, alerts.
        </Empty>
      ) : (
        <div className="read">
          <section>
            <h2>By kind</h2>
            <Table
              label="By kind" headings={["Kind", { label: "Times", numeric: true }]}
              rows={Object.entries(totals).sort((a, b) => b[1] - a[1]).map(([kind, times]) => ({ key: kind, cells: [EVENT_KINDS[kind] ?? kind, count(times)] }))}
            />
          </section>
          <section>
            <h2>As they came</h2>
            <div aria-live="polite">
              <Table
                label="As they came" headings={["When", "Kind", "Counts"]}
                rows={heard.map((each) => ({ key: each.id, cells: [moment(each.at), EVENT_KINDS[each.kind] ?? each.kind, each.counts] }))}
              />
            </div>
          </section>
        </div>
      )}
    </Page>
  );
}
