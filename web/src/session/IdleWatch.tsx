/** A session ends after half an hour without a person: a warning before, and the form again after it. */

import { Button, Group, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { api, lastAnswered } from "../api/client";
import { Dialog } from "../ui/Dialog";
import { idleAt } from "./idle";
import { fetchSession } from "./session";
import { openWindows, tellSignedOut } from "./windows";

const SIGNS = ["pointerdown", "pointermove", "click", "keydown", "wheel"] as const;
const TELL_MS = 10_000;

export function IdleWatch({ onEnded }: { onEnded: () => void }) {
  const [left, setLeft] = useState<number | null>(null);
  const isWarning = useRef(false);
  isWarning.current = left !== null;

  useEffect(() => {
    let acted = Date.now();
    let told = 0;
    let touched = 0;
    let before = acted;
    // Somebody who is at work in another window is at work.
    const windows = openWindows(() => {
      acted = Date.now();
    });
    const act = (event: Event): void => {
      // A pointer that moves must not take the warning from under itself.
      if (isWarning.current && event.type === "pointermove") return;
      acted = Date.now();
      if (acted - told < TELL_MS) return;
      told = acted;
      windows.tell("acted");
    };
    for (const sign of SIGNS) window.addEventListener(sign, act, { capture: true, passive: true });
    const timer = window.setInterval(() => {
      const now = Date.now();
      const idle = idleAt({ now, before, acted, answered: Math.max(lastAnswered(), touched) });
      before = now;
      setLeft(idle.left);
      if (idle.isOver) {
        // Should the server not be reached, its own clock ends the session.
        api.DELETE("/api/v1/session").catch(() => undefined);
        tellSignedOut();
        onEnded();
      } else if (idle.isTouchDue) {
        touched = now;
        // A session that has ended is told by the client; anything else is tried again later.
        fetchSession().catch(() => undefined);
      }
    }, 1_000);
    return () => {
      window.clearInterval(timer);
      for (const sign of SIGNS) window.removeEventListener(sign, act, { capture: true });
      windows.close();
    };
  }, [onEnded]);

  if (left === null) return null;
  const seconds = Math.ceil(left / 1_000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  // Any click or key is heard above; the next second takes the warning away.
  return (
    <Dialog opened onClose={() => setLeft(null)} title="You will be signed out soon" centered>
      <Text size="sm">
        You have not used this page for 28 minutes. In {clock} the session ends. What you typed stays on the page.
      </Text>
      <Group justify="flex-end" mt="md">
        <Button data-autofocus onClick={() => setLeft(null)}>
          Stay signed in
        </Button>
      </Group>
    </Dialog>
  );
}
