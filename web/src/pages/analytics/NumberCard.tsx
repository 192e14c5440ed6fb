/** One number: its value, its change, its benchmark, its definition, and the claims behind it. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Scope } from "../../shell/scope";
import { cents, count } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { useKpi } from "./useKpi";
import { type Sheet, unitText } from "./views";

const FORMAT = { cents, count };

export function NumberCard({ sheet, scope, search }: { sheet: Sheet; scope: Scope; search: Record<string, string | undefined> }) {
  const { data, error, refetch } = useKpi(scope, { kpi: sheet.name }, { compare: true });
  if (error) return <li><span className="card-label">{sheet.title}</span><ProblemNote problem={error} onRetry={() => void refetch()} /></li>;
  const row = data?.totals[0];
  const before = row?.before ?? null;
  // What reads the same has not changed: 5.04 days after 4.98 are 5 days after 5.
  const isSame = row !== undefined && unitText(sheet.unit, row.value, FORMAT) === unitText(sheet.unit, before, FORMAT);
  const change = row && row.value !== null && before !== null ? (isSame ? 0 : row.value - before) : null;
  const isBetter = change !== null && (sheet.direction === "higher" ? change > 0 : change < 0);
  return (
    <li>
      <span className="card-label">{sheet.title}</span>
      {row && row.value !== null ? (
        <Anchor
          className="figure-value" title="Show the claims behind it" aria-label={`${sheet.title}, ${unitText(sheet.unit, row.value, FORMAT)}: show the claims behind it`}
          renderRoot={(given) => <Link to="." search={{ ...search, behind: sheet.name, where: undefined } as never} {...given} />}
        >
          {unitText(sheet.unit, row.value, FORMAT)}
        </Anchor>
      ) : (
        <span className="figure-value dim" title={row?.reason_text ?? ""}>{data ? "no value" : "…"}</span>
      )}
      {row && row.value === null ? <span className="dim">{row.reason_text}</span> : null}
      {change !== null && sheet.direction !== "neither" ? (
        <Status tone={change === 0 ? "plain" : isBetter ? "done" : "person"}>
          {`${change > 0 ? "up" : change < 0 ? "down" : "unchanged"} from ${unitText(sheet.unit, row?.before, FORMAT)} before`}
        </Status>
      ) : change === null ? null : <span className="dim">{unitText(sheet.unit, row?.before, FORMAT)} before</span>}
      {sheet.benchmark.value === null ? null : <span className="dim">benchmark {unitText(sheet.unit, sheet.benchmark.value, FORMAT)}</span>}
      <Definition sheet={sheet} />
    </li>
  );
}

export function Definition({ sheet }: { sheet: Sheet }) {
  return (
    <details className="kpi-definition">
      <summary className="dim">Definition</summary>
      <p>{sheet.definition}</p>
      <dl className="facts">
        <dt>Numerator</dt><dd>{sheet.numerator.words}</dd>
        {sheet.denominator ? <><dt>Denominator</dt><dd>{sheet.denominator.words}</dd></> : null}
        <dt>Not counted</dt><dd>{sheet.exclusions.join(" ")}</dd>
        <dt>Source</dt><dd>{sheet.source.join("; ")}</dd>
        <dt>Benchmark</dt>
        <dd>
          {sheet.benchmark.words} {sheet.benchmark.source}
          {sheet.benchmark.published ? `, published ${sheet.benchmark.published}` : ""}
        </dd>
      </dl>
    </details>
  );
}
