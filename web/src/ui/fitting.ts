/** Which columns of a list are drawn: where it is too narrow for all of them, those go that its panel tells as well. */

import { type RefObject, useLayoutEffect, useState } from "react";

type Sized = { width: string; extra?: boolean };

// The box that a row is selected by.
export const SELECTS = "36px";

/** What tracks need at least, in pixels: "minmax(160px, 1fr)" needs 160. */
export function leastOf(tracks: string): number {
  return [...tracks.matchAll(/(\d+)px/g)].reduce((sum, [, width]) => sum + Number(width), 0);
}

/** The tracks of a row of these columns. */
export function tracksOf(columns: readonly Sized[], hasSelection: boolean): string {
  return `${hasSelection ? `${SELECTS} ` : ""}${columns.map((column) => column.width).join(" ")}`;
}

/** All columns where they fit into the width, else without the extra ones. The width is null where it is not known. */
export function fitting<C extends Sized>(columns: readonly C[], width: number | null, hasSelection: boolean): readonly C[] {
  if (width === null || leastOf(tracksOf(columns, hasSelection)) <= width) return columns;
  return columns.filter((column) => !column.extra);
}

/** How wide an element is now; null before it is there. */
export function useWidth(element: RefObject<HTMLElement | null>, isThere: boolean): number | null {
  const [width, setWidth] = useState<number | null>(null);
  useLayoutEffect(() => {
    const of = element.current;
    if (!of) return;
    const measure = (): void => setWidth(of.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(of);
    return () => observer.disconnect();
  }, [element, isThere]);
  return width;
}
