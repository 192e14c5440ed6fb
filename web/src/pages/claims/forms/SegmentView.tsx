/** The raw segments of a claim, a line each; those of the box that is pointed at are lit and brought into view. */

import { useEffect, useRef } from "react";
import type { Segment } from "../segments";
import { useArrows } from "./useArrows";

type Props = { segments: readonly Segment[]; lit: ReadonlySet<number>; onLight: (segment: Segment) => void; onDark: () => void };

export function SegmentView({ segments, lit, onLight, onDark }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const arrows = useArrows();
  const first = Math.min(...lit);
  useEffect(() => {
    const holder = list.current;
    const item = Number.isFinite(first) ? holder?.children[first] : undefined;
    if (!holder || !(item instanceof HTMLElement) || holder.matches(":hover") || holder.contains(document.activeElement)) return;
    holder.scrollTop = item.offsetTop - holder.offsetTop - holder.clientHeight / 2;
  }, [first]);
  return (
    <>
      <h2>Raw X12</h2>
      <ol ref={list} className="segments" aria-label="Segments" onMouseLeave={onDark} {...arrows}>
        {segments.map((segment) => (
          <li
            key={segment.index} className={lit.has(segment.index) ? "is-lit" : undefined} tabIndex={segment.index === 0 ? 0 : -1}
            onMouseEnter={() => onLight(segment)} onFocus={() => onLight(segment)}
          >
            {segment.text}
          </li>
        ))}
      </ol>
    </>
  );
}
