/**
 * A list that the keyboard works: j/k and the arrows move, Enter opens, x selects. Rows are drawn only where
 * they are in view; further pages are fetched as the end comes near.
 */

import { Skeleton } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, type ReactNode, useEffect, useMemo, useRef } from "react";
import { fitting, leastOf, tracksOf, useWidth } from "./fitting";
import { isAfter } from "./secondKey";
import { usePrinting } from "./usePrinting";

export type Column<T> = {
  key: string;
  label: string;
  /** As a CSS grid track: "120px", "minmax(160px, 1fr)". */
  width: string;
  numeric?: boolean;
  /** Name of the order that a click on the heading asks for. */
  sort?: string;
  /** What the number or word means, shown on hover and focus of the heading. */
  meaning?: string;
  /** Left out where the list is too narrow for all its columns: the panel of a row says it as well. */
  extra?: boolean;
  render: (row: T) => ReactNode;
};

export type Order = { by: string; descending: boolean };

type Props<T> = {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  /** The key of the row under the cursor. */
  at: string | number | null;
  onAt: (row: T) => void;
  onOpen?: (row: T) => void;
  selected?: ReadonlySet<string | number>;
  onSelect?: (row: T) => void;
  order?: Order | undefined;
  onOrder?: (by: string) => void;
  isLoading?: boolean;
  hasMore?: boolean;
  onMore?: () => void;
  /** Further keys; true if one was used. */
  onKey?: (key: string, row: T) => boolean;
  empty: ReactNode;
};

const ROW = 32;
// What is fetched and not in view is drawn for paper; more than that nobody reads there.
const MOST_PRINTED = 1_000;

export function Grid<T>(props: Props<T>) {
  const { rows, keyOf, at, onAt, hasMore, onMore } = props;
  // Pages give new functions at each render: rows get ones that stay, so that only changed rows are drawn again.
  const given = useRef(props);
  given.current = props;
  const rowActs = useMemo<RowActs>(
    () => ({
      onClick: (row) => given.current.onAt(row as T),
      onOpen: (row) => given.current.onOpen?.(row as T),
      onSelect: (row) => given.current.onSelect?.(row as T),
    }),
    [],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const isPrinting = usePrinting();
  const virtual = useVirtualizer({
    count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: isPrinting ? MOST_PRINTED : 10,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  // Lists may have a hundred thousand rows: looked for when they or the cursor change, not at each frame.
  const index = useMemo(() => (at === null ? -1 : rows.findIndex((row) => given.current.keyOf(row) === at)), [rows, at]);
  // Somebody else may work away the row under the cursor: nothing takes its place, but the next key goes on from there.
  const lastIndex = useRef(0);
  if (index >= 0) lastIndex.current = index;
  else if (at === null) lastIndex.current = 0;
  const hasSelection = props.onSelect !== undefined;
  const width = useWidth(scroller, !props.isLoading && rows.length > 0);
  const columns = useMemo(() => fitting(props.columns, isPrinting ? null : width, hasSelection), [props.columns, width, hasSelection, isPrinting]);
  const tracks = tracksOf(columns, hasSelection);
  // Every row is as wide as the tracks at least need, so that columns stand under each other.
  const least = leastOf(tracks);

  useEffect(() => {
    if (hasMore && onMore && last >= rows.length - 20) onMore();
  }, [hasMore, onMore, last, rows.length]);

  // A row that is worked away takes the focus with it: the row under the cursor has it then, or the page.
  const focused = useRef<Element | null>(null);
  useEffect(() => {
    if (!focused.current || focused.current.isConnected || document.activeElement !== document.body) return;
    focused.current = null;
    const next = scroller.current?.querySelector<HTMLElement>('.grid-row[tabindex="0"]') ?? document.getElementById("content");
    next?.focus({ preventScroll: true });
  }, [rows, at]);

  function go(next: number): void {
    const row = rows[Math.max(0, Math.min(rows.length - 1, next))];
    if (!row) return;
    onAt(row);
    const place = rows.indexOf(row);
    virtual.scrollToIndex(place);
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${place + 2}"]`)?.focus({ preventScroll: true }),
    );
  }

  // Where nothing has the focus, the keys of the list work as well.
  const onKeyDownNow = useRef(onKeyDown);
  onKeyDownNow.current = onKeyDown;
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent): void => {
      const isFree = document.activeElement === document.body || document.activeElement?.id === "content";
      if (isFree && !event.defaultPrevented) onKeyDownNow.current(event);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);

  function onKeyDown(event: KeyboardEvent | globalThis.KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input:not([type=checkbox]),textarea")) return;
    // The second key of two leads to a page, and does nothing to a row.
    if (event.key.length === 1 && isAfter("g")) return;
    const steps: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: 20, PageUp: -20 };
    const step = steps[event.key];
    const row = rows[index];
    if (step !== undefined) go(index < 0 ? lastIndex.current : index + step);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(rows.length - 1);
    else if (row && event.key === "Enter" && !target.closest("a,button,input")) props.onOpen?.(row);
    else if (row && event.key === "x" && props.onSelect) props.onSelect(row);
    else if (!(row && props.onKey?.(event.key, row))) return;
    event.preventDefault();
  }

  if (props.isLoading) {
    return (
      <div className="grid" role="status" aria-busy="true" aria-label={`${props.label}: loading`}>
        {Array.from({ length: 12 }, (_, row) => (
          <Skeleton key={row} height={18} my={7} mx={12} className="slow-skeleton" />
        ))}
      </div>
    );
  }
  if (rows.length === 0) return <>{props.empty}</>;
  return (
    <div
      ref={scroller} className="grid" role="grid" aria-label={props.label} aria-rowcount={hasMore ? -1 : rows.length + 1}
      aria-multiselectable={hasSelection || undefined} onKeyDown={onKeyDown}
      onFocus={(event) => {
        focused.current = event.target;
      }}
    >
      <div role="row" className="grid-head" aria-rowindex={1} style={{ gridTemplateColumns: tracks, minWidth: least }}>
        {hasSelection ? (
          <div role="columnheader">
            <span className="unseen">Selected</span>
          </div>
        ) : null}
        {columns.map((column) => (
          <Heading key={column.key} column={column} order={props.order} onOrder={props.onOrder} />
        ))}
      </div>
      <div role="rowgroup" className="grid-body" style={{ height: virtual.getTotalSize(), minWidth: least }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          const key = keyOf(row);
          return (
            <MemoRow
              key={key} row={row} index={item.index} start={item.start} tracks={tracks}
              columns={columns as readonly Column<unknown>[]}
              isAt={key === at || (index < 0 && item.index === 0)} isCurrent={key === at}
              isSelected={props.selected?.has(key) ?? false} hasSelection={hasSelection}
              acts={rowActs}
            />
          );
        })}
      </div>
    </div>
  );
}

