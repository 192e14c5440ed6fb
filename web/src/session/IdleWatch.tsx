/** A session ends after half an hour without a request: a warning before, and the form again after it. */

import { Button, Group, Modal, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { lastAnswered } from "../api/client";
import { fetchSession } from "./session";

const IDLE_MS = 30 * 60_000;
const WARN_MS = 2 * 60_000;

export function IdleWatch({ onEnded }: { onEnded: () => void }) {
  const [left, setLeft] = useState<number | null>(null);

  useEffect(() => {
    const timer = window.setInterval(() => {
      const remaining = lastAnswered() + IDLE_MS - Date.now();
      if (remaining <= 0) onEnded();
      setLeft(remaining > 0 && remaining <= WARN_MS ? remaining : null);
    }, 1_000);
    return () => window.clearInterval(timer);
  }, [onEnded]);

  if (left === null) return null;
  const seconds = Math.ceil(left / 1_000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return (
    <Modal opened onClose={() => void fetchSession()} title="You will be signed out soon" centered>
      <Text size="sm">
        Nothing was asked of the server for 28 minutes. In {clock} the session ends. What you typed stays on the page.
      </Text>
      <Group justify="flex-end" mt="md">
        <Button data-autofocus onClick={() => void fetchSession().then(() => setLeft(null))}>
          Stay signed in
        </Button>
      </Group>
    </Modal>
  );
}
