/** Where messages of alerts go: mail, Slack, webhooks. Addresses and secrets are not shown again. */

import { Button, Group, PasswordInput, Select, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { Confirm } from "../../ui/Confirm";
import { Dialog } from "../../ui/Dialog";
import { moment, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Table } from "../../ui/Table";
import { useAct } from "../settings/useAct";
import { nameOf } from "./definition";
import { useAlertTargets } from "./useAlerts";

type Kind = Schemas["AlertTarget"]["kind"];
const KINDS = [{ value: "email", label: "Mail" }, { value: "slack", label: "Slack or a compatible chat" }, { value: "webhook", label: "Signed webhook" }];

export function Targets() {
  const may = useMay();
  const targets = useAlertTargets();
  const [adds, setAdds] = useState(false);
  const [removed, setRemoved] = useState<string | null>(null);
  const { act, problem, busy } = useAct("figure-alerts");
  const rows = targets.data ?? [];
  async function test(name: string): Promise<void> {
    await act(async () => {
      const sent = dataOf(await api.POST("/api/v1/analytics/alerts/targets/{name}/test", { params: { path: { name } } }));
      const isSent = sent.state === "sent";
      notifications.show({ color: isSent ? "green" : "red", title: isSent ? `${name}: the test was taken` : `${name}: the test was not taken`, message: sent.last_error ?? "" });
    });
  }
  return (
    <section>
      <h2>Who can be told</h2>
      {targets.isError ? <ProblemNote problem={targets.error} onRetry={() => void targets.refetch()} /> : null}
      {problem ? <ProblemNote problem={problem} /> : null}
      {targets.data && rows.length === 0 ? <p className="dim">Nobody yet: alerts are shown in the app alone. A target is a mail address, a chat or a webhook.</p> : null}
      {rows.length > 0 ? (
        <Table
          label="Targets" headings={["Target", "Kind", "Goes to", "Changed", { label: "Acts", hidden: true }]}
          rows={rows.map((each) => ({
            key: each.name,
            cells: [
              `${each.name}${each.is_on ? "" : " (off)"}`, words(each.kind), each.shown, moment(each.changed_at),
              may("analytics.watch") ? (
                <Group gap="xs" key="acts">
                  <Button size="compact-xs" variant="default" loading={busy} onClick={() => void test(each.name)}>Send a test</Button>
                  <Button size="compact-xs" variant="subtle" onClick={() => setRemoved(each.name)}>Remove</Button>
                </Group>
              ) : null,
            ],
          }))}
        />
      ) : null}
      {may("analytics.watch") ? <Button size="compact-sm" variant="default" onClick={() => setAdds(true)}>Add a target</Button> : null}
      {adds ? <TargetForm names={rows.map((each) => each.name)} onClose={() => setAdds(false)} /> : null}
      {removed ? (
        <Confirm
          title={`Remove ${removed}`} what="Nothing is sent there any more. Alerts that name it must be changed first." verb="Remove" onClose={() => setRemoved(null)}
          onYes={async () => {
            await api.DELETE("/api/v1/analytics/alerts/targets/{name}", { params: { path: { name: removed } } });
            await targets.refetch();
          }}
        />
      ) : null}
    </section>
  );
}

function TargetForm({ names, onClose }: { names: readonly string[]; onClose: () => void }) {
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("email");
  const [to, setTo] = useState("");
  const [secret, setSecret] = useState("");
  const { act, problem, busy } = useAct("figure-alerts");
  const addresses = to.split(/[\s,;]+/).filter(Boolean);
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const wanted: Schemas["AlertTarget"] = {
      name: nameOf(name, names), kind, addresses: kind === "email" ? addresses : [], url: kind === "email" ? null : to.trim(),
      secret: kind === "webhook" && secret ? secret : null, is_on: true,
    };
    if (await act(async () => dataOf(await api.POST("/api/v1/analytics/alerts/targets", { body: wanted })))) onClose();
  }
  return (
    <Dialog opened onClose={onClose} title="Add a target" centered>
      <form onSubmit={(event) => void submit(event)} className="form-one">
        <TextInput label="Name" required data-autofocus maxLength={50} description="As alerts name it, such as billing desk" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select label="Kind" data={KINDS} allowDeselect={false} value={kind} onChange={(value) => value && setKind(value as Kind)} />
        <TextInput
          label={kind === "email" ? "Mail addresses" : "Address (https)"} description={kind === "email" ? "With commas between" : "An address of this machine or an inner network needs alerts.inward_hosts"}
          required value={to} onChange={(event) => setTo(event.currentTarget.value)}
        />
        {kind === "webhook" ? <PasswordInput label="Secret" description="With which messages are signed; it is not shown again" autoComplete="off" value={secret} onChange={(event) => setSecret(event.currentTarget.value)} /> : null}
        {problem ? <ProblemNote problem={problem} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={busy} disabled={!name.trim() || !to.trim()}>Add</Button>
        </Group>
      </form>
    </Dialog>
  );
}