function Heading<T>({ column, order, onOrder }: { column: Column<T>; order?: Order | undefined; onOrder?: ((by: string) => void) | undefined }) {
  const isSorted = column.sort !== undefined && order?.by === column.sort;
  const direction = order?.descending ? "descending" : "ascending";
  return (
    <div role="columnheader" className={column.numeric ? "num" : undefined} aria-sort={isSorted ? direction : undefined} title={column.meaning}>
      {column.sort !== undefined && onOrder ? (
        <button type="button" onClick={() => onOrder(column.sort as string)}>
          {column.label}
          {isSorted ? <span aria-hidden="true">{order?.descending ? " ↓" : " ↑"}</span> : null}
        </button>
      ) : (
        column.label
      )}
    </div>
  );
}

type RowActs = { onClick: (row: unknown) => void; onOpen: (row: unknown) => void; onSelect: (row: unknown) => void };

type RowProps = {
  row: unknown;
  index: number;
  start: number;
  tracks: string;
  columns: readonly Column<unknown>[];
  isAt: boolean;
  isCurrent: boolean;
  isSelected: boolean;
  hasSelection: boolean;
  acts: RowActs;
};

const MemoRow = memo(function Row(props: RowProps) {
  const { row, index, start, columns, isAt, isSelected, acts } = props;
  return (
    <div
      role="row" className={props.isCurrent ? "grid-row is-current" : "grid-row"} aria-rowindex={index + 2}
      aria-selected={props.hasSelection ? isSelected : undefined} tabIndex={isAt ? 0 : -1}
      style={{ transform: `translateY(${start}px)`, gridTemplateColumns: props.tracks }}
      onClick={() => acts.onClick(row)} onDoubleClick={() => acts.onOpen(row)}
    >
      {props.hasSelection ? (
        <div role="gridcell">
          <input
            type="checkbox" tabIndex={-1} aria-label={`Select row ${index + 1}`} checked={isSelected}
            onClick={(event) => event.stopPropagation()} onChange={() => acts.onSelect(row)}
          />
        </div>
      ) : null}
      {columns.map((column) => (
        <div role="gridcell" key={column.key} className={column.numeric ? "num" : undefined}>
          {column.render(row)}
        </div>
      ))}
    </div>
  );
});
