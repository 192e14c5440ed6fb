/** Two versions of a template side by side: which of them overturns more denials, and when that is known. */

import { Anchor, Button, Group, NumberInput, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { Confirm } from "../../ui/Confirm";
import { Dialog } from "../../ui/Dialog";
import { count, counted, day, percent, words } from "../../ui/format";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { Table } from "../../ui/Table";
import { useAct } from "../settings/useAct";

type Experiment = Schemas["ExperimentInFull"];
const KEY = "experiments";

export function ExperimentsPage() {
  const may = useMay();
  const [starts, setStarts] = useState(false);
  const [ended, setEnded] = useState<Experiment | null>(null);
  const found = useQuery({ queryKey: [KEY], queryFn: async () => dataOf(await api.GET("/api/v1/experiments")) });
  const rows = found.data ?? [];
  return (
    <Page
      title="Experiments" summary={found.isSuccess ? counted(rows.length, "experiment") : ""} hasViews={false}
      actions={
        <>
          <Anchor renderRoot={(given) => <Link to="/appeals" {...given} />}>All appeals</Anchor>
          {may("templates.change") ? <Button size="compact-sm" onClick={() => setStarts(true)}>Start an experiment</Button> : null}
        </>
      }
    >
      <div className="read">
        <p>
          New cases are divided between two versions of a template. An experiment stops by itself once the difference is certain enough, or after its number of pairs.{" "}
          <Anchor inherit renderRoot={(given) => <Link to="/help/$page" params={{ page: "appeals" }} {...given} />}>How it decides</Anchor>
        </p>
        {found.isError ? <ProblemNote problem={found.error} onRetry={() => void found.refetch()} /> : null}
        {found.isSuccess && rows.length === 0 ? <p className="dim">No experiment yet. It needs a template with two approved versions.</p> : null}
        {rows.map((each) => (
          <section key={each.experiment_id} aria-label={each.experiment_id}>
            <h2>
              {words(each.experiment_id)} <Status tone={each.state === "running" ? "person" : "done"}>{words(each.state)}</Status>
            </h2>
            <p>
              {each.template_id}, since {day(each.started_at)}. {each.result ? `Result: ${words(each.result)}. ` : ""}
              {count(each.pairs)} of at most {counted(each.most_pairs, "pair")} decided; evidence {each.evidence.toFixed(2)} of the {each.stops_at.toFixed(2)} at which it stops ({each.error_percent}% chance of stopping for nothing).
            </p>
            <Table
              label={`Versions of ${each.template_id}`} headings={["Version", { label: "Cases", numeric: true }, { label: "Decided", numeric: true }, { label: "Overturned", numeric: true }, { label: "Share", numeric: true, meaning: "Of those that are decided" }]}
              rows={each.arms.map((arm) => ({
                key: arm.arm, cells: [`${arm.arm.toUpperCase()}: version ${arm.version}`, count(arm.cases), count(arm.decided), count(arm.overturned), arm.decided ? percent(arm.overturned / arm.decided) : ""],
              }))}
            />
            {each.state === "running" && may("templates.change") ? <Button size="compact-sm" variant="default" onClick={() => setEnded(each)}>End it now</Button> : null}
          </section>
        ))}
      </div>
      {starts ? <StartForm onClose={() => setStarts(false)} /> : null}
      {ended ? (
        <Confirm
          title={`End ${words(ended.experiment_id)}`} what="Its cases keep their letters. New cases use the active version again." verb="End" onClose={() => setEnded(null)}
          onYes={async () => {
            await api.POST("/api/v1/experiments/{experiment_id}/ending", { params: { path: { experiment_id: ended.experiment_id } } });
            await found.refetch();
          }}
        />
      ) : null}
    </Page>
  );
}

function StartForm({ onClose }: { onClose: () => void }) {
  const files = useQuery({ queryKey: ["templates", "template"], queryFn: async () => dataOf(await api.GET("/api/v1/templates", { params: { query: { kind: "template" } } })) });
  const [name, setName] = useState("");
  const [template, setTemplate] = useState<string | null>(null);
  const [one, setOne] = useState<string | null>(null);
  const [other, setOther] = useState<string | null>(null);
  const [error, setError] = useState(5);
  const [most, setMost] = useState(400);
  const { act, problem, busy } = useAct(KEY);
  const versions = (files.data ?? []).filter((each) => each.file_id === template);
  const several = [...new Set((files.data ?? []).map((each) => each.file_id))].filter((id) => (files.data ?? []).filter((each) => each.file_id === id).length > 1);
  const id = name.trim().toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  const isReady = id.length >= 3 && template !== null && one !== null && other !== null && one !== other;
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!isReady) return;
    const body = { experiment_id: id, template_id: template, version_a: Number(one), version_b: Number(other), error_percent: error, most_pairs: most };
    if (await act(async () => dataOf(await api.POST("/api/v1/experiments", { body })))) onClose();
  }
  const options = versions.map((each) => ({ value: String(each.version), label: `Version ${each.version} (${words(each.state)})` }));
  return (
    <Dialog opened onClose={onClose} title="Start an experiment" centered>
      <form onSubmit={(event) => void submit(event)} className="form-one">
        {files.isError ? <ProblemNote problem={files.error} /> : null}
        <TextInput label="Name" required data-autofocus maxLength={60} description="Letters, digits and blanks" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select
          label="Template" required searchable data={several} value={template} onChange={(next) => { setTemplate(next); setOne(null); setOther(null); }}
          description={files.isSuccess && several.length === 0 ? "No template has two versions yet" : "Those with more than one version"}
        />
        <Group grow>
          <Select label="Version A" required data={options} disabled={template === null} value={one} onChange={setOne} />
          <Select label="Version B" required data={options} disabled={template === null} value={other} onChange={setOther} error={one !== null && one === other ? "Choose another one" : null} />
        </Group>
        <NumberInput label="Chance of stopping for nothing, in percent" min={1} max={20} allowDecimal={false} value={error} onChange={(value) => setError(Number(value) || 5)} />
        <NumberInput label="Gives up after so many pairs" min={10} max={100_000} allowDecimal={false} value={most} onChange={(value) => setMost(Number(value) || 400)} />
        {problem ? <ProblemNote problem={problem} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={busy} disabled={!isReady}>Start</Button>
        </Group>
      </form>
    </Dialog>
  );
}
