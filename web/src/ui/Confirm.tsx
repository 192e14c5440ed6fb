/** Asks once more before an act that nobody undoes with one key; for acts that want no reason. */

import { Button, Group, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { newKey } from "../api/client";
import { Dialog } from "./Dialog";
import { ProblemNote } from "./ProblemNote";

type Props = {
  title: string;
  what: ReactNode;
  verb: string;
  onClose: () => void;
  /** @param key of this dialog: an act that is sent again with it, since its answer was lost, is done once */
  onYes: (key: string) => Promise<unknown>;
};

export function Confirm({ title, what, verb, onClose, onYes }: Props) {
  const [key] = useState(newKey);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  async function act(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await onYes(key);
      onClose();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog opened onClose={onClose} title={title} centered>
      <Text size="sm" component="div">{what}</Text>
      {problem ? <ProblemNote problem={problem} /> : null}
      <Group justify="flex-end" mt="md" gap="sm">
        <Button variant="default" onClick={onClose}>Cancel</Button>
        <Button data-autofocus loading={busy} onClick={() => void act()}>{verb}</Button>
      </Group>
    </Dialog>
  );
}
