/** Passkeys: sign-in without a password, kept by a device or a security key. */

import { Button, Group, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, dataOf, type Schemas } from "../../../api/client";
import { addPasskey } from "../../../session/addPasskey";
import { fetchSession, SESSION_KEY } from "../../../session/session";
import { Confirm } from "../../../ui/Confirm";
import { day, moment } from "../../../ui/format";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Table } from "../../../ui/Table";
import { useAct } from "../useAct";

type Passkey = Schemas["Passkey"];

export function Passkeys() {
  const queries = useQueryClient();
  const [label, setLabel] = useState("");
  const [asked, setAsked] = useState<Passkey | null>(null);
  const { act, problem, busy } = useAct("own-passkeys");
  const passkeys = useQuery({ queryKey: ["own-passkeys"], queryFn: async () => dataOf(await api.GET("/api/v1/own/passkeys")) });
  const rows = passkeys.data ?? [];

  async function add(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (await act(() => addPasskey(label.trim()))) {
      setLabel("");
      queries.setQueryData(SESSION_KEY, await fetchSession());
    }
  }
  async function remove(): Promise<void> {
    if (!asked) return;
    await api.DELETE("/api/v1/own/passkeys/{passkey_id}", { params: { path: { passkey_id: asked.passkey_id } } });
    await queries.invalidateQueries({ queryKey: ["own-passkeys"] });
    queries.setQueryData(SESSION_KEY, await fetchSession());
  }

  return (
    <section>
      <h2>Passkeys</h2>
      {passkeys.isError ? <ProblemNote problem={passkeys.error} onRetry={() => void passkeys.refetch()} /> : null}
      {rows.length > 0 ? (
        <Table
          label="Passkeys" headings={["Name", "Added", "Used", "Kept", { label: "Acts", hidden: true }]}
          rows={rows.map((each) => ({
            key: each.passkey_id,
            cells: [
              each.label, day(each.created_at), each.used_at ? moment(each.used_at) : "Never", each.is_backed_up ? "With a copy elsewhere" : "On one device",
              <Button key="remove" size="compact-xs" variant="default" onClick={() => setAsked(each)}>Remove</Button>,
            ],
          }))}
        />
      ) : passkeys.isSuccess ? <p className="dim">None. A passkey signs you in without a password, and can't be given away by mistake.</p> : null}
      <form onSubmit={(event) => void add(event)}>
        <Group align="end" mt="xs">
          <TextInput size="xs" label="Name of a new passkey" placeholder="Laptop at work" maxLength={100} value={label} onChange={(event) => setLabel(event.currentTarget.value)} />
          <Button type="submit" size="xs" variant="default" loading={busy} disabled={!label.trim()}>Add a passkey</Button>
        </Group>
      </form>
      {problem ? <ProblemNote problem={problem} /> : null}
      {asked ? <Confirm title={`Remove ${asked.label}`} verb="Remove" what="It no longer signs you in. Remove it from the device as well." onClose={() => setAsked(null)} onYes={remove} /> : null}
    </section>
  );
}
