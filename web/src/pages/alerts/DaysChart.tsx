/** A figure day by day as a line with the limits beyond which it alarms, and the same as a table. */

import { useState } from "react";
import type { Schemas } from "../../api/client";
import { count, day } from "../../ui/format";
import { Table } from "../../ui/Table";

type Point = Schemas["FigurePoint"];
type Props = { days: readonly Point[]; lower: number | null; upper: number | null; shown: (value: number | null) => string };

const WIDTH = 640;
const HEIGHT = 160;

export function DaysChart({ days, lower, upper, shown }: Props) {
  const [asTable, setAsTable] = useState(false);
  const known = days.filter((each): each is Point & { value: number } => each.value !== null);
  if (known.length === 0) return <p className="dim">The days are not shown: there are none, or they are of too few claims.</p>;
  const most = Math.max(...known.map((each) => each.value), upper ?? 0, 1e-9);
  const least = Math.min(...known.map((each) => each.value), lower ?? 0, 0);
  const across = (index: number): number => (days.length > 1 ? (index / (days.length - 1)) * WIDTH : 0);
  const up = (value: number): number => HEIGHT - ((value - least) / (most - least)) * HEIGHT;
  const line = days.map((each, index) => (each.value === null ? null : `${across(index).toFixed(1)},${up(each.value).toFixed(1)}`)).filter(Boolean).join(" ");
  return (
    <>
      <svg viewBox={`-2 -16 ${WIDTH + 4} ${HEIGHT + 40}`} width="100%" style={{ maxWidth: WIDTH }} role="img" aria-label={`The figure from ${day(days[0]?.day)} to ${day(days.at(-1)?.day)}; dashed lines are its limits`}>
        {[lower, upper].map((limit, index) =>
          limit === null ? null : <line key={index === 0 ? "lower" : "upper"} x1={0} x2={WIDTH} y1={up(limit)} y2={up(limit)} stroke="currentColor" strokeDasharray="6 4" />,
        )}
        <polyline points={line} fill="none" className="share-line" />
        {[lower, upper].map((limit, index) =>
          limit === null ? null : <text key={index === 0 ? "lower" : "upper"} x={WIDTH} y={up(limit) - 4} className="axis" textAnchor="end">{`limit ${shown(limit)}`}</text>,
        )}
        <text x={0} y={-6} className="axis">{shown(most)}</text>
        <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="axis-line" />
        <text x={0} y={HEIGHT + 16} className="axis">{day(days[0]?.day)}</text>
        <text x={WIDTH} y={HEIGHT + 16} className="axis" textAnchor="end">{day(days.at(-1)?.day)}</text>
      </svg>
      <p><button type="button" className="link" aria-expanded={asTable} onClick={() => setAsTable(!asTable)}>{asTable ? "Hide the table" : "As a table"}</button></p>
      {asTable ? (
        <Table
          label="Days" headings={["Day", { label: "Value", numeric: true }, { label: "Claims", numeric: true }]}
          rows={[...days].reverse().map((each) => ({ key: each.day, cells: [day(each.day), shown(each.value), count(each.items)] }))}
        />
      ) : null}
    </>
  );
}
