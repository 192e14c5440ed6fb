/** Sets a password with a link that an administrator gave, or that was printed when the server was set up. */

import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api } from "../api/client";

export function UseLink({ onDone }: { onDone: (name: string) => void }) {
  const [link, setLink] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await api.POST("/api/v1/session/link", { body: { link: link.trim(), name: name.trim(), password } });
      onDone(name.trim());
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "The password was not set. Try again.");
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        {problem ? <Alert color="red" role="alert" title="Not set">{problem}</Alert> : null}
        <TextInput label="Link" description="The whole of it; it works once" required autoComplete="off" value={link} onChange={(event) => setLink(event.currentTarget.value)} />
        <TextInput label="Name" required autoComplete="username" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <PasswordInput
          label="New password" required autoComplete="new-password" value={password} visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy}>Set the password</Button>
      </Stack>
    </form>
  );
}
