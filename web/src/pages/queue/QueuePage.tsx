/** What waits for a person, worth most per day that is left first; worked by keyboard, one item or thousands. */

import { Anchor, Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { Suspense, useMemo, useRef, useState } from "react";
import { api, dataOf, newKey, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { SCOPE, useScope } from "../../shell/scope";
import { Empty } from "../../ui/Empty";
import { age, cents, count, daysLeft, percent, sentence, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { later } from "../../ui/later";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { StateOf } from "../../ui/StateOf";
import { Status } from "../../ui/Status";
import { type PayerNames, usePayerNames } from "../../ui/payers";
import { useAddress } from "../../ui/useAddress";
import { focusPage } from "../../ui/focus";
import { useList } from "../../ui/useList";
import type { Pending } from "./ActDialog";
import { Outcome } from "./Outcome";
import { QueueFilters } from "./QueueFilters";
import { QueueNumbers } from "./QueueNumbers";
import { type Act, FILTERS, filtersOf, type Item, KINDS, nameOf, resubmission, SORTS, told, useAct, waitsFor } from "./queue";
import { undoOf } from "./undo";
import { MOST_CHOSEN, useChosen } from "./useChosen";

const ActDialog = later(() => import("./ActDialog").then((found) => found.ActDialog));
const ItemPanel = later(() => import("./ItemPanel").then((found) => found.ItemPanel));
const columnsOf = (payer: PayerNames): readonly Column<Item>[] => [
  { key: "priority", label: "Priority", width: "84px", sort: "priority", meaning: "Expected recovery by the day that is left: high from 100 dollars a day", render: (row) => <Status tone={row.priority === "high" ? "person" : "plain"}>{words(row.priority)}</Status> },
  { key: "claim", label: "Claim", width: "58px", render: (row) => row.claim_key ?? "" },
  { key: "what", label: "What is wrong", width: "minmax(220px, 1fr)", render: (row) => <span title={row.title}>{row.title === row.what ? words(row.what) : sentence(row.title)} <span className="code dim">{/^[A-Z]+[0-9]+$/.test(row.what) ? row.what : ""}</span></span> },
  { key: "stake", label: "At stake", width: "96px", numeric: true, sort: "stake", meaning: "Dollars that are lost if nothing is done", render: (row) => cents(row.stake_cents) },
  { key: "odds", label: "Odds", width: "56px", numeric: true, meaning: "Chance that the work brings the money", render: (row) => percent(row.chance) },
  { key: "due", label: "Due", width: "76px", sort: "due", render: (row) => <Status tone={row.days_left < 0 ? "loss" : row.days_left <= 2 ? "person" : "plain"}>{daysLeft(row.due_on)}</Status> },
  { key: "state", label: "Status", width: "144px", render: (row) => <StateOf of="item" name={row.state} /> },
  { key: "with", label: "With", width: "84px", meaning: "The person it is assigned to", render: (row) => row.assignee ?? <span className="dim">nobody</span> },
  { key: "kind", label: "What it is", width: "118px", extra: true, render: (row) => KINDS[row.kind] ?? words(row.kind) },
  { key: "payer", label: "Payer", width: "minmax(104px, 0.5fr)", extra: true, render: (row) => <span title={row.payer_id ?? ""}>{payer(row.payer_id)}</span> },
  { key: "facility", label: "Facility", width: "96px", extra: true, render: (row) => row.facility },
  { key: "age", label: "Age", width: "56px", extra: true, numeric: true, sort: "age", render: (row) => age(row.opened_at) },
];

export function QueuePage() {
  const [search, setSearch] = useAddress();
  const may = useMay();
  const navigate = useNavigate();
  const act = useAct();
  const [pending, setPending] = useState<Pending | null>(null);
  const scope = useScope();
  const payer = usePayerNames();
  const columns = useMemo(() => columnsOf(payer), [payer]);
  const filters = filtersOf(search, scope);
  const sort = SORTS.find((each) => each === search["sort"]) ?? "priority";
  const at = typeof search["at"] === "number" ? search["at"] : null;

  const { query, rows, first } = useList<Item, Schemas["QueuePage"]>(["queue", filters, sort], async (cursor) =>
    dataOf(await api.GET("/api/v1/queue", { params: { query: { ...filters, sort, limit: 200, ...(cursor ? { cursor } : {}) } } })),
    { grows: (page) => page.arriving },
  );
  const current = rows.find((row) => row.item_id === at);
  const selection = useChosen(rows, JSON.stringify(filters));
  const chosen = selection.items;
  const isFiltered = scope.facility !== undefined || scope.days !== null || FILTERS.some((name) => search[name] !== undefined);

  const atNow = useRef(at);
  atNow.current = at;

  /** Put the cursor on the item after this one, so that the next can be worked at once, unless it was moved meanwhile. */
  function moveOn(item: Item): void {
    if (atNow.current !== item.item_id) return;
    const index = rows.findIndex((row) => row.item_id === item.item_id);
    const next = rows[index + 1] ?? rows[index - 1];
    setSearch({ at: next?.item_id });
  }

  async function perform(wanted: Act, items: readonly Item[], key: string): Promise<void> {
    const result = await act.mutateAsync({ wanted, key });
    // What was refused needs no way back.
    const changed = new Set([...result.done, ...result.proposed]);
    const undo = undoOf(wanted, items.filter((item) => changed.has(item.item_id)), result);
    const undoKey = newKey();
    const notice = notifications.show({
      color: result.refused.length ? "yellow" : "green",
      title: `${words(result.act)}: ${told(result)}`,
      ...(result.refused.length > 0 && items.length > 1 ? { autoClose: false } : {}),
      message: (
        <Outcome
          result={result} isMany={items.length > 1} nameOf={(id) => nameOf(items.find((each) => each.item_id === id))}
          onUndo={undo && changed.size > 0 ? () => void takeBack(undo, undoKey, notice).catch(failed) : null}
        />
      ),
    });
    // What was refused is still to be worked: the cursor stays there.
    if (items.length === 1 && items[0]) {
      if (changed.size > 0) moveOn(items[0]);
    } else selection.keep(result.refused.map((each) => each.item_id));
  }

  async function takeBack(undo: Act, key: string, notice: string): Promise<void> {
    notifications.hide(notice);
    focusPage();
    const result = await act.mutateAsync({ wanted: undo, key });
    notifications.show({ color: result.refused.length ? "yellow" : "green", title: `Taken back: ${told(result)}`, message: result.refused[0]?.why ?? "" });
  }

  function begin(name: Act["act"], items: readonly Item[]): void {
    const [only, ...others] = items;
    if (only && others.length === 0 && waitsFor(only, name)) {
      notifications.show({ color: "yellow", title: `${nameOf(only)} waits for an approval`, message: "Approve or reject what was proposed first." });
      return;
    }
    const read = items.map((item) => ({ item_id: item.item_id, version: item.version }));
    if (name === "assign") void perform({ act: "assign", items: read, to: "me" }, items, newKey()).catch(failed);
    else if (name === "start" || name === "triage") void perform({ act: name, items: read }, items, newKey()).catch(failed);
    else setPending({ name, items });
  }

  function onKey(key: string, row: Item): boolean {
    // A dialog is on its way: what is typed meanwhile is meant for it.
    if (pending) return true;
    const items = chosen.length > 0 ? chosen : [row];
    if (key === "a" && may("queue.work")) begin("assign", items);
    else if (key === "s" && may("queue.work")) begin("snooze", items);
    else if (key === "r" && may("queue.work")) begin(resubmission(row), items);
    else if (key === "d" && may("queue.work")) begin("resolve", items);
    else if (key === "e" && row.claim_key !== null) open(row);
    else if (key === "X") selectAll();
    else if (key === "Escape") setSearch({ at: undefined });
    else return false;
    return true;
  }

  function selectAll(): void {
    void selection.all(filters, sort).catch(failed);
  }

  function open(row: Item): void {
    if (row.denial_id !== null && row.kind === "denial")
      void navigate({ to: "/denials/$denialId", params: { denialId: String(row.denial_id) } });
    else if (row.claim_key !== null && row.kind !== "unmatched_answer")
      void navigate({ to: "/claims/$claimKey", params: { claimKey: String(row.claim_key) } });
    else void navigate({ to: "/remittances/waiting", search: row.answer_id === null ? {} : { at: row.answer_id } });
  }

  const exported = new URLSearchParams(Object.entries(filters).flatMap(([name, value]) => [value].flat().map((each) => [name, each] as [string, string])));
  exported.set("sort", sort);

  return (
    <Page
      title="Work queue"
      summary={first ? <><strong>{count(first.total)}</strong> items, <strong>{cents(first.stake_cents)}</strong> at stake{first.arriving ? <span className="status-person"> · more are being brought in</span> : null}</> : ""}
      actions={
        <Button component="a" href={`/api/v1/queue/export?${exported.toString()}`} download variant="default" size="xs">
          Export as CSV
        </Button>
      }
      filters={<QueueFilters search={search} onChange={(change) => setSearch({ ...change, at: undefined })} />}
      panel={current ? <Suspense><ItemPanel item={current} onAct={(name) => begin(name, [current])} onOpen={() => open(current)} /></Suspense> : undefined}
      panelTitle={current ? [current.claim_key === null ? null : `Claim ${current.claim_key}`, KINDS[current.kind] ?? words(current.kind)].filter(Boolean).join(": ") : ""}
      onClosePanel={() => setSearch({ at: undefined })}
    >
      <QueueNumbers filters={filters} onFilter={(change) => setSearch({ ...change, at: undefined })} />
      {chosen.length > 0 ? (
        <div className="selection" role="toolbar" aria-label="With the selection">
          <strong>{count(chosen.length)} selected</strong>
          {may("queue.work") ? <Button size="compact-sm" onClick={() => begin("assign", chosen)}>Assign to me (a)</Button> : null}
          {may("queue.assign") ? <Button size="compact-sm" variant="default" onClick={() => setPending({ name: "assign", items: chosen })}>Assign…</Button> : null}
          {may("queue.work") ? <Button size="compact-sm" variant="default" onClick={() => begin("resolve", chosen)}>Mark resolved (d)</Button> : null}
          {may("queue.work") ? <Button size="compact-sm" variant="default" onClick={() => begin("snooze", chosen)}>Snooze (s)</Button> : null}
          {first && chosen.length < Math.min(first.total, MOST_CHOSEN) ? (
            <Button size="compact-sm" variant="subtle" loading={selection.busy} onClick={selectAll}>
              Select {first.total > MOST_CHOSEN ? `the first ${count(MOST_CHOSEN)}` : `all ${count(first.total)}`} (Shift X)
            </Button>
          ) : null}
          <Button size="compact-sm" variant="subtle" onClick={selection.clear}>Clear</Button>
        </div>
      ) : null}
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Work items" columns={columns} rows={rows} keyOf={(row) => row.item_id} at={at} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          order={{ by: sort, descending: sort !== "due" }} onOrder={(by) => setSearch({ sort: by })}
          onAt={(row) => setSearch({ at: row.item_id })} onOpen={open} onKey={onKey} selected={selection.ids} {...(may("queue.work") || may("queue.assign") ? { onSelect: selection.toggle } : {})}
          empty={
            isFiltered ? (
              <Empty title="Nothing matches these filters">
                <Anchor component="button" onClick={() => setSearch(Object.fromEntries([...FILTERS, ...SCOPE].map((name) => [name, undefined])))}>
                  Clear the filters
                </Anchor>{" "}
                to see all that waits.
              </Empty>
            ) : (
              <Empty title={first?.arriving ? "Items are being brought in" : "Nothing waits for a person"}>
                Claims that a rule stops or the model doubts, denials, rejections and unmatched remittances appear here as they come.
              </Empty>
            )
          }
        />
      )}
      {pending ? (
        <Suspense>
          <ActDialog pending={pending} onClose={() => setPending(null)} onAct={(wanted, key) => perform(wanted, pending.items, key)} />
        </Suspense>
      ) : null}
    </Page>
  );
}

function failed(error: unknown): void {
  notifications.show({ color: "red", title: "Not done", message: error instanceof Error ? error.message : "Try again." });
}
