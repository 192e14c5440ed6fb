/** An item beside the list: what it is about, what is wrong, what can be done, notes and history. */

import { Button, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
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

type Props = { item: Item; onAct: (name: Act["act"]) => void; onOpen: () => void };

export function ItemPanel({ item, onAct, onOpen }: Props) {
  const may = useMay();
  const session = useSession();
  const shown = useQuery({
    queryKey: ["queue-item", item.item_id], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/queue/{item_id}", { params: { path: { item_id: item.item_id } } })),
  });
  const can = new Set(shown.data?.can ?? []);
  const isOwnProposal = item.proposed_by === `user:${session.account_id}`;
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
      {shown.isError ? <ProblemNote problem={shown.error} onRetry={() => void shown.refetch()} /> : null}
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
          {may("queue.work") ? <NoteForm itemId={item.item_id} /> : null}
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
      {findings.isError ? <ProblemNote problem={findings.error} /> : null}
      {findings.data ? <FindingList findings={findings.data} /> : null}
    </>
  );
}

/** A note is sealed, since anything may stand in it. What was typed stays until it is kept. */
function NoteForm({ itemId }: { itemId: number }) {
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const add = useMutation({
    mutationFn: async () =>
      dataOf(await api.POST("/api/v1/queue/{item_id}/notes", { params: { path: { item_id: itemId } }, body: { text, mentions: [] } })),
    onSuccess: () => {
      setText("");
      void queries.invalidateQueries({ queryKey: ["queue-item", itemId] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) add.mutate();
      }}
    >
      <Textarea label="Add a note" autosize minRows={2} maxLength={4_000} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      {add.isError ? <ProblemNote problem={add.error} /> : null}
      <Button type="submit" size="compact-sm" mt={6} mb="md" loading={add.isPending} disabled={!text.trim()}>
        Keep the note
      </Button>
    </form>
  );
}
