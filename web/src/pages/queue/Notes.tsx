/** Notes of an item. They are sealed, since anything may stand in them; what was typed stays until it is kept. */

import { Button, MultiSelect, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, dataOf, newKey, Problem, type Schemas } from "../../api/client";
import { coverOf, useActorName, usePeople } from "../../session/people";
import { useMay, useSession } from "../../session/session";
import { moment } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Withheld } from "../../ui/Withheld";
import { changeDraft, type Draft, draftOf, keptDraft, useDraft } from "./drafts";
import type { Item } from "./queue";

type Props = { item: Item; notes: readonly Schemas["ItemNote"][]; withheld: string | undefined };

export function Notes({ item, notes, withheld }: Props) {
  const may = useMay();
  const nameOf = useActorName();
  const me = `user:${useSession().account_id}`;
  const withdraw = useWithdrawal(item.item_id);
  return (
    <>
      <h3>Notes</h3>
      {withdraw.isError ? <ProblemNote problem={withdraw.error} /> : null}
      <ul className="notes">
        {notes.map((note) => (
          <li key={note.note_id}>
            <div className="dim">
              {[
                note.by_name ?? nameOf(note.by), moment(note.at),
                note.mentions.length ? `for ${note.mentions.map((each) => nameOf(`user:${each}`)).join(" and ")}` : "",
              ].filter(Boolean).join(", ")}
            </div>
            {note.withdrawn_at ? (
              <span className="dim">Withdrawn by its writer, {moment(note.withdrawn_at)}</span>
            ) : (
              note.text ?? <Withheld why={withheld ?? "no policy permits it"} />
            )}
            {note.by === me && !note.withdrawn_at && may("queue.work") ? (
              <div>
                <Button size="compact-xs" variant="subtle" loading={withdraw.isPending} onClick={() => withdraw.mutate(note.note_id)}>Withdraw</Button>
              </div>
            ) : null}
          </li>
        ))}
      </ul>
      {may("queue.work") ? <NoteForm key={item.item_id} item={item} /> : null}
    </>
  );
}

/** Takes back a note of one's own: its text is not shown any more. */
function useWithdrawal(itemId: number) {
  const queries = useQueryClient();
  return useMutation({
    gcTime: 0,
    mutationFn: async (noteId: number) => {
      await api.POST("/api/v1/queue/{item_id}/notes/{note_id}/withdrawal", { params: { path: { item_id: itemId, note_id: noteId } } });
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["queue-item", itemId] }),
  });
}

function NoteForm({ item }: { item: Item }) {
  const queries = useQueryClient();
  const { item_id: itemId } = item;
  const draft = useDraft(itemId);
  const text = draft?.text ?? "";
  const mentions = draft?.mentions ?? [];
  const people = usePeople();
  const offered = coverOf(people.data ?? [], item.facility);
  const withdraw = useWithdrawal(itemId);
  const add = useMutation({
    gcTime: 0,
    mutationFn: async (sent: Draft) =>
      dataOf(
        await api.POST("/api/v1/queue/{item_id}/notes", {
          params: { path: { item_id: itemId } }, body: { text: sent.text, mentions: [...sent.mentions] }, headers: { "Idempotency-Key": sent.key },
        }),
      ),
    onSuccess: (note, sent) => {
      keptDraft(itemId, sent);
      const notice = notifications.show({
        color: "green", title: "The note is saved",
        message: (
          <Button
            size="compact-xs" variant="default"
            onClick={() => {
              notifications.hide(notice);
              withdraw.mutate(note.note_id);
            }}
          >
            Undo
          </Button>
        ),
      });
      void queries.invalidateQueries({ queryKey: ["queue-item", itemId] });
    },
    onError: (problem, sent) => {
      if (!(problem instanceof Problem && problem.code === "key_reused")) return;
      // It was kept as it was sent before: the list shows it, and what is here now would be another note.
      void queries.invalidateQueries({ queryKey: ["queue-item", itemId] });
      if (draftOf(itemId)?.key === sent.key) changeDraft(itemId, { key: newKey() });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (draft && text.trim() && !add.isPending) add.mutate(draft);
      }}
    >
      <Textarea
        label="Add a note" autosize minRows={2} maxLength={4_000} value={text}
        onChange={(event) => changeDraft(itemId, { text: event.currentTarget.value })}
      />
      {text.trim() || mentions.length > 0 ? (
        <MultiSelect
          size="xs" mt={6} label="Mention" description="They find it under: For me to read" searchable placeholder={mentions.length ? "" : "Nobody"}
          data={offered.map((each) => ({ value: String(each.account_id), label: each.name }))} value={mentions.map(String)}
          onChange={(chosen) => changeDraft(itemId, { mentions: chosen.map(Number) })}
        />
      ) : null}
      {add.isError ? <ProblemNote problem={add.error} /> : null}
      <Button type="submit" size="compact-sm" mt={6} mb="md" loading={add.isPending} disabled={!text.trim()}>
        Save note
      </Button>
    </form>
  );
}
