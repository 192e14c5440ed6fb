/** Dollars that payers paid by day, and the share of claims that they denied, with the table behind it. */

import { Anchor } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import type { Search } from "../../router";
import { periodOf } from "../../shell/scope";
import { cents, count, day, percent } from "../../ui/format";

type Day = Schemas["DayFigures"];
const searchOf = (each: Day): Search => ({ period: periodOf(each.day, each.day) });
/** "$8.9k": an axis has no room for cents. */
const thousands = (value: number): string => (value < 100_000 ? `$${Math.round(value / 100)}` : `$${(value / 100_000).toFixed(1)}k`);
const WIDTH = 600;
const HEIGHT = 150;

/** @param period in words */
export function AnswersChart({ days, period }: { days: readonly Day[]; period: string }) {
  const [asTable, setAsTable] = useState(false);
  const navigate = useNavigate();
  const open = (each: Day): void => void navigate({ to: "/payments", search: searchOf(each) as never });
  const most = Math.max(1, ...days.map((each) => each.paid_cents));
  // A day whose takebacks outweigh its payments has no bar; its title and the table have the sum.
  const height = (each: Day): number => (Math.max(0, each.paid_cents) / most) * HEIGHT;
  const step = WIDTH / Math.max(1, days.length);
  const shares = days.map((each) => (each.answers ? each.denied / each.answers : null));
  const line = shares
    .map((share, index) => (share === null ? null : `${(index + 0.5) * step},${HEIGHT - share * HEIGHT}`))
    .filter((point) => point !== null)
    .join(" ");
  const answers = days.reduce((sum, each) => sum + each.answers, 0);
  if (answers === 0) return <p className="dim">No payer has answered in this period ({period}). Post a remittance, and its dollars appear here.</p>;
  return (
    <figure className="bars">
      <figcaption>
        <strong>Paid by day, {period.charAt(0).toLowerCase() + period.slice(1)}</strong> <span className="key key-second">dollars paid</span>{" "}
        <span className="key key-first">share of claims denied</span>
        <button type="button" className="link" aria-expanded={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? "Hide the table" : "As a table"}
        </button>
      </figcaption>
      <svg viewBox={`-46 -8 ${WIDTH + 84} ${HEIGHT + 26}`} role="img" aria-label={`Dollars paid by day, at most ${cents(most)}; share denied from 0 to 100 percent`}>
        <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="axis-line" />
        <line x1={0} x2={WIDTH} y1={0} y2={0} className="axis-line" />
        <text x={-4} y={4} textAnchor="end" className="axis">{thousands(most)}</text>
        <text x={-4} y={HEIGHT} textAnchor="end" className="axis">$0</text>
        <text x={WIDTH + 4} y={6} className="axis">100%</text>
        <text x={WIDTH + 4} y={HEIGHT} className="axis">0%</text>
        {days.map((each, index) => (
          <rect
            key={each.day} className="bar-second" x={index * step + step * 0.2} width={step * 0.6}
            y={HEIGHT - height(each)} height={height(each)} onClick={() => open(each)}
          >
            <title>{`${day(each.day)}: ${cents(each.paid_cents)} paid, ${count(each.denied)} of ${count(each.answers)} claims denied`}</title>
          </rect>
        ))}
        <polyline points={line} className="share-line" />
        <text x={0} y={HEIGHT + 14} className="axis">{day(days[0]?.day)}</text>
        <text x={WIDTH} y={HEIGHT + 14} textAnchor="end" className="axis">{day(days.at(-1)?.day)}</text>
      </svg>
      {asTable ? (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col" className="num">Claims answered</th>
              <th scope="col" className="num">Denied</th>
              <th scope="col" className="num">Share denied</th>
              <th scope="col" className="num">Charged</th>
              <th scope="col" className="num">Paid</th>
            </tr>
          </thead>
          <tbody>
            {days.map((each, index) => (
              <tr key={each.day}>
                <td><Anchor renderRoot={(given) => <Link to="/payments" search={searchOf(each) as never} {...given} />}>{day(each.day)}</Anchor></td>
                <td className="num">{count(each.answers)}</td>
                <td className="num">{count(each.denied)}</td>
                <td className="num">{percent(shares[index] ?? null)}</td>
                <td className="num">{cents(each.charge_cents)}</td>
                <td className="num">{cents(each.paid_cents)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </figure>
  );
}
