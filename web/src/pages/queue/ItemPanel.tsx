/** An item beside the list: what it is about, what is wrong, what can be done, notes and history. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client";
import { useActorName } from "../../session/people";
import { useMay, useSession } from "../../session/session";
import { Facts } from "../../ui/Facts";
import { age, cents, day, daysLeft, moment, percent, sentence, words } from "../../ui/format";
import { nameAndId, usePayerNames } from "../../ui/payers";
import { ProblemNote } from "../../ui/ProblemNote";
import { StateOf } from "../../ui/StateOf";
import { FindingList } from "../claims/FindingList";
import { Attachments } from "./Attachments";
import { Notes } from "./Notes";
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
  const nameOf = useActorName();
  const payer = usePayerNames();
  const shown = useQuery({
    // Notes say what people know of a patient: kept for as long as they are shown. Each reading is written down, so
    // they are read again only when the item has changed; until then, what was read of it stays.
    queryKey: ["queue-item", item.item_id, item.version], gcTime: 0, staleTime: Infinity,
    placeholderData: (before, query) => (query?.queryKey[1] === item.item_id ? before : undefined),
    queryFn: async () => dataOf(await api.GET("/api/v1/queue/{item_id}", { params: { path: { item_id: item.item_id } } })),
  });
  const can = new Set(shown.data?.can ?? []);
  const isOwnProposal = [item.proposed_by, ...item.repaired_by].includes(`user:${session.account_id}`);
  const offered = OFFERED.filter((name) => can.has(name) && may(name === "approve" || name === "reject" ? "queue.approve" : "queue.work"));
  return (
    <>
      <p className="lead">
        {/^[A-Z]+[0-9]+$/.test(item.what) ? <span className="code">{item.what} </span> : null}{sentence(item.title)}
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
          ["Status", <StateOf key="state" of="item" name={item.state} full />],
          ["Outcome", words(item.outcome)],
          ["Proposed", item.proposed_act ? words(item.proposed_act) : ""],
          ["Assigned to", item.assignee ?? "nobody"],
          ["Snoozed until", day(item.snoozed_until)],
          ["Category", words(item.category)],
          ["Payer", nameAndId(payer, item.payer_id)],
          ["Facility", item.facility],
          ["Opened", `${moment(item.opened_at)} (${age(item.opened_at)})`],
        ]}
      />
      {item.claim_key !== null && item.kind === "claim_review" ? <ClaimFindings claimKey={item.claim_key} payerId={item.payer_id} /> : null}
      {shown.isLoadingError ? <ProblemNote problem={shown.error} onRetry={() => void shown.refetch()} /> : null}
      {shown.data ? (
        <>
          <Notes item={item} notes={shown.data.notes} withheld={shown.data.withheld["notes"]} />
          <Attachments key={item.item_id} itemId={item.item_id} version={item.version} />
          <h3>History</h3>
          <ul className="notes">
            {shown.data.history.map((entry) => (
              <li key={`${entry.at} ${entry.act}`}>
                {words(entry.act)}
                {entry.to_state && entry.to_state !== entry.from_state ? `: ${words(entry.to_state).toLowerCase()}` : ""}
                {entry.reason ? `, ${entry.reason}` : ""}
                <div className="dim">
                  {entry.by_name ?? nameOf(entry.by)}, {moment(entry.at)}
                </div>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
}

function ClaimFindings({ claimKey, payerId }: { claimKey: number; payerId: string | null }) {
  const findings = useQuery({
    queryKey: ["claim-findings", claimKey], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/claims/{claim_key}/findings", { params: { path: { claim_key: claimKey } } })),
  });
  return (
    <>
      <h3>What is wrong</h3>
      {findings.isLoadingError ? <ProblemNote problem={findings.error} /> : null}
      {findings.data ? <FindingList findings={findings.data} payerId={payerId} /> : null}
    </>
  );
}
