/** Dollars that payers paid by day, and the share of claims that they denied, with the table behind it. */

import { Anchor } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Search } from "../../ui/search";
import { periodOf } from "../../shell/scope";
import { cents, count, day, percent } from "../../ui/format";
import { type Bucket, bucketsOf, type Day } from "./buckets";

const searchOf = (each: Bucket): Search => ({ period: periodOf(each.from, each.to) });
const named = (each: Bucket): string => (each.from === each.to ? day(each.from) : `${day(each.from)} to ${day(each.to)}`);
/** "$8.9k": an axis has no room for cents. */
const thousands = (value: number): string => (value < 100_000 ? `$${Math.round(value / 100)}` : `$${(value / 100_000).toFixed(1)}k`);
const WIDTH = 600;
const HEIGHT = 190;

/** @param period in words */
export function AnswersChart({ days, period }: { days: readonly Day[]; period: string }) {
  const [asTable, setAsTable] = useState(false);
  const navigate = useNavigate();
  const open = (each: Bucket): void => void navigate({ to: "/payments", search: searchOf(each) as never });
  const { buckets, isByWeek } = bucketsOf(days);
  const unit = isByWeek ? "week" : "day";
  const most = Math.max(1, ...buckets.map((each) => each.paid_cents));
  // A bar whose takebacks outweigh its payments has no bar: its title and the table have the sum.
  const height = (each: Bucket): number => (Math.max(0, each.paid_cents) / most) * HEIGHT;
  const step = WIDTH / Math.max(1, buckets.length);
  const shares = buckets.map((each) => (each.answers ? each.denied / each.answers : null));
  const line = shares
    .map((share, index) => (share === null ? null : `${(index + 0.5) * step},${HEIGHT - share * HEIGHT}`))
    .filter((point) => point !== null)
    .join(" ");
  const answers = buckets.reduce((sum, each) => sum + each.answers, 0);
  if (answers === 0) return <p className="dim">No payer has answered in this period ({period}). Post a remittance, and its dollars appear here.</p>;
  return (
    <figure className="bars">
      <figcaption>
        <strong>Paid by {unit}, {period.charAt(0).toLowerCase() + period.slice(1)}</strong> <span className="key key-second">dollars posted to claims</span>{" "}
        <span className="key key-first">share of claims denied</span>
        <button type="button" className="link" aria-expanded={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? "Hide the table" : "As a table"}
        </button>
      </figcaption>
      <svg viewBox={`-46 -8 ${WIDTH + 84} ${HEIGHT + 26}`} role="img" aria-label={`Dollars posted to claims by ${unit} paid, at most ${cents(most)}; share denied from 0 to 100 percent`}>
        <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="axis-line" />
        <line x1={0} x2={WIDTH} y1={0} y2={0} className="axis-line" />
        <text x={-4} y={4} textAnchor="end" className="axis">{thousands(most)}</text>
        <text x={-4} y={HEIGHT} textAnchor="end" className="axis">$0</text>
        <text x={WIDTH + 4} y={6} className="axis">100%</text>
        <text x={WIDTH + 4} y={HEIGHT} className="axis">0%</text>
        {buckets.map((each, index) => (
          <rect
            key={each.from} className="bar-second" x={index * step + step * 0.2} width={step * 0.6}
            y={HEIGHT - height(each)} height={height(each)} onClick={() => open(each)}
          >
            <title>{`${named(each)}: ${cents(each.paid_cents)} paid, ${count(each.denied)} of ${count(each.answers)} claims denied`}</title>
          </rect>
        ))}
        <polyline points={line} className="share-line" />
        <text x={0} y={HEIGHT + 14} className="axis">{day(buckets[0]?.from)}</text>
        <text x={WIDTH} y={HEIGHT + 14} textAnchor="end" className="axis">{day(buckets.at(-1)?.to)}</text>
      </svg>
      {asTable ? (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{isByWeek ? "Week" : "Day"}</th>
              <th scope="col" className="num">Claims answered</th>
              <th scope="col" className="num">Denied</th>
              <th scope="col" className="num">Share denied</th>
              <th scope="col" className="num">Charged</th>
              <th scope="col" className="num">Paid</th>
            </tr>
          </thead>
          <tbody>
            {buckets.map((each, index) => (
              <tr key={each.from}>
                <td><Anchor renderRoot={(given) => <Link to="/payments" search={searchOf(each) as never} {...given} />}>{named(each)}</Anchor></td>
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
