/** Asks for the reason of an act before it is done; the audit log keeps it. */

import { Button, Group, Text, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { newKey } from "../api/client";
import { Dialog } from "./Dialog";
import { ProblemNote } from "./ProblemNote";

type Props = {
  title: string;
  what: ReactNode;
  verb: string;
  /** Reasons that people here usually give, one key each. */
  usual?: readonly string[];
  onClose: () => void;
  /** @param key of this dialog: an act that is sent again with it, since its answer was lost, is done once */
  onReason: (reason: string, key: string) => Promise<unknown>;
};

export function Reason({ title, what, verb, usual = [], onClose, onReason }: Props) {
  const [key] = useState(newKey);
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const isShort = reason.trim().length < 8;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (isShort || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await onReason(reason.trim(), key);
      onClose();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog opened onClose={onClose} title={title} centered>
      <form onSubmit={(event) => void submit(event)}>
        <Text size="sm" component="div" mb="sm">
          {what}
        </Text>
        <TextInput
          label="Reason" description="8 to 200 characters, about the work and not about the patient; the audit log keeps it."
          data-autofocus required maxLength={200} list="usual-reasons" value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <datalist id="usual-reasons">
          {usual.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        {problem ? <ProblemNote problem={problem} /> : null}
        <Group justify="flex-end" mt="md" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={isShort}>
            {verb}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
