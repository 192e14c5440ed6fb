/** Takes a service line away: which one, what leaves with it, and that the total has to follow. Nothing is saved yet. */

import { Button, Menu } from "@mantine/core";
import { useState } from "react";
import { Confirm } from "../../../ui/Confirm";
import type { Dictionary } from "../dictionary";
import { lineText, whatLeaves } from "../repairs/leaving";
import type { Content } from "../repairs/repairs";

type Props = { content: Content; removed: readonly number[]; dictionary: Dictionary; onRemove: (line: number) => void };

export function RemoveLine({ content, removed, dictionary, onRemove }: Props) {
  const [asks, setAsks] = useState<number | null>(null);
  const stay = (content["lines"] ?? []).filter((row) => !removed.includes(Number(row["line"])));
  return (
    <>
      <Menu position="top-start" shadow="md">
        <Menu.Target>
          <Button size="xs" variant="default" mt="xs" disabled={stay.length < 2} title={stay.length < 2 ? "A claim keeps at least one service line" : undefined}>
            Remove a service line
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {stay.map((row) => (
            <Menu.Item key={String(row["line"])} onClick={() => setAsks(Number(row["line"]))}>
              {lineText(row)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {asks === null ? null : (
        <Confirm
          title={`Remove service line ${asks}`} verb="Remove it" what={<Leaving content={content} line={asks} dictionary={dictionary} />}
          onClose={() => setAsks(null)} onYes={async () => onRemove(asks)}
        />
      )}
    </>
  );
}

function Leaving({ content, line, dictionary }: { content: Content; line: number; dictionary: Dictionary }) {
  const { values, rows } = whatLeaves(content, line, dictionary);
  return (
    <>
      <p>This leaves the claim: {values.join(" · ")}.</p>
      {rows.length > 0 ? <p>With it: {rows.join(", ")}.</p> : null}
      <p>The lines after it move up, and the total charge has to follow: the form offers the new sum. Until you save, the line can be put back.</p>
    </>
  );
}
