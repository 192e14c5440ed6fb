/** The first-run tour: five steps, which Escape or Skip ends for good. It covers nothing and takes no key from the page. */

import { Button, Dialog, Group, Text } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import { isDialogOpen, isTyping } from "../ui/secondKey";
import { useViewActs, useViews } from "./useViews";

type Step = { title: string; text: string; at: string };

const STEPS: readonly Step[] = [
  {
    title: "Start in the work queue",
    text: "Everything that waits for a person is in one list, what is worth most and due soonest first. Arrow keys move, Enter opens, E fixes.",
    at: 'nav a[href="/queue"]',
  },
  {
    title: "Find by any number",
    text: "Press / and type the number of a claim, the payer's number of it, a member ID, or the number of a check or EFT.",
    at: ".top-search input",
  },
  {
    title: "One facility, one period",
    text: "What you choose here holds on every page, stands in the address, and is kept with a saved view.",
    at: ".top .scope input",
  },
  {
    title: "Everything has a key",
    text: "Press ? for the keys of this page, and Ctrl K to go anywhere or do anything.",
    at: '[aria-label="Keys"]',
  },
  {
    title: "Every number explains itself",
    text: "Point at a figure, a state or a finding and it says what it means. Help at the foot has the whole documentation, also offline.",
    at: 'footer a[href="/help"]',
  },
];

export function Tour() {
  const { data } = useViews();
  const { endTour } = useViewActs();
  const [at, setAt] = useState(0);
  const [isOver, setIsOver] = useState(false);
  const isShown = data?.has_toured === false && !isOver;
  // A person may not see the queue, and a narrow window has no rail: the tour is of what is there.
  const steps = isShown ? STEPS.filter((step) => isInSight(document.querySelector(step.at))) : [];
  const step = steps[at];

  useEffect(() => {
    const target = step ? document.querySelector(step.at) : null;
    target?.classList.add("toured");
    return () => target?.classList.remove("toured");
  }, [step]);

  const end = useCallback((): void => {
    setIsOver(true);
    // Nothing is lost if this fails: the tour is offered once more at the next sign-in.
    endTour().catch(() => undefined);
  }, [endTour]);

  const hasStep = step !== undefined;
  useEffect(() => {
    if (!hasStep) return undefined;
    const listen = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || isTyping(event.target) || isDialogOpen() || document.querySelector('[role="menu"]')) return;
      // Whatever else the key closes goes first: a panel, then the tour.
      window.setTimeout(() => event.defaultPrevented || end());
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [hasStep, end]);

  if (!isShown || !step) return null;
  const isLast = at === steps.length - 1;
  return (
    <Dialog opened role="region" aria-label="Tour" position={{ bottom: 36, right: 16 }} size="md" shadow="md" withBorder>
      <Text size="xs" c="dimmed">
        {at + 1} of {steps.length}
      </Text>
      <Text fw={600}>{step.title}</Text>
      <Text size="sm" mt={4}>
        {step.text}
      </Text>
      <Group justify="flex-end" gap="sm" mt="sm">
        {isLast ? null : (
          <Button variant="default" size="compact-sm" onClick={end}>
            Skip
          </Button>
        )}
        <Button size="compact-sm" onClick={isLast ? end : () => setAt(at + 1)}>
          {isLast ? "Done" : "Next"}
        </Button>
      </Group>
    </Dialog>
  );
}

/** Whether a person sees it: a rail that is closed stands beside the window. */
function isInSight(target: Element | null): boolean {
  if (!target?.checkVisibility()) return false;
  const { left, right, width } = target.getBoundingClientRect();
  return width > 0 && right > 0 && left < window.innerWidth;
}
