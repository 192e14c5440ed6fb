/** What is to be watched: a figure, a limit or what is usual, and who is told. A change is a new version. */

import { Button, Group, MultiSelect, NumberInput, SegmentedControl, Select, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, dataOf } from "../../api/client";
import { Dialog } from "../../ui/Dialog";
import { words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { useDefinitions } from "../analytics/useKpi";
import { named } from "../analytics/views";
import { useAct } from "../settings/useAct";
import { type Definition, definitionOf, EMPTY, nameOf, problemOf, type Typed, typedOf, unitLabel } from "./definition";
import { useAlertTargets } from "./useAlerts";

const SIDES = [
  { value: "worse", label: "On the side that is bad" }, { value: "both", label: "On both sides" }, { value: "up", label: "Upward" }, { value: "down", label: "Downward" },
];
const SENSITIVITIES = [
  { value: "low", label: "Low: only large breaks" }, { value: "normal", label: "Normal" }, { value: "high", label: "High: more of both" },
];
const SEVERITIES = [{ value: "info", label: "Info" }, { value: "warning", label: "Warning" }, { value: "critical", label: "Critical" }];

type Props = { before: Definition | null; names: readonly string[]; onClose: () => void };

export function AlertForm({ before, names, onClose }: Props) {
  const figures = useDefinitions();
  // The unit of the figure says how its limits are typed.
  return figures.data || figures.isError ? <Form before={before} names={names} onClose={onClose} figures={figures.data ?? []} /> : null;
}

type Figures = NonNullable<ReturnType<typeof useDefinitions>["data"]>;

function Form({ before, names, onClose, figures }: Props & { figures: Figures }) {
  const unitOf = (kpi: string): string | undefined => figures.find((each) => each.name === kpi)?.unit;
  const [typed, setTyped] = useState<Typed>(() => (before ? typedOf(before, unitOf(before.kpi)) : EMPTY));
  const { act, problem, busy } = useAct("figure-alerts");
  const targets = (useAlertTargets().data ?? []).map((each) => each.name);
  const unit = unitOf(typed.kpi);
  const figure = figures.find((each) => each.name === typed.kpi);
  const lacks = problemOf(typed, unit);
  const set = (change: Partial<Typed>): void => setTyped((now) => ({ ...now, ...change }));

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (lacks) return;
    const name = before?.name ?? nameOf(typed.title || figure?.title || typed.kpi, names);
    const done = await act(async () => dataOf(await api.POST("/api/v1/analytics/alerts/configure", { body: definitionOf(typed, unit, name, before) })));
    if (done) onClose();
  }

  return (
    <Dialog opened onClose={onClose} title={before ? `Change ${words(before.name)}` : "Watch a figure"} centered size="lg">
      <form onSubmit={(event) => void submit(event)} className="form-one">
        <Select
          label="Figure" required searchable openOnFocus={false} data-autofocus={!before || undefined} value={typed.kpi || null}
          data={figures.filter((each) => !each.withheld).map((each) => ({ value: each.name, label: each.title }))} description={figure?.definition}
          onChange={(kpi) => set({ kpi: kpi ?? "", by: [] })}
        />
        <TextInput label="Title" description="Empty: that of the figure" maxLength={100} value={typed.title} onChange={(event) => set({ title: event.currentTarget.value })} />
        <MultiSelect label="Each by itself" description="One alert for each payer, facility or other group; empty: as a whole" searchable data={(figure?.dimensions ?? []).map((value) => ({ value, label: named(value) }))} value={typed.by} onChange={(by) => set({ by })} />
        <SegmentedControl
          aria-label="When it alarms" data={[{ value: "unusual", label: "When a day is unusual" }, { value: "threshold", label: "Beyond a limit" }]} value={typed.kind}
          onChange={(kind) => set({ kind: kind === "threshold" ? "threshold" : "unusual" })}
        />
        {typed.kind === "threshold" ? (
          <Group grow align="flex-start">
            <TextInput label={`Above, in ${unitLabel(unit)}`} inputMode="decimal" value={typed.above} onChange={(event) => set({ above: event.currentTarget.value })} />
            <TextInput label={`Below, in ${unitLabel(unit)}`} inputMode="decimal" value={typed.below} onChange={(event) => set({ below: event.currentTarget.value })} />
            <NumberInput label="Over the last days" min={1} max={366} allowDecimal={false} value={typed.days} onChange={(days) => set({ days: Number(days) || 1 })} />
          </Group>
        ) : (
          <Group grow align="flex-start">
            <Select label="Which side" data={SIDES} allowDeselect={false} value={typed.side} onChange={(side) => side && set({ side: side as Typed["side"] })} />
            <Select label="Sensitivity" data={SENSITIVITIES} allowDeselect={false} value={typed.sensitivity} onChange={(value) => value && set({ sensitivity: value as Typed["sensitivity"] })} />
          </Group>
        )}
        <Group grow align="flex-start">
          <NumberInput label="At least so many claims" description="Fewer are not judged" min={1} allowDecimal={false} value={typed.minimum} onChange={(minimum) => set({ minimum: Number(minimum) || 1 })} />
          <Select label="Severity" description="How it is shown and told" data={SEVERITIES} allowDeselect={false} value={typed.severity} onChange={(value) => value && set({ severity: value as Typed["severity"] })} />
        </Group>
        <MultiSelect label="Who is told" description="The app shows every alert" placeholder={typed.targets.length ? "" : targets.length ? "The app alone" : "No target is set up yet"} data={targets} value={typed.targets} onChange={(chosen) => set({ targets: chosen })} />
        <NumberInput label="Told again every so many hours" description="While it goes on; empty: once" min={1} max={720} allowDecimal={false} value={typed.remindHours ?? ""} onChange={(hours) => set({ remindHours: Number(hours) || null })} />
        <Switch label="Quiet hours" checked={typed.quiet !== null} onChange={(event) => set({ quiet: event.currentTarget.checked ? { zone: Intl.DateTimeFormat().resolvedOptions().timeZone, begins: "18:00", ends: "07:00" } : null })} />
        {typed.quiet ? (
          <Group grow align="flex-start">
            <TextInput type="time" label="From" value={typed.quiet.begins} onChange={(event) => typed.quiet && set({ quiet: { ...typed.quiet, begins: event.currentTarget.value } })} />
            <TextInput type="time" label="To" value={typed.quiet.ends} onChange={(event) => typed.quiet && set({ quiet: { ...typed.quiet, ends: event.currentTarget.value } })} />
            <TextInput label="Time zone" value={typed.quiet.zone} onChange={(event) => typed.quiet && set({ quiet: { ...typed.quiet, zone: event.currentTarget.value } })} />
          </Group>
        ) : null}
        <Switch label="Escalate if nobody acknowledges" checked={typed.escalation !== null} disabled={targets.length === 0} onChange={(event) => set({ escalation: event.currentTarget.checked ? { minutes: 60, targets: [] } : null })} />
        {typed.escalation ? (
          <Group grow align="flex-start">
            <NumberInput label="After minutes" min={1} max={43_200} allowDecimal={false} value={typed.escalation.minutes} onChange={(minutes) => typed.escalation && set({ escalation: { ...typed.escalation, minutes: Number(minutes) || 1 } })} />
            <MultiSelect label="Then told" data={targets} value={typed.escalation.targets} onChange={(chosen) => typed.escalation && set({ escalation: { ...typed.escalation, targets: chosen } })} />
          </Group>
        ) : null}
        <Switch label="On" description="Off: kept, and not evaluated" checked={typed.isOn} onChange={(event) => set({ isOn: event.currentTarget.checked })} />
        {problem ? <ProblemNote problem={problem} /> : null}
        <Group justify="flex-end">
          {lacks ? <span className="dim" role="status">{lacks}</span> : null}
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={busy} disabled={lacks !== null}>Save</Button>
        </Group>
      </form>
    </Dialog>
  );
}
