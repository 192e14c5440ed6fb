/** The numbers a revenue-cycle team lives by, one question a view: why are we denied, who pays late, what is old, who does what. */

import type { Search } from "../../ui/search";
import { useMay } from "../../session/session";
import { periodText, useScope } from "../../shell/scope";
import { day } from "../../ui/format";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { useAddress } from "../../ui/useAddress";
import { Views } from "../../ui/Views";
import { BehindPanel } from "./BehindPanel";
import { KpiChart } from "./KpiChart";
import { Definition, NumberCard } from "./NumberCard";
import { Reports } from "./Reports";
import { daysAsked, USUAL, useDefinitions } from "./useKpi";
import { type Sheet, VIEWS } from "./views";

const TABS = [...VIEWS.map(({ value, label }) => ({ value, label })), { value: "reports", label: "Reports" }, { value: "definitions", label: "Definitions" }];

export function AnalyticsPage() {
  const [search, change] = useAddress();
  const scope = useScope();
  const may = useMay();
  const { data: sheets, error, refetch } = useDefinitions();
  const tabs = TABS.filter((each) => each.value !== "reports" || may("analytics.export"));
  const current = tabs.find((each) => each.value === search["view"])?.value ?? tabs[0]?.value ?? "";
  const view = VIEWS.find((each) => each.value === current);
  const known = new Map((sheets ?? []).map((sheet) => [sheet.name, sheet]));
  const behind = known.get(String(search["behind"] ?? ""));
  const where = typeof search["where"] === "string" ? search["where"] : undefined;
  const days = daysAsked(scope);
  const seen = (name: string): boolean => known.get(name)?.withheld === null;
  const hidden = view ? [...new Set([...view.numbers, ...view.charts.map((chart) => chart.kpi)])].filter((name) => known.has(name) && !seen(name)) : [];
  const address = { view: search["view"] as string | undefined, facility: scope.facility, period: scope.period };
  return (
    <Page
      title="Analytics" hasViews={false}
      summary={[...new Set([periodText(scope.period ?? USUAL), `${day(days.from)} to ${day(days.to)}`])].join(": ")}
      filters={<Views label="Questions" views={tabs} current={current} />}
      panelTitle={behind ? `Behind: ${behind.title}` : "Claims"}
      panel={behind && behind.withheld === null && may("claims.identity") ? <BehindPanel sheet={behind} where={where} scope={scope} /> : behind ? <p className="dim">The claims behind a number are for those who may see who the patients are.</p> : undefined}
      onClosePanel={() => change({ behind: undefined, where: undefined } satisfies Search)}
    >
      {error ? <ProblemNote problem={error} onRetry={() => void refetch()} /> : null}
      {view ? (
        <>
          <p className="dim kpi-question">{view.question}</p>
          <ul className="figures" aria-label="Figures">
            {view.numbers.filter(seen).map((name) => <NumberCard key={name} sheet={known.get(name) as Sheet} scope={scope} search={address} />)}
          </ul>
          <div className="kpi-charts">
            {view.charts.filter((chart) => seen(chart.kpi) && (!chart.needs || may(chart.needs))).map((chart) => (
              <KpiChart key={chart.kpi + (chart.by ?? chart.interval ?? "")} chart={chart} scope={scope} search={address} />
            ))}
          </div>
          {hidden.length ? <p className="dim kpi-question">{`Withheld from your role: ${hidden.map((name) => known.get(name)?.title).join(", ")}.`}</p> : null}
        </>
      ) : current === "reports" ? (
        <Reports sheets={sheets ?? []} />
      ) : (
        <Definitions sheets={sheets ?? []} />
      )}
    </Page>
  );
}

function Definitions({ sheets }: { sheets: readonly Sheet[] }) {
  return (
    <dl className="kpi-definitions">
      {sheets.map((sheet) => (
        <div key={sheet.name}>
          <dt>{sheet.title}</dt>
          <dd>
            {sheet.definition} <Definition sheet={sheet} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
