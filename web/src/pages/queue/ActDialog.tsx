/** Asks for what an act needs: its reason, the day of a snooze, the person of an assignment, the new state. */

import { Button, Group, Select, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { newKey } from "../../api/client";
import { usePeople } from "../../session/people";
import { Dialog } from "../../ui/Dialog";
import { cents, count, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import type { Act, Item } from "./queue";

export type Pending = { name: Act["act"]; items: readonly Item[] };
type Props = { pending: Pending; onClose: () => void; onAct: (wanted: Act, key: string) => Promise<void> };

const WHAT: Partial<Record<Act["act"], string>> = {
  release: "The claims count, and the next delivery takes them.",
  return: "The claims go back to their facility: they are neither delivered nor counted.",
  retry: "The claims are staged again for the next run.",
  discard: "The claims are set aside for good. They stay where they are, marked.",
  resubmit: "The claims are sent again. Their payer's claim number is kept.",
  resolve: "The items are closed. What they are about stays as it is.",
  decide: "The new state of the denials.",
  approve: "What was proposed is done now.",
  reject: "The items go back to the person who proposed it.",
  reopen: "The items are opened again.",
  propose: "Another person approves it before it is done.",
};
// What another person approves first, where an item needs it (features/review/life.py, `proposes`).
const APPROVED: ReadonlySet<Act["act"]> = new Set(["release", "discard", "resolve", "resubmit"]);
const DENIAL_STATES = ["resubmitted", "appealed", "won", "lost", "billed_on", "written_off"] as const;
const USUAL = ["Corrected and checked again", "Documentation is in the record", "Confirmed with the payer", "Duplicate of another item"];

export function ActDialog({ pending, onClose, onAct }: Props) {
  const { name, items } = pending;
  const [key] = useState(newKey);
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const [to, setTo] = useState<string | null>(null);
  const [state, setState] = useState<string | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const people = usePeople(name === "assign");
  const needsReason = name !== "snooze" && name !== "assign";
  const isReady =
    (!needsReason || reason.trim().length >= 8) && (name !== "snooze" || until !== "") &&
    (name !== "assign" || to !== null) && (name !== "decide" || state !== null);
  const approval = APPROVED.has(name) ? items.filter((item) => item.needs_approval).length : 0;
  const stake = items.reduce((sum, item) => sum + item.stake_cents, 0);

  function wanted(): Act {
    const act: Act = { act: name, items: items.map((item) => ({ item_id: item.item_id, version: item.version })) };
    if (needsReason) act.reason = reason.trim();
    if (name === "snooze") act.until = until;
    if (name === "decide") act.denial_state = DENIAL_STATES.find((each) => each === state) ?? null;
    if (name === "assign" && to === "balanced") act.how = "balanced";
    else if (name === "assign" && to === "round_robin") act.how = "round_robin";
    else if (name === "assign") act.to = to === "nobody" ? null : Number(to);
    return act;
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!isReady || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await onAct(wanted(), key);
      onClose();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog opened onClose={onClose} centered title={`${words(name)}: ${count(items.length)} ${items.length === 1 ? "item" : "items"}, ${cents(stake)}`}>
      <form onSubmit={(event) => void submit(event)}>
        {WHAT[name] ? <Text size="sm" mb="xs">{WHAT[name]}</Text> : null}
        {approval > 0 ? (
          <Text size="sm" mb="xs" className="status-person">
            {count(approval)} need another person's approval: they wait for it.
          </Text>
        ) : null}
        {name === "snooze" ? (
          <TextInput type="date" label="Hide until" required data-autofocus value={until} onChange={(event) => setUntil(event.currentTarget.value)} />
        ) : null}
        {name === "decide" ? (
          <Select label="New state" required data-autofocus data={DENIAL_STATES.map((value) => ({ value, label: words(value) }))} value={state} onChange={setState} />
        ) : null}
        {name === "assign" ? (
          <Select
            label="To" required data-autofocus searchable value={to} onChange={setTo}
            data={[
              { value: "balanced", label: "By skill, facility and load" },
              { value: "round_robin", label: "One after another" },
              ...(people.data ?? []).map((each) => ({ value: String(each.account_id), label: `${each.name} (${count(each.open)} open)` })),
              { value: "nobody", label: "Nobody" },
            ]}
          />
        ) : null}
        {needsReason ? (
          <>
            <TextInput
              mt="xs" label="Reason" required maxLength={200} list="usual-reasons" value={reason} data-autofocus={name !== "decide" || undefined}
              description="8 to 200 characters, about the work and not about the patient." onChange={(event) => setReason(event.currentTarget.value)}
            />
            <datalist id="usual-reasons">
              {USUAL.map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
          </>
        ) : null}
        {problem ? <ProblemNote problem={problem} /> : null}
        <Group justify="flex-end" mt="md" gap="sm">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={busy} disabled={!isReady}>{words(name)}</Button>
        </Group>
      </form>
    </Dialog>
  );
}
