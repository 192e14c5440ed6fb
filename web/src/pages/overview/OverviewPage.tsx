/** What a manager asks every morning: four figures, what happened, what needs us. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, dataOf, type Schemas } from "../../api/client";
import type { Search } from "../../router";
import { Empty } from "../../ui/Empty";
import { age, cents, count, day, daysLeft, percent } from "../../ui/format";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { AnswersChart } from "./AnswersChart";

type Figure = Schemas["Figure"];
type Need = Schemas["Need"];

// What each kind is called here, and where it is worked on.
const NEEDS: Record<string, { label: string; to: string; search: Search }> = {
  claim_review: { label: "Claims to review", to: "/queue", search: { kind: "claim_review" } },
  denial: { label: "Denials to work", to: "/queue", search: { kind: "denial" } },
  rejection: { label: "Rejections to correct", to: "/queue", search: { kind: "rejection" } },
  unmatched_answer: { label: "Remittances to match", to: "/remittances/waiting", search: {} },
  dead_letter: { label: "Claims that could not be processed", to: "/operations", search: {} },
  held_payment: { label: "Payments that do not balance", to: "/payments", search: { state: "held" } },
};

export function OverviewPage() {
  const { data, error, refetch } = useQuery({
    // It counts over the whole store: every few minutes is soon enough, whatever happens meanwhile.
    queryKey: ["overview"], staleTime: 120_000, refetchInterval: 300_000,
    queryFn: async () => dataOf(await api.GET("/api/v1/overview")),
  });
  return (
    <Page title="Overview" summary={data ? `as of ${day(data.as_of)}` : ""}>
      {error ? <ProblemNote problem={error} onRetry={() => void refetch()} /> : null}
      {data ? (
        <>
          <ul className="figures" aria-label="Figures">
            {data.figures.map((figure) => (
              <FigureCard key={figure.name} figure={figure} />
            ))}
          </ul>
          <div className="two-columns">
            <section aria-labelledby="happened">
              <h2 id="happened">What happened</h2>
              <AnswersChart days={data.days} />
            </section>
            <section aria-labelledby="needs">
              <h2 id="needs">What needs us</h2>
              {data.needs.length === 0 ? (
                <Empty title="Nothing waits">Claims to review, denials and unmatched remittances appear here.</Empty>
              ) : (
                <table className="plain">
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

function FigureCard({ figure }: { figure: Figure }) {
  const change = figure.value !== null && figure.before !== null ? figure.value - figure.before : null;
  const isBetter = change !== null && change !== 0 && change > 0 === figure.is_better_high;
  return (
    <li>
      <span className="card-label">{figure.name}</span>
      <span className="figure-value">{shown(figure.value, figure.unit)}</span>
      {change !== null && figure.unit === "share" ? (
        <Status tone={change === 0 ? "plain" : isBetter ? "done" : "person"}>
          {`${change > 0 ? "up" : change < 0 ? "down" : "unchanged"} ${Math.abs(change * 100).toFixed(1)} points from the 30 days before`}
        </Status>
      ) : null}
      <span className="dim">{figure.basis}</span>
      <details>
        <summary className="dim">Definition</summary>
        {figure.definition}
      </details>
    </li>
  );
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
