/** A paper form, drawn by our own geometry: numbered boxes with the claim's values, and findings at their boxes. */

import type { Schemas } from "../../../api/client";
import { Status, toneOf } from "../../../ui/Status";
import { Withheld } from "../../../ui/Withheld";
import type { Box, Filled, FormPlan } from "./boxes";
import { useArrows } from "./useArrows";

export type Marks = ReadonlyMap<string, readonly Schemas["StoredFinding"][]>;
type Props = {
  plan: FormPlan;
  filled: Filled;
  marks: Marks;
  lit: ReadonlySet<string>;
  onLight: (box: Box) => void;
  onDark: () => void;
};

export function FormView({ plan, filled, marks, lit, onLight, onDark }: Props) {
  const arrows = useArrows();
  return (
    <div className="scrolls">
      <h2>{plan.title}</h2>
      <ul className="form" aria-label={`${plan.title}: boxes with their values`} onMouseLeave={onDark} {...arrows}>
        {filled.boxes.map((box, index) => {
          const found = marks.get(box.key) ?? [];
          const classes = ["box", found.length > 0 ? `has-finding finding-${worstOf(found)}` : "", lit.has(box.key) ? "is-lit" : "", box.numeric ? "num" : ""];
          return (
            <li
              key={box.key} className={classes.filter(Boolean).join(" ")} tabIndex={index === 0 ? 0 : -1}
              style={{ gridRow: box.row, gridColumn: `${box.at} / span ${box.span}` }}
              onMouseEnter={() => onLight(box)} onFocus={() => onLight(box)}
            >
              <span className="box-name">
                <b>{box.box}</b> {box.label}
                {box.line === null ? null : <span className="unseen">, line {box.line}</span>}
              </span>
              <span className="box-value">{box.why === null ? box.text : <Withheld why={box.why} />}</span>
              {found.map((finding, at) => (
                <span key={at} className="box-mark" title={finding.detail ?? undefined}>
                  <Status tone={toneOf(finding.severity)}>{finding.code}</Status>
                </span>
              ))}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** Red only where a finding blocks. */
function worstOf(found: readonly Schemas["StoredFinding"][]): string {
  return found.some((finding) => finding.severity === "block") ? "loss" : "person";
}
