/** What a manager asks every morning: four figures, what happened, what needs us. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, dataOf, type Schemas } from "../../api/client";
import type { Search } from "../../ui/search";
import { Empty } from "../../ui/Empty";
import { age, cents, count, day, daysLeft, percent } from "../../ui/format";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Explained } from "../../ui/StateOf";
import { Status } from "../../ui/Status";
import { asked, periodText, useScope } from "../../shell/scope";
import { AnswersChart } from "./AnswersChart";

type Figure = Schemas["Figure"];
type Need = Schemas["Need"];

// What waits is as of now, whatever the period.
const NOW: Search = { period: undefined };
// Without a period, what the overview counts; elsewhere it may be another one.
const USUAL = "30d";
// Where the claims behind a figure are; `OF_PERIOD` says which figures count the days of the period.
const BEHIND: Record<string, { to: string; search: Search; what: string }> = {
  "Clean-claim rate": { to: "/analytics", search: { view: "executive", behind: "clean_claim_rate" }, what: "The clean claims behind it" },
  "Initial denial rate": { to: "/analytics", search: { view: "denied", behind: "initial_denial_rate" }, what: "Why, and the claims behind it" },
  "Days in A/R": { to: "/analytics", search: { view: "old", ...NOW }, what: "What is old" },
  "Waiting for us": { to: "/queue", search: NOW, what: "Work queue" },
};
const OF_PERIOD: ReadonlySet<string> = new Set(["Clean-claim rate", "Initial denial rate"]);
// What each kind is called here, and where it is worked on.
const NEEDS: Record<string, { label: string; to: string; search: Search }> = {
  claim_review: { label: "Claims to review", to: "/queue", search: { kind: "claim_review", ...NOW } },
  denial: { label: "Denials to work", to: "/queue", search: { kind: "denial", ...NOW } },
  rejection: { label: "Rejections to correct", to: "/queue", search: { kind: "rejection", ...NOW } },
  unmatched_answer: { label: "Remittances to match", to: "/remittances/waiting", search: {} },
  dead_letter: { label: "Claims that could not be processed", to: "/operations", search: { view: "dead" } },
  appeal: { label: "Appeals to finish", to: "/appeals", search: { state: "to_finish" } },
  alert: { label: "Alerts to answer", to: "/alerts", search: { state: "unanswered" } },
  held_payment: { label: "Payments that do not balance", to: "/payments", search: { state: "held", ...NOW } },
};

export function OverviewPage() {
  const scope = useScope();
  const { data, error, refetch } = useQuery({
    // It counts over the whole store: every few minutes is soon enough, whatever happens meanwhile.
    queryKey: ["overview", scope.facility, scope.days], staleTime: 120_000, refetchInterval: 300_000,
    placeholderData: (before) => before,
    queryFn: async () => dataOf(await api.GET("/api/v1/overview", { params: { query: asked(scope, "from_on", "to_on") } })),
  });
  return (
    <Page title="Overview" summary={data ? `${day(data.begins)} to ${day(data.ends)}; what waits is as of today` : ""}>
      {error ? <ProblemNote problem={error} onRetry={() => void refetch()} /> : null}
      {data ? (
        <>
          <ul className="figures" aria-label="Figures">
            {data.figures.map((figure) => (
              <FigureCard key={figure.name} figure={figure} days={data.days.length} period={scope.period ?? USUAL} />
            ))}
          </ul>
          <div className="two-columns">
            <section aria-labelledby="happened">
              <h2 id="happened">What happened</h2>
              <AnswersChart days={data.days} period={periodText(scope.period ?? USUAL)} />
            </section>
            <section aria-labelledby="needs">
              <h2 id="needs">What needs us</h2>
              {data.needs.length === 0 ? (
                <Empty title="Nothing waits">Claims to review, denials and unmatched remittances appear here.</Empty>
              ) : (
                <table className="plain needs">
                  <thead>
                    <tr>
                      <th scope="col">What</th>
                      <th scope="col" className="num">Count</th>
                      <th scope="col" className="num">Dollars</th>
                      <th scope="col">Oldest</th>
                      <th scope="col">Next due</th>
                    </tr>
                  </thead>
                  <tbody>
                    {data.needs.map((need) => (
                      <NeedRow key={need.kind} need={need} />
                    ))}
                  </tbody>
                </table>
              )}
            </section>
          </div>
        </>
      ) : null}
    </Page>
  );
}

function FigureCard({ figure, days, period }: { figure: Figure; days: number; period: string }) {
  const change = figure.value !== null && figure.before !== null ? figure.value - figure.before : null;
  const behind = BEHIND[figure.name];
  const isBetter = change !== null && change !== 0 && change > 0 === figure.is_better_high;
  return (
    <li>
      <span className="card-label">{figure.name}</span>
      {behind ? (
        <Anchor className="figure-value" aria-label={`${shown(figure.value, figure.unit)}: show ${behind.what.toLowerCase()}`} title={behind.what} renderRoot={(given) => <Link to={behind.to} search={{ ...behind.search, ...(OF_PERIOD.has(figure.name) ? { period } : {}) } as never} {...given} />}>
          {shown(figure.value, figure.unit)}
        </Anchor>
      ) : (
        <span className="figure-value">{shown(figure.value, figure.unit)}</span>
      )}
      {change !== null && figure.unit !== "cents" ? (
        <Status tone={change === 0 ? "plain" : isBetter ? "done" : "person"}>{changeText(change, figure.unit, days)}</Status>
      ) : null}
      <span className="dim">{figure.basis}</span>
      <details>
        <summary className="dim">Definition</summary>
        {figure.definition} <Explained of="figure" name={figure.name} />
      </details>
    </li>
  );
}

/** How a figure changed: a share over as many days before, days in A/R since the day before the period. */
function changeText(change: number, unit: string, days: number): string {
  const way = change > 0 ? "up" : change < 0 ? "down" : "unchanged";
  if (unit === "days") return `${way} ${Math.abs(change).toFixed(1)} from ${count(days)} days ago`;
  return `${way} ${Math.abs(change * 100).toFixed(1)} points from the ${count(days)} days before`;
}

function shown(value: number | null, unit: string): string {
  if (value === null) return "not known yet";
  if (unit === "share") return percent(value, 1);
  return unit === "days" ? value.toFixed(1) : cents(Math.round(value));
}

function NeedRow({ need }: { need: Need }) {
  const known = NEEDS[need.kind];
  return (
    <tr>
      <td>
        {known ? (
          <Anchor renderRoot={(given) => <Link to={known.to} search={known.search as never} {...given} />}>{known.label}</Anchor>
        ) : (
          need.kind
        )}
      </td>
      <td className="num">{count(need.items)}</td>
      <td className="num">{cents(need.cents)}</td>
      <td>{age(need.oldest)}</td>
      <td>{need.next_due ? `${day(need.next_due)} (${daysLeft(need.next_due)})` : ""}</td>
    </tr>
  );
}
