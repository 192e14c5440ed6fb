/**
 * The three-level tree of a payment. Charge less adjusted is paid, on every row; the foot adds the claims, takes
 * off the provider adjustments and arrives at the payment. A red bar stands exactly where that does not hold.
 */

import { Button, Skeleton } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent as Pressed, useEffect, useMemo, useRef, useState } from "react";
import type { Schemas } from "../../api/client";
import { cents, count, words as asWords } from "../../ui/format";
import { Empty } from "../../ui/Empty";
import { isAfter } from "../../ui/secondKey";
import { Status, toneOf } from "../../ui/Status";
import { ClaimLink } from "../money/links";
import { type Claim, isOff } from "./adds";
import { PaymentFoot } from "./PaymentFoot";
import { claimRowKey, everyKey, parentKey, type Row, rowsOf } from "./tree";

type Props = {
  statement: Schemas["PaymentStatement"];
  claims: readonly Claim[];
  at: number | null;
  isLoading: boolean;
  hasMore: boolean;
  onMore: () => void;
  onAt: (answer: number | undefined) => void;
};

const ROW = 30;
const FEW = 6;

export function PaymentTree({ statement, claims, at, isLoading, hasMore, onMore, onAt }: Props) {
  const navigate = useNavigate();
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [cursor, setCursor] = useState<string | null>(at === null ? null : `c${at}`);
  // The claim that the address named when the tree was opened: others stay closed while the cursor passes them.
  const [linked] = useState(at);
  const scroller = useRef<HTMLDivElement>(null);
  const open = useMemo(() => {
    // A small payment is open, and so is what does not add up; the rest as somebody left it.
    const start = claims.length <= FEW ? everyKey(claims) : everyKey(claims.filter((claim) => isOff(claim) || claim.answer_id === linked));
    const found = new Set(start);
    for (const [key, isOpen] of changed) if (isOpen) found.add(key);
    else found.delete(key);
    return found;
  }, [claims, changed, linked]);
  const rows = useMemo(() => rowsOf(claims, open), [claims, open]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 12 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const index = rows.findIndex((row) => row.key === cursor);
  const wanted = claims.find((claim) => claim.answer_id === linked);
  const isPlaced = useRef(false);

  useEffect(() => {
    if (hasMore && last >= rows.length - 20) onMore();
  }, [hasMore, last, rows.length, onMore]);
  useEffect(() => {
    if (isPlaced.current || !wanted) return;
    isPlaced.current = true;
    virtual.scrollToIndex(rows.findIndex((row) => row.key === claimRowKey(wanted)), { align: "center" });
  }, [wanted, rows, virtual]);

  function go(next: number): void {
    const place = Math.max(0, Math.min(rows.length - 1, next));
    const row = rows[place];
    if (!row) return;
    setCursor(row.key);
    onAt(row.claim.answer_id);
    virtual.scrollToIndex(place);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${place + 2}"]`)?.focus({ preventScroll: true }));
  }

  /** To a row that was looked for; where there is none, the cursor stays. */
  function goTo(found: number): void {
    if (found >= 0) go(found);
  }

  function set(row: Row, isOpen: boolean): void {
    setChanged(new Map(changed).set(row.key, isOpen));
  }

  // Where nothing has the focus, the keys of the tree work as well.
  const onKeyDownNow = useRef(onKeyDown);
  onKeyDownNow.current = onKeyDown;
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const isFree = document.activeElement === document.body || document.activeElement?.id === "content";
      if (isFree && !event.defaultPrevented) onKeyDownNow.current(event);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);

  function onKeyDown(event: Pressed | KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.key.length === 1 && isAfter("g"))) return;
    const row = rows[index];
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: 20, PageUp: -20 }[event.key];
    if (step !== undefined) go(index < 0 ? 0 : index + step);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(rows.length - 1);
    else if (event.key === "n") goTo(nextOff(rows, index));
    else if (!row) return;
    else if (event.key === "ArrowRight") row.isOpen === false ? set(row, true) : row.isOpen && go(index + 1);
    else if (event.key === "ArrowLeft") row.isOpen ? set(row, false) : goTo(rows.findIndex((each) => each.key === parentKey(row)));
    else if (event.key === " " && row.isOpen !== null) set(row, !row.isOpen);
    else if (event.key === "Enter" && row.claim.claim_key !== null && !(event.target as HTMLElement).closest("a,button"))
      void navigate({ to: "/claims/$claimKey", params: { claimKey: String(row.claim.claim_key) } });
    else if (event.key === "Escape") onAt(undefined);
    else return;
    event.preventDefault();
  }

  function setAll(isOpen: boolean): void {
    setChanged(new Map([...everyKey(claims)].map((key) => [key, isOpen] as const)));
  }

  if (isLoading) return <Skeleton height={200} m="md" className="slow-skeleton" />;
  const off = claims.filter(isOff).length;
  const difference = statement.difference_cents;
  return (
    <>
      <div className="tree-acts">
        {difference ? <Status tone="loss">{`The payment is off by ${cents(difference)}`}</Status> : null}
        {off ? <Status tone="loss">{`${count(off)} of ${count(claims.length)} claims do not add up`}</Status> : difference ? null : <Status tone="done">{hasMore ? "Every claim so far adds up" : "Every claim adds up"}</Status>}
        <span className="dim">Charge less adjusted is paid. → opens a row, ← closes it{off ? ", n goes to the next that is off" : ""}.</span>
        <Button size="compact-xs" variant="default" onClick={() => setAll(true)}>Open all</Button>
        <Button size="compact-xs" variant="default" onClick={() => setAll(false)}>Close all</Button>
      </div>
      <div ref={scroller} className="tree" role="treegrid" aria-label="Claims of the payment" aria-rowcount={hasMore ? -1 : rows.length + 1} onKeyDown={onKeyDown}>
        <div role="row" className="tree-head" aria-rowindex={1}>
          {["Claim, line, adjustment", "State", "Charge", "Adjusted", "Paid", "Off"].map((label, place) => (
            <div role="columnheader" key={label} className={place > 1 ? "num" : undefined}>
              {label}
            </div>
          ))}
        </div>
        <div role="rowgroup" className="tree-body" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            const isCurrent = row.key === cursor || (cursor === null && item.index === 0);
            return (
              <div
                key={row.key} role="row" aria-level={row.level} aria-rowindex={item.index + 2} aria-expanded={row.isOpen ?? undefined}
                tabIndex={isCurrent ? 0 : -1} style={{ transform: `translateY(${item.start}px)` }}
                className={`tree-row level-${row.level}${row.key === cursor ? " is-current" : ""}${row.off ? " is-off" : ""}`}
                onClick={() => go(item.index)}
              >
                <TreeRow row={row} words={statement.words} onToggle={() => set(row, !row.isOpen)} />
              </div>
            );
          })}
        </div>
        {rows.length === 0 ? <Empty title="No claim of this payment is shown">It has none, or they are of other facilities.</Empty> : null}
        <PaymentFoot statement={statement} claims={claims} isWhole={!hasMore} />
      </div>
    </>
  );
}

