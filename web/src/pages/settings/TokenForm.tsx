/** A new token: of one's own, or credentials of a service. */

import { Button, Group, MultiSelect, NumberInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Dialog } from "../../ui/Dialog";
import { ProblemNote } from "../../ui/ProblemNote";
import { useAct } from "./useAct";
import { Facilities, wantedOf } from "./Facilities";
import { scopesOf, useVocabulary } from "./vocabulary";

export type Wanted = { name: string; label: string; scopes: string[]; days: number; facilities: string[] | null };
type Props = { service?: boolean; onIssue: (wanted: Wanted) => Promise<unknown>; onClose: () => void };

export function TokenForm({ service = false, onIssue, onClose }: Props) {
  const vocabulary = useVocabulary();
  const [name, setName] = useState("");
  const [label, setLabel] = useState("");
  const [scopes, setScopes] = useState<string[]>(["read"]);
  const [days, setDays] = useState(service ? 365 : 90);
  const [facilities, setFacilities] = useState<string[]>([]);
  const { act, problem, busy } = useAct("tokens", "own-tokens");

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (await act(() => onIssue({ name: name.trim(), label: label.trim(), scopes, days, facilities: wantedOf(facilities) }))) onClose();
  }

  return (
    <Dialog opened onClose={onClose} title={service ? "Issue credentials of a service" : "Issue a token"} centered size="lg">
      <form onSubmit={(event) => void submit(event)} className="form-one">
        {service ? <TextInput label="Name of the service" description="The audit log names it" required minLength={2} maxLength={41} data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} /> : null}
        <TextInput label="Label" description="What it is for" required maxLength={100} value={label} onChange={(event) => setLabel(event.currentTarget.value)} />
        <MultiSelect label="May do" description={service ? "Of what a service may do" : "Of what you may do yourself"} data={scopesOf(vocabulary["actions"])} searchable value={scopes} onChange={setScopes} />
        {service ? <Facilities value={facilities} onChange={setFacilities} /> : null}
        <NumberInput label="Days" description="1 to 365" min={1} max={365} value={days} onChange={(value) => setDays(Number(value) || 1)} />
        {problem ? <ProblemNote problem={problem} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={busy} disabled={scopes.length === 0}>Issue</Button>
        </Group>
      </form>
    </Dialog>
  );
}
