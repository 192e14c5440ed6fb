/** A secret that is shown this once: it is in memory only, and gone when the window is closed. */

import { Button, CopyButton, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Dialog } from "../../ui/Dialog";

type Props = { title: string; secret: string; children: ReactNode; onClose: () => void };

export function Once({ title, secret, children, onClose }: Props) {
  return (
    <Dialog opened onClose={onClose} title={title} centered closeOnClickOutside={false} closeOnEscape={false} size="lg">
      <Text size="sm" component="div">{children}</Text>
      <pre className="sql secret" tabIndex={0}>{secret}</pre>
      <Group justify="flex-end" mt="md">
        <CopyButton value={secret}>
          {({ copied, copy }) => <Button variant="default" onClick={copy}>{copied ? "Copied" : "Copy"}</Button>}
        </CopyButton>
        <Button onClick={onClose}>I have kept it</Button>
      </Group>
    </Dialog>
  );
}
