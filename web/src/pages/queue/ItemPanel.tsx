/** An item beside the list: what it is about, what is wrong, what can be done, notes and history. */

import { Button, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { api, dataOf } from "../../api/client";
import { useMay, useSession } from "../../session/session";
import { Facts } from "../../ui/Facts";
import { age, cents, day, daysLeft, moment, percent, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status, toneOf } from "../../ui/Status";
import { Withheld } from "../../ui/Withheld";
import { FindingList } from "../claims/FindingList";
import { type Act, type Item, KINDS } from "./queue";

const KEYS: Partial<Record<Act["act"], string>> = { assign: "a", snooze: "s", resolve: "d", release: "r", retry: "r", resubmit: "r" };
// In the order in which people use them; what the item's state does not allow is left out.
const OFFERED: readonly Act["act"][] = [
  "approve", "reject", "start", "release", "retry", "resubmit", "decide", "return", "resolve", "discard", "snooze", "reopen", "close",
];

type Props = { item: Item; drafts: Drafts; onAct: (name: Act["act"]) => void; onOpen: () => void };

/** Notes that somebody has begun, by item: the page holds them while the cursor goes elsewhere. */
export type Drafts = { of: ReadonlyMap<number, string>; change: (itemId: number, next: (before: string) => string) => void };

export function useDrafts(): Drafts {
  const [of, setOf] = useState<ReadonlyMap<number, string>>(new Map());
  const change = useCallback<Drafts["change"]>(
    (itemId, next) => setOf((before) => new Map(before).set(itemId, next(before.get(itemId) ?? ""))),
    [],
  );
  return { of, change };
}

export function ItemPanel({ item, drafts, onAct, onOpen }: Props) {
  const may = useMay();
  const session = useSession();
  const shown = useQuery({
    // Notes say what people know of a patient: kept for as long as they are shown.
    queryKey: ["queue-item", item.item_id], meta: { live: true }, gcTime: 0,
    queryFn: async () => dataOf(await api.GET("/api/v1/queue/{item_id}", { params: { path: { item_id: item.item_id } } })),
  });
  const can = new Set(shown.data?.can ?? []);
  const isOwnProposal = [item.proposed_by, item.repaired_by].includes(`user:${session.account_id}`);
  const offered = OFFERED.filter((name) => can.has(name) && may(name === "approve" || name === "reject" ? "queue.approve" : "queue.work"));
  return (
    <>
      <p className="lead">
        <span className="code">{item.what}</span> {item.title}
      </p>
      <div className="acts" role="toolbar" aria-label="What to do">
        {can.has("assign") && may("queue.work") && item.assignee_id !== session.account_id ? (
          <Button size="compact-sm" onClick={() => onAct("assign")}>Assign to me (a)</Button>
        ) : null}
        {offered.map((name) => (
          <Button
            key={name} size="compact-sm" variant="default" disabled={name === "approve" && isOwnProposal}
            title={name === "approve" && isOwnProposal ? "You proposed it: another person approves it." : undefined}
            onClick={() => onAct(name)}
          >
            {words(name)}
            {KEYS[name] ? ` (${KEYS[name]})` : ""}
          </Button>
        ))}
        <Button size="compact-sm" variant="subtle" onClick={onOpen}>
          {item.kind === "unmatched_answer" ? "Match it" : "Open (Enter)"}
        </Button>
      </div>
      <Facts
        of={[
          ["What it is", KINDS[item.kind] ?? words(item.kind)],
          ["At stake", cents(item.stake_cents)],
          ["Odds", `${percent(item.chance)}, so ${cents(item.expected_cents)} is expected`],
          ["Due", `${day(item.due_on)} (${daysLeft(item.due_on)}), ${item.due_from === "law" ? "by law" : "by our service level"}`],
          ["Status", <Status key="state" tone={toneOf(item.state)}>{words(item.state)}</Status>],
          ["Outcome", words(item.outcome)],
          ["Proposed", item.proposed_act ? words(item.proposed_act) : ""],
          ["Assigned to", item.assignee ?? "nobody"],
          ["Snoozed until", day(item.snoozed_until)],
          ["Category", words(item.category)],
          ["Payer", item.payer_id],
          ["Facility", item.facility],
          ["Opened", `${moment(item.opened_at)} (${age(item.opened_at)})`],
        ]}
      />
      {item.claim_key !== null && item.kind === "claim_review" ? <ClaimFindings claimKey={item.claim_key} /> : null}
      {shown.isLoadingError ? <ProblemNote problem={shown.error} onRetry={() => void shown.refetch()} /> : null}
      {shown.data ? (
        <>
          <h3>Notes</h3>
          <ul className="notes">
            {shown.data.notes.map((note) => (
              <li key={note.note_id}>
                <div className="dim">
                  {note.by_name ?? note.by}, {moment(note.at)}
                </div>
                {note.text ?? <Withheld why={shown.data.withheld["notes"] ?? "no policy permits it"} />}
              </li>
            ))}
          </ul>
          {may("queue.work") ? <NoteForm key={item.item_id} itemId={item.item_id} drafts={drafts} /> : null}
          <h3>History</h3>
          <ul className="notes">
            {shown.data.history.map((entry) => (
              <li key={`${entry.at} ${entry.act}`}>
                {words(entry.act)}
                {entry.to_state && entry.to_state !== entry.from_state ? `: ${words(entry.to_state).toLowerCase()}` : ""}
                {entry.reason ? `, ${entry.reason}` : ""}
                <div className="dim">
                  {entry.by_name ?? entry.by}, {moment(entry.at)}
                </div>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
}

function ClaimFindings({ claimKey }: { claimKey: number }) {
  const findings = useQuery({
    queryKey: ["claim-findings", claimKey], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/claims/{claim_key}/findings", { params: { path: { claim_key: claimKey } } })),
  });
  return (
    <>
      <h3>What is wrong</h3>
      {findings.isLoadingError ? <ProblemNote problem={findings.error} /> : null}
      {findings.data ? <FindingList findings={findings.data} /> : null}
    </>
  );
}

/** A note is sealed, since anything may stand in it. What was typed stays until it is kept. */
function NoteForm({ itemId, drafts }: { itemId: number; drafts: Drafts }) {
  const queries = useQueryClient();
  const text = drafts.of.get(itemId) ?? "";
  const add = useMutation({
    gcTime: 0,
    mutationFn: async (text: string) =>
      dataOf(await api.POST("/api/v1/queue/{item_id}/notes", { params: { path: { item_id: itemId } }, body: { text, mentions: [] } })),
    onSuccess: (_, sent) => {
      // What was typed meanwhile is a note of its own.
      drafts.change(itemId, (now) => (now === sent ? "" : now));
      void queries.invalidateQueries({ queryKey: ["queue-item", itemId] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() && !add.isPending) add.mutate(text);
      }}
    >
      <Textarea
        label="Add a note" autosize minRows={2} maxLength={4_000} value={text}
        onChange={(event) => {
          const { value } = event.currentTarget;
          drafts.change(itemId, () => value);
        }}
      />
      {add.isError ? <ProblemNote problem={add.error} /> : null}
      <Button type="submit" size="compact-sm" mt={6} mb="md" loading={add.isPending} disabled={!text.trim()}>
        Save note
      </Button>
    </form>
  );
}
