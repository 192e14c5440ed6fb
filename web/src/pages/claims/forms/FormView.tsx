/** A paper form, drawn by our own geometry: numbered boxes with the claim's values, and findings at their boxes. */

import { Popover } from "@mantine/core";
import { type ReactNode, useRef, useState } from "react";
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
  /** What boxes said before values were typed, by key. */
  before?: ReadonlyMap<string, string>;
  /** Service lines that leave the claim. */
  leaving?: readonly number[];
  /** The editor of a box; null where nothing of it may be changed. Without it the form is read only. */
  editorOf?: ((box: Box, onClose: () => void, onWrong: (isWrong: boolean) => void) => ReactNode) | undefined;
};

export function FormView({ plan, filled, marks, lit, onLight, onDark, before, leaving = [], editorOf }: Props) {
  const boxes = useRef<HTMLUListElement>(null);
  const [isWrong, setWrong] = useState(false);
  const [edited, setEdited] = useState<string | null>(null);
  const arrows = useArrows();
  return (
    <div className="scrolls">
      <h2>{plan.title}</h2>
      <ul ref={boxes} className="form" aria-label={`${plan.title}: boxes with their values${editorOf ? "; Enter changes a box" : ""}`} onMouseLeave={onDark} {...arrows}>
        {filled.boxes.map((box, index) => {
          const found = marks.get(box.key) ?? [];
          const classes = ["box", found.length > 0 ? `has-finding finding-${worstOf(found)}` : "", lit.has(box.key) ? "is-lit" : "", box.numeric ? "num" : ""];
          const was = before?.get(box.key);
          const leaves = box.line !== null && leaving.includes(box.line);
          const isChanged = before !== undefined && (was ?? "") !== box.text && !leaves;
          const close = (): void => {
            setEdited(null);
            // After the editor is gone, which had the focus.
            window.setTimeout(() => boxes.current?.querySelectorAll<HTMLElement>(":scope > li")[index]?.focus(), 0);
          };
          const value = (
            <span className="box-value">
              {isChanged && was ? <><del>{was}</del> </> : null}
              {box.why !== null ? <Withheld why={box.why} /> : leaves ? <del>{box.text}</del> : isChanged ? <ins>{box.text || "removed"}</ins> : box.text}
            </span>
          );
          const editor = edited === box.key ? editorOf?.(box, close, setWrong) : null;
          return (
            <li
              key={box.key} className={[...classes, isChanged || leaves ? "is-changed" : "", editorOf ? "is-editable" : ""].filter(Boolean).join(" ")} tabIndex={index === 0 ? 0 : -1}
              data-of={box.decision !== null ? `decision ${box.line}.${box.decision}` : box.line !== null ? `line ${box.line}` : box.payer !== null ? `payer ${box.payer}` : undefined}
              style={{ gridRow: box.row, gridColumn: `${box.at} / span ${box.span}` }}
              onMouseEnter={() => onLight(box)} onFocus={() => onLight(box)} onClick={editorOf ? () => isWrong || setEdited(box.key) : undefined}
              onKeyDown={(event) => {
                if (event.key !== "Enter" || event.target !== event.currentTarget || !editorOf) return;
                event.preventDefault();
                setEdited(box.key);
              }}
            >
              <span className="box-name">
                <b>{box.box}</b> {box.label}
                {box.line === null ? null : <span className="unseen">, line {box.line}{leaves ? ", leaves the claim" : ""}</span>}
                {box.payer === null ? null : <span className="unseen">, other payer {box.payer}</span>}
              </span>
              {editor ? (
                <Popover opened closeOnEscape={false} closeOnClickOutside={!isWrong} onChange={(isOpen) => isOpen || setEdited(null)} width={300} position="bottom-start" trapFocus withinPortal shadow="md">
                  <Popover.Target>{value}</Popover.Target>
                  <Popover.Dropdown onClick={(event) => event.stopPropagation()} onKeyDown={(event) => event.stopPropagation()}>{editor}</Popover.Dropdown>
                </Popover>
              ) : (
                value
              )}
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
