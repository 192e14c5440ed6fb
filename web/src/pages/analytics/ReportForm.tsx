/** A report that is to be scheduled. */

import { Button, Group, MultiSelect, NumberInput, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Schemas } from "../../api/client";
import { Dialog } from "../../ui/Dialog";
import { ProblemNote } from "../../ui/ProblemNote";
import { useAct } from "../settings/useAct";
import { named, type Sheet } from "./views";

type Wanted = Schemas["ReportWanted"];
type Props = { sheets: readonly Sheet[]; onSchedule: (wanted: Wanted) => Promise<unknown>; onClose: () => void };

const PERIODS = [
  { value: "yesterday", label: "Yesterday" }, { value: "last_week", label: "Last week" },
  { value: "last_month", label: "Last month" }, { value: "last_30_days", label: "Last 30 days" },
];
const EVERY = [{ value: "day", label: "Every day" }, { value: "week", label: "Every Monday" }, { value: "month", label: "On the first of a month" }];
const FORMATS = [{ value: "pdf", label: "PDF" }, { value: "csv", label: "CSV" }, { value: "xlsx", label: "Excel" }];

export function ReportForm({ sheets, onSchedule, onClose }: Props) {
  const [title, setTitle] = useState("");
  const [kpis, setKpis] = useState<string[]>([]);
  const [by, setBy] = useState<string | null>(null);
  const [period, setPeriod] = useState<Wanted["period"]>("last_month");
  const [every, setEvery] = useState<Wanted["every"]>("month");
  const [hour, setHour] = useState(6);
  const [format, setFormat] = useState<Wanted["format"]>("pdf");
  const [to, setTo] = useState("");
  const { act, problem, busy } = useAct("reports");
  const own = sheets.filter((sheet) => sheet.withheld === null);
  const dimensions = [...new Set(own.filter((sheet) => kpis.includes(sheet.name)).flatMap((sheet) => sheet.dimensions))].sort();
  const recipients = to.split(/[\s,;]+/).filter(Boolean);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const wanted: Wanted = {
      title: title.trim(), kpis, group_by: by, period, every, hour, format, recipients, target: recipients.length ? "mail" : "objects",
    };
    if (await act(() => onSchedule(wanted))) onClose();
  }

  return (
    <Dialog opened onClose={onClose} title="Schedule a report" centered size="lg">
      <form onSubmit={(event) => void submit(event)} className="form-one">
        <TextInput label="Title" description="The subject of the mail: no patient data" required minLength={3} maxLength={80} data-autofocus value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
        <MultiSelect label="Figures" searchable data={own.map((sheet) => ({ value: sheet.name, label: sheet.title }))} value={kpis} onChange={setKpis} />
        <Select label="By" description="Each figure as a whole, and broken down if it can be" clearable data={dimensions.map((value) => ({ value, label: named(value) }))} value={by} onChange={setBy} />
        <Select label="Period" data={PERIODS} allowDeselect={false} value={period} onChange={(value) => value && setPeriod(value as Wanted["period"])} />
        <Select label="When" data={EVERY} allowDeselect={false} value={every} onChange={(value) => value && setEvery(value as Wanted["every"])} />
        <NumberInput label="Hour" description="0 to 23, of the office" min={0} max={23} value={hour} onChange={(value) => setHour(Number(value) || 0)} />
        <Select label="Format" data={FORMATS} allowDeselect={false} value={format} onChange={(value) => value && setFormat(value as Wanted["format"])} />
        <TextInput label="Mail addresses" description="With commas between; empty for object storage" value={to} onChange={(event) => setTo(event.currentTarget.value)} />
        {problem ? <ProblemNote problem={problem} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={busy} disabled={kpis.length === 0}>Schedule</Button>
        </Group>
      </form>
    </Dialog>
  );
}
