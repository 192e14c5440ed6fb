/** Bars of two series by day, with the table of their numbers behind them. */

import { useState } from "react";
import { count, day } from "./format";

export type Bar = { day: string; first: number; second: number };
type Props = { title: string; bars: readonly Bar[]; first: string; second: string };

const WIDTH = 600;
const HEIGHT = 90;

export function Bars({ title, bars, first, second }: Props) {
  const [asTable, setAsTable] = useState(false);
  const most = Math.max(1, ...bars.map((bar) => Math.max(bar.first, bar.second)));
  const step = WIDTH / Math.max(1, bars.length);
  const height = (value: number): number => (value / most) * HEIGHT;
  return (
    <figure className="bars">
      <figcaption>
        <strong>{title}</strong> <span className="key key-first">{first}</span> <span className="key key-second">{second}</span>{" "}
        <button type="button" className="link" aria-expanded={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? "Hide the table" : "As a table"}
        </button>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + 14}`} role="img" aria-label={`${title}: at most ${count(most)} a day`}>
        <text x={0} y={9} className="axis">
          {count(most)}
        </text>
        <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="axis-line" />
        {bars.map((bar, index) => (
          <g key={bar.day}>
            <title>{`${day(bar.day)}: ${count(bar.first)} ${first}, ${count(bar.second)} ${second}`}</title>
            <rect className="bar-first" x={index * step + step * 0.1} width={step * 0.38} y={HEIGHT - height(bar.first)} height={height(bar.first)} />
            <rect className="bar-second" x={index * step + step * 0.5} width={step * 0.38} y={HEIGHT - height(bar.second)} height={height(bar.second)} />
          </g>
        ))}
        <text x={0} y={HEIGHT + 12} className="axis">
          {day(bars[0]?.day)}
        </text>
        <text x={WIDTH} y={HEIGHT + 12} textAnchor="end" className="axis">
          {day(bars.at(-1)?.day)}
        </text>
      </svg>
      {asTable ? (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col" className="num">{first}</th>
              <th scope="col" className="num">{second}</th>
            </tr>
          </thead>
          <tbody>
            {bars.map((bar) => (
              <tr key={bar.day}>
                <td>{day(bar.day)}</td>
                <td className="num">{count(bar.first)}</td>
                <td className="num">{count(bar.second)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </figure>
  );
}