function nextOff(rows: readonly Row[], index: number): number {
  const after = rows.findIndex((row, place) => place > index && row.off !== 0);
  return after >= 0 ? after : rows.findIndex((row) => row.off !== 0);
}

function TreeRow({ row, words, onToggle }: { row: Row; words: Schemas["CodeWords"]; onToggle: () => void }) {
  const { claim, line, adjustment } = row;
  return (
    <>
      <div role="gridcell">
        {row.isOpen === null ? (
          <span className="toggle" />
        ) : (
          <button type="button" className="toggle" tabIndex={-1} aria-label={row.isOpen ? "Close" : "Open"} onClick={(event) => { event.stopPropagation(); onToggle(); }}>
            {row.isOpen ? "▾" : "▸"}
          </button>
        )}
        {adjustment ? (
          <>
            <span className="code">
              {adjustment.group_code}-{adjustment.carc}
            </span>{" "}
            {words.groups[adjustment.group_code ?? ""] ?? "adjustment"}
          </>
        ) : line ? (
          `Line ${line.line ?? line.position}${line.line === null ? " of the remittance" : ""}`
        ) : (
          <ClaimLink claimKey={claim.claim_key} label={claim.claim_key === null ? "" : `Claim ${claim.claim_key}`} />
        )}
      </div>
      <div role="gridcell">
        {row.level === 1 ? (
          <>
            <Status tone={toneOf(claim.state)}>{asWords(claim.state)}</Status>
            <span className="dim"> {claim.claim_status ? (words.claim_statuses[claim.claim_status] ?? claim.claim_status) : ""}</span>
          </>
        ) : null}
      </div>
      <div role="gridcell" className="num">{cents(row.charge)}</div>
      <div role="gridcell" className="num">{cents(row.adjusted)}</div>
      <div role="gridcell" className="num">{cents(row.paid)}</div>
      <div role="gridcell" className="num">{row.off ? <Status tone="loss">{cents(row.off)}</Status> : null}</div>
    </>
  );
}
