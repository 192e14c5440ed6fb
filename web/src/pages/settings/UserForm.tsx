/** A new account, or a change of one. A change names the version that was read: nobody overwrites what they have not seen. */

import { Button, Group, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { Dialog } from "../../ui/Dialog";
import { ProblemNote } from "../../ui/ProblemNote";
import { useAct } from "./useAct";
import { Chosen } from "./Chosen";
import { Facilities, wantedOf } from "./Facilities";
import { useVocabulary } from "./vocabulary";

type Props = { account: Schemas["Account"] | null; onClose: () => void; onLink: (name: string, link: string) => void };

export function UserForm({ account, onClose, onLink }: Props) {
  const vocabulary = useVocabulary();
  const [name, setName] = useState(account?.name ?? "");
  const [roles, setRoles] = useState<string[]>(account?.roles ?? []);
  const [facilities, setFacilities] = useState<string[]>(account?.facilities ?? []);
  const [state, setState] = useState(account?.state ?? "active");
  const { act, problem, busy } = useAct("accounts", "account-names");

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const wanted = wantedOf(facilities);
    const done = await act(async () => {
      if (account === null) {
        const made = dataOf(await api.POST("/api/v1/accounts", { body: { name: name.trim(), roles, facilities: wanted } }));
        onLink(made.account.name, made.link);
        return;
      }
      await api.PATCH("/api/v1/accounts/{account_id}", {
        params: { path: { account_id: account.account_id }, header: { "if-match": `"${account.version}"` } },
        body: { roles, state, every_facility: wanted === null, ...(wanted === null ? {} : { facilities: wanted }) },
      });
    });
    if (done) onClose();
  }

  return (
    <Dialog opened onClose={onClose} title={account ? `Change ${account.name}` : "Add a user"} centered size="lg">
      <form onSubmit={(event) => void submit(event)} className="form-one">
        {account ? null : (
          <TextInput label="Name" description="With which the person signs in" required minLength={2} maxLength={63} autoComplete="off" data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        )}
        <Chosen label="Roles" required of={vocabulary["roles"]} without={["service"]} value={roles} onChange={setRoles} placeholder={roles.length ? "" : "Choose"} />
        <Facilities value={facilities} onChange={setFacilities} />
        {account ? (
          <Select size="sm" label="State" description="Disabling ends every session" allowDeselect={false} data={[{ value: "active", label: "Active" }, { value: "disabled", label: "Disabled" }]} value={state} onChange={(value) => value && setState(value)} />
        ) : null}
        {problem ? <ProblemNote problem={problem} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={busy} disabled={roles.length === 0}>{account ? "Save" : "Add and make a link"}</Button>
        </Group>
      </form>
    </Dialog>
  );
}
