/** The saved views of a list: open one, save the filters of now under a name, remove one. */

import { Button, CloseButton, Group, Menu, Text, TextInput } from "@mantine/core";
import { useLocation, useRouter } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { SECTIONS } from "../shell/sections";
import { Dialog } from "../ui/Dialog";
import { ProblemNote } from "../ui/ProblemNote";
import { addressOf, pathOf, takenBy, viewAt } from "./addresses";
import { useViewActs, useViews } from "./useViews";

export function SavedViews() {
  const router = useRouter();
  const here = useLocation({ select: (location) => addressOf(location.pathname, location.searchStr) });
  const { data, error, refetch } = useViews();
  const [edits, setEdits] = useState(false);
  const mine = (data?.views ?? []).filter((view) => pathOf(view.address) === pathOf(here));
  const current = viewAt(mine, here);

  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="subtle" color="gray" size="compact-sm">
            {current ? `View: ${current.name}` : "Views"}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {mine.map((view) => (
            <Menu.Item key={view.view_id} onClick={() => router.history.push(view.address)}>
              {view.name}
            </Menu.Item>
          ))}
          {data && mine.length === 0 ? <Menu.Label>No saved views of this list yet</Menu.Label> : null}
          {error && !data ? (
            <>
              <Menu.Label>Your views could not be fetched. {error.message}</Menu.Label>
              <Menu.Item closeMenuOnClick={false} onClick={() => void refetch()}>Try again</Menu.Item>
            </>
          ) : null}
          <Menu.Divider />
          <Menu.Item onClick={() => setEdits(true)}>Save or remove views</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {edits ? <Edit here={here} name={current?.name ?? ""} onClose={() => setEdits(false)} /> : null}
    </>
  );
}

function Edit({ here, name: given, onClose }: { here: string; name: string; onClose: () => void }) {
  const { data, error, refetch } = useViews();
  const { save, remove } = useViewActs();
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(given);
  const [problem, setProblem] = useState<unknown>(null);
  const views = data?.views ?? [];
  const mine = views.filter((view) => pathOf(view.address) === pathOf(here));
  const taken = takenBy(views, name.trim(), here);

  async function act(doing: () => Promise<void>, then: () => void = () => undefined): Promise<void> {
    setProblem(null);
    try {
      await doing();
      then();
    } catch (error) {
      setProblem(error);
    }
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (name.trim() && !taken) void act(() => save(name.trim(), here), onClose);
  }

  return (
    <Dialog opened onClose={onClose} title="Saved views" centered>
      <form onSubmit={submit}>
        <TextInput
          label="Name" description="Keeps the filters and the order of this list, for you. The same name takes the place of the view that had it."
          ref={field} data-autofocus required maxLength={60} value={name} onChange={(event) => setName(event.currentTarget.value)}
          error={taken ? `A view of ${listOf(taken.address)} has this name. Choose another one.` : null}
        />
        <Group justify="flex-end" mt="md" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!data}>Save view</Button>
        </Group>
      </form>
      {mine.map((view) => (
        <Group key={view.view_id} justify="space-between" mt="xs">
          <Text size="sm">{view.name}</Text>
          <CloseButton aria-label={`Remove ${view.name}`} onClick={() => void act(() => remove(view), () => field.current?.focus())} />
        </Group>
      ))}
      {error && !data ? <ProblemNote problem={error} onRetry={() => void refetch()} /> : null}
      {problem ? <ProblemNote problem={problem} /> : null}
    </Dialog>
  );
}

/** What the list of an address is called. */
function listOf(address: string): string {
  const path = pathOf(address);
  return SECTIONS.find((section) => path === section.path || path.startsWith(`${section.path}/`))?.label ?? "another list";
}
