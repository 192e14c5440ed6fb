/** The load of a published file. A file with anything wrong is refused whole, and what was in force stays so. */

import { Button, FileInput, Group, Switch, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { csrfToken, demandSuccess, type Schemas } from "../../api/client";
import { Dialog } from "../../ui/Dialog";
import { bytes, count, day } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { useAct } from "./useAct";

export function EditionForm({ dataset, onClose }: { dataset: Schemas["Dataset"]; onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [partial, setPartial] = useState(false);
  const [loaded, setLoaded] = useState<Schemas["LoadedEdition"] | null>(null);
  const { act, problem, busy } = useAct("reference");

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!file) return;
    await act(async () => {
      const asked = new URLSearchParams({ file: file.name, partial: String(partial) });
      if (from) asked.set("effective_from", from);
      if (to) asked.set("effective_to", to);
      // The file itself is the body: it may be large, and is read from the disk as it is sent.
      const answer = await fetch(`/api/v1/reference/${encodeURIComponent(dataset.dataset)}/editions?${asked.toString()}`, {
        method: "POST", body: file, headers: { "Content-Type": "application/octet-stream", "X-CSRF-Token": csrfToken() },
      });
      await demandSuccess(answer);
      setLoaded((await answer.json()) as Schemas["LoadedEdition"]);
    });
  }

  return (
    <Dialog opened onClose={onClose} title={`Load: ${dataset.title}`} centered size="lg">
      {loaded ? (
        <>
          <p>
            <Status tone="done">Loaded.</Status> Edition {loaded.version}, {count(loaded.rows)} rows
            {loaded.effective_from ? `, from ${day(loaded.effective_from)}` : ""}{loaded.effective_to ? ` to ${day(loaded.effective_to)}` : ""}.
            Runs that begin from now on use it.
          </p>
          <Group justify="flex-end"><Button onClick={onClose}>Close</Button></Group>
        </>
      ) : (
        <form onSubmit={(event) => void submit(event)} className="form-one">
          <Text size="sm">
            The file as it was published, zipped or not; leave its name as it is, since some say only there from when they are in
            force. It takes effect for every tenant.
          </Text>
          <FileInput label="File" required placeholder="Choose a file" value={file} onChange={setFile} description={file ? bytes(file.size) : ""} />
          <Group grow>
            <TextInput type="date" label="First day in force" description="If the file does not say it" value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
            <TextInput type="date" label="Last day in force" description="If the file does not say it" value={to} onChange={(event) => setTo(event.currentTarget.value)} />
          </Group>
          <Switch size="xs" label="It has fewer rows than the whole, on purpose" checked={partial} onChange={(event) => setPartial(event.currentTarget.checked)} />
          {problem ? <ProblemNote problem={problem} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={busy} disabled={!file}>Load</Button>
          </Group>
        </form>
      )}
    </Dialog>
  );
}
