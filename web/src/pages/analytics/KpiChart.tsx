/** A figure by a dimension as bars, or by month as a line: with its table, exports, and a click to the claims. */

import { Anchor, Menu } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { periodOf, type Scope } from "../../shell/scope";
import { csvOf, saveFile } from "../../ui/csv";
import { cents, count, day } from "../../ui/format";
import { type PayerNames, usePayerNames } from "../../ui/payers";
import { ProblemNote } from "../../ui/ProblemNote";
import { savePng, saveSvg } from "./exportChart";
import { useKpi } from "./useKpi";
import { type Chart, type Kpi, type KpiRow, lengthOf, named, unitText } from "./views";

const FORMAT = { cents, count };
const WIDE = 600;
// On a telephone, so that letters stay as large as beside the chart.
const NARROW = 370;
const MOST = 12;
const ROW = 24;
const HEIGHT = 150;

type Address = Record<string, string | undefined>;

export function KpiChart({ chart, scope, search }: { chart: Chart; scope: Scope; search: Address }) {
  const { data, error, refetch } = useKpi(scope, chart, { interval: chart.by ? undefined : chart.interval ?? "month" });
  const [asTable, setAsTable] = useState(false);
  const picture = useRef<SVGSVGElement>(null);
  const navigate = useNavigate();
  const payer = usePayerNames();
  if (error) return <figure className="bars kpi-chart"><figcaption><strong>{chart.title}</strong></figcaption><ProblemNote problem={error} onRetry={() => void refetch()} /></figure>;
  if (!data) return <figure className="bars kpi-chart" aria-busy><figcaption><strong>{chart.title}</strong></figcaption></figure>;
  const rows = chart.by ? sorted(data.rows, chart).map((row) => withName(row, chart, payer)) : data.totals;
  const linkOf = (row: KpiRow): Address => ({
    ...search, behind: chart.kpi, where: chart.by ? `${chart.by}:${row.group[chart.by] ?? ""}` : undefined,
    ...(chart.by ? {} : { period: periodOf(row.begins, row.ends) }),
  });
  const open = (row: KpiRow): void => void navigate({ to: ".", search: linkOf(row) as never });
  const name = `${chart.kpi}${chart.by ? `-by-${chart.by}` : chart.interval === "day" ? "-by-day" : ""}`;
  const hasAny = rows.some((row) => row.value !== null);
  return (
    <figure className="bars kpi-chart">
      <figcaption>
        <strong>{chart.title}</strong>
        {hasAny ? (
          <>
            <button type="button" className="link" aria-expanded={asTable} onClick={() => setAsTable(!asTable)}>{asTable ? "Hide the table" : "As a table"}</button>
            <Menu position="bottom-end">
              <Menu.Target><button type="button" className="link" aria-label={`Save: ${chart.title}`}>Save</button></Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => saveFile(`${name}.csv`, csvFor(rows, chart, data))}>CSV</Menu.Item>
                <Menu.Item onClick={() => picture.current && saveSvg(picture.current, name)}>SVG</Menu.Item>
                <Menu.Item onClick={() => picture.current && void savePng(picture.current, name)}>PNG</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </>
        ) : null}
      </figcaption>
      {!hasAny ? <p className="dim">{rows[0]?.reason_text ?? data.totals[0]?.reason_text ?? "Nothing of this was recorded in the period."}</p> : null}
      {hasAny && chart.by ? <BarsOf rows={rows.slice(0, MOST)} chart={chart} unit={data.unit} onOpen={open} picture={picture} /> : null}
      {hasAny && !chart.by ? <LineOf rows={rows} chart={chart} unit={data.unit} onOpen={open} picture={picture} /> : null}
      {chart.by && rows.length > MOST ? <p className="dim">{`${count(rows.length - MOST)} more in the table.`}</p> : null}
      {asTable && hasAny ? (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{chart.by ? named(chart.by) : chart.interval === "day" ? "Day" : "Month"}</th>
              <th scope="col" className="num">{data.title}</th>
              <th scope="col" className="num">Numerator</th>
              <th scope="col" className="num">Denominator</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={labelOf(row, chart)}>
                <td><Anchor renderRoot={(given) => <Link to="." search={linkOf(row) as never} {...given} />}>{labelOf(row, chart)}</Anchor></td>
                <td className="num" title={row.reason_text ?? ""}>{row.value === null ? row.reason_text : unitText(data.unit, row.value, FORMAT)}</td>
                <td className="num">{count(row.numerator)}</td>
                <td className="num">{count(row.denominator)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </figure>
  );
}

/** The row with the name of its payer beside the identifier. */
function withName(row: KpiRow, chart: Chart, payer: PayerNames): KpiRow {
  return chart.by === "payer" ? { ...row, group: { ...row.group, name: payer(row.group["payer"]) } } : row;
}

function sorted(rows: readonly KpiRow[], chart: Chart): KpiRow[] {
  const order = ["0-30", "31-60", "61-90", "91-120", "120+"];
  if (chart.by === "age") return [...rows].sort((a, b) => order.indexOf(a.group["age"] ?? "") - order.indexOf(b.group["age"] ?? ""));
  return [...rows].sort((a, b) => lengthOf(b, chart.kpi) - lengthOf(a, chart.kpi));
}

function labelOf(row: KpiRow, chart: Chart): string {
  if (chart.by) return row.group["name"] ?? named(row.group[chart.by] ?? "");
  return chart.interval === "day" ? day(row.begins) : `${row.begins.slice(5, 7)}/${row.begins.slice(2, 4)}`;
}

/** What a bar says: of a share of dollars the dollars and the share. */
function valueOf(row: KpiRow, chart: Chart, unit: string): string {
  if (row.value === null) return row.reason_text ?? "no value";
  if (chart.kpi === "initial_denial_rate_dollars") return `${cents(row.numerator)} (${unitText(unit, row.value, FORMAT)})`;
  const share = unit === "share" && row.denominator !== null ? ` (${count(row.numerator)} of ${count(row.denominator)})` : "";
  return `${unitText(unit, row.value, FORMAT)}${share}`;
}

function csvFor(rows: readonly KpiRow[], chart: Chart, data: Kpi): string {
  return csvOf(
    [chart.by ?? chart.interval ?? "month", "from", "to", data.name, "numerator", "denominator", "why not"],
    rows.map((row) => [labelOf(row, chart), row.begins, row.ends, row.value, row.numerator, row.denominator, row.reason_text]),
  );
}

/** A value where there is little room: "$45.5k", "21.6". */
function shortText(unit: string, value: number): string {
  if (unit === "cents") return value < 100_000 ? `$${Math.round(value / 100)}` : `$${count(Math.round(value / 10_000) / 10)}k`;
  return unit === "days" || unit === "minutes" ? count(Math.round(value * 10) / 10) : unitText(unit, value, FORMAT);
}

type Picture = { rows: readonly KpiRow[]; chart: Chart; unit: string; onOpen: (row: KpiRow) => void; picture: React.RefObject<SVGSVGElement | null> };

function widthOf(): number {
  return window.matchMedia("(max-width: 600px)").matches ? NARROW : WIDE;
}

function BarsOf({ rows, chart, unit, onOpen, picture }: Picture) {
  const width = widthOf();
  const mostLetters = width === NARROW ? 16 : 28;
  const most = Math.max(1e-9, ...rows.map((row) => lengthOf(row, chart.kpi)));
  // Capitals are wider than other letters.
  const longest = Math.max(...rows.map((row) => [...labelOf(row, chart).slice(0, mostLetters)].reduce((sum, letter) => sum + (/[A-Z]/.test(letter) ? 8.6 : 6.6), 0)));
  const begin = 12 + longest;
  const room = Math.max(30, width - begin - (width === NARROW ? 150 : 180));
  return (
    <svg ref={picture} viewBox={`0 0 ${width} ${rows.length * ROW + 4}`} style={{ maxHeight: "none", maxWidth: 680 }} role="img" aria-label={`${chart.title}: ${rows.map((row) => `${labelOf(row, chart)} ${valueOf(row, chart, unit)}`).join("; ")}`}>
      {rows.map((row, index) => {
        const length = (Math.max(0, lengthOf(row, chart.kpi)) / most) * room;
        const label = labelOf(row, chart);
        return (
          <g key={label} className="kpi-bar" onClick={() => onOpen(row)}>
            <title>{`${label}: ${valueOf(row, chart, unit)}. Click for the claims.`}</title>
            <rect className="kpi-bar-room" x={0} y={index * ROW} width={width} height={ROW} />
            <text x={begin - 8} y={index * ROW + 16} textAnchor="end" className="kpi-label">{label.length > mostLetters ? `${label.slice(0, mostLetters - 1)}…` : label}</text>
            <rect className="bar-second" x={begin} y={index * ROW + 5} width={Math.max(row.value === null ? 0 : 1, length)} height={ROW - 10} />
            <text x={begin + length + 6} y={index * ROW + 16} className="kpi-label">{row.value === null ? (row.reason_text ?? "no value").split(":")[0] : valueOf(row, chart, unit)}</text>
          </g>
        );
      })}
    </svg>
  );
}

function LineOf({ rows, chart, unit, onOpen, picture }: Picture) {
  const width = widthOf();
  const values = rows.map((row) => row.value);
  const most = Math.max(1e-9, ...values.map((value) => value ?? 0));
  const step = width / Math.max(1, rows.length);
  const x = (index: number): number => (index + 0.5) * step;
  const y = (value: number): number => HEIGHT - (Math.max(0, value) / most) * (HEIGHT - 18);
  // A label needs so much room; where there is less, every second, third or later one is written.
  const every = Math.ceil((rows.length * 50) / width);
  const isLabelled = (index: number): boolean => (rows.length - 1 - index) % every === 0;
  // Where not every point has room for its value, the highest and the last one tell it; the others on hover, and in the table.
  const last = values.findLastIndex((value) => value !== null);
  const isTold = (index: number): boolean => (every === 1 ? isLabelled(index) : index === last || index === values.indexOf(most));
  const points = values.map((value, index) => (value === null ? null : `${x(index)},${y(value)}`)).filter((point) => point !== null);
  return (
    <svg ref={picture} viewBox={`-14 -4 ${width + 28} ${HEIGHT + 26}`} style={{ maxHeight: "none", maxWidth: 680 }} role="img" aria-label={`${chart.title}: ${rows.map((row) => `${labelOf(row, chart)} ${valueOf(row, chart, unit)}`).join("; ")}`}>
      <line x1={0} x2={width} y1={HEIGHT} y2={HEIGHT} className="axis-line" />
      <polyline points={points.join(" ")} className="share-line" />
      {rows.map((row, index) => (
        <g key={row.begins} className="kpi-bar" onClick={() => onOpen(row)}>
          <title>{`${labelOf(row, chart)}: ${valueOf(row, chart, unit)}. Click for the claims.`}</title>
          <rect className="kpi-bar-room" x={index * step} y={0} width={step} height={HEIGHT + 18} />
          {row.value === null ? null : (
            <>
              <circle className="kpi-point" cx={x(index)} cy={y(row.value)} r={every > 3 ? 2 : 3.5} />
              {!isTold(index) ? null : <text x={x(index)} y={y(row.value) - 8} textAnchor="middle" className="axis">{shortText(unit, row.value)}</text>}
            </>
          )}
          {isLabelled(index) ? <text x={x(index)} y={HEIGHT + 14} textAnchor="middle" className="axis">{chart.interval === "day" ? row.begins.slice(5).replace("-", "/") : labelOf(row, chart)}</text> : null}
        </g>
      ))}
    </svg>
  );
}
