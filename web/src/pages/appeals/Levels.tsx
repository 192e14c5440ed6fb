/** The levels of appeal as a line: what was decided when, which clock runs, and where today is on it. */

import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { day, daysLeft, isoDay, words } from "../../ui/format";
import { Status } from "../../ui/Status";
import { toneOfAppeal } from "./states";

type Level = Schemas["LevelOfAppeal"];

export function Levels({ levels, current }: { levels: readonly Level[]; current: number }) {
  return (
    <ol className="levels" aria-label="Levels and clocks">
      {levels.map((each) => (
        <li key={each.level} className={each.level === current ? "level is-current" : "level"} aria-current={each.level === current ? "step" : undefined}>
          <div className="level-name">
            <strong>{each.level}. {words(each.name)}</strong>
            {each.case_id && each.level !== current ? (
              <Link to="/appeals/$caseId" params={{ caseId: String(each.case_id) }}>Appeal {each.case_id}</Link>
            ) : null}
            {each.state ? <Status tone={toneOfAppeal(each.state)}>{words(each.state)}</Status> : <span className="dim">not begun</span>}
          </div>
          <Clock level={each} />
        </li>
      ))}
    </ol>
  );
}

function Clock({ level }: { level: Level }) {
  const { decision_before_on: from, due_on: until } = level;
  if (!from || !until) return <p className="dim level-dates">{level.case_id ? "No clock is known" : from ? "Its clock begins with the decision before it" : "After the level before"}</p>;
  const at = share(from, until, level.sent_on ?? isoDay());
  return (
    <>
      <div
        className={`level-line${at > 85 && !level.sent_on ? " is-late" : ""}`} role="img"
        aria-label={`From ${day(from)} to ${day(until)}; ${level.sent_on ? `sent ${day(level.sent_on)}` : `today is ${day(isoDay())}`}`}
      >
        <span className="level-run" style={{ width: `${at}%` }} />
        <span className="level-today" style={{ left: `${at}%` }} />
      </div>
      <p className="dim level-dates">
        <span>{day(from)}</span>
        <span>{level.sent_on ? `sent ${day(level.sent_on)}` : `today, ${daysLeft(until)}`}</span>
        <span>{level.decided_on ? `decided ${day(level.decided_on)}` : `ends ${day(until)}`}</span>
      </p>
    </>
  );
}

/** How much of the time from one day to another is over on a third, in percent. */
export function share(from: string, until: string, at: string): number {
  const [a, b, c] = [from, until, at].map((each) => Date.parse(each)) as [number, number, number];
  if (!(b > a)) return 100;
  return Math.max(0, Math.min(100, Math.round((100 * (c - a)) / (b - a))));
}
