/** Adds deposits of the bank, which confirm payments by trace number and amount. */

import { Button, FileInput, Group, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { newKey, type Schemas } from "../../api/client";
import { sendFile } from "../../api/sendFile";
import { Dialog } from "../../ui/Dialog";
import { count } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { useRefresh } from "../../ui/useRefresh";

type Columns = { date: string; amount: string; trace: string; dates: string };

export function UploadDeposits({ onClose }: { onClose: () => void }) {
  const refresh = useRefresh();
  const [file, setFile] = useState<File | null>(null);
  const [columns, setColumns] = useState<Columns>({ date: "date", amount: "amount", trace: "trace", dates: "" });
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [added, setAdded] = useState<Schemas["AddedDeposits"] | null>(null);
  // Of the file and its columns: sent again with it, since the answer was lost, they are added once.
  const [key, setKey] = useState(newKey);
  const isCsv = file !== null && /\.csv$/i.test(file.name);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!file || isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      const asked = new URLSearchParams({ date: columns.date, amount: columns.amount, trace: columns.trace });
      if (columns.dates.trim()) asked.set("dates", columns.dates.trim());
      const address = `/api/v1/deposits${isCsv ? `?${asked}` : ""}`;
      setAdded(await sendFile<Schemas["AddedDeposits"]>(address, file, { contentType: isCsv ? "text/csv" : "text/plain", list: "deposits", key }));
      void refresh();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  const field = (name: keyof Columns, label: string, description?: string) => (
    <TextInput
      label={label} description={description} value={columns[name]} disabled={isBusy}
      onChange={(event) => { setColumns({ ...columns, [name]: event.currentTarget.value }); setKey(newKey()); }}
    />
  );
  return (
    <Dialog opened onClose={() => isBusy || onClose()} title="Add deposits" size="md" withCloseButton={!isBusy}>
      {added ? (
        <>
          <p>
            <Status tone="done">Added</Status>: {count(added.added)} new {added.added === 1 ? "deposit" : "deposits"}, {count(added.known)} known before,{" "}
            {count(added.left_out)} lines left out. {count(added.confirmed)} {added.confirmed === 1 ? "payment is" : "payments are"} confirmed now.
          </p>
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </>
      ) : (
        <form onSubmit={(event) => void submit(event)}>
          <Text size="sm" mb="sm">
            A BAI2 or CSV file of the bank. A line is added once, however often it is sent. A deposit confirms the payment that has its
            trace number and its amount.
          </Text>
          <FileInput
            label="File of the bank" placeholder="Choose a file" data-autofocus clearable value={file} onChange={(chosen) => { setFile(chosen); setKey(newKey()); }} disabled={isBusy}
            clearButtonProps={{ "aria-label": "Choose no file" }}
          />
          {isCsv ? (
            <Group mt="sm" gap="sm" align="end">
              {field("date", "Column of the date")}
              {field("amount", "Column of the amount")}
              {field("trace", "Column of the trace number")}
              {field("dates", "How dates are written", "Such as %m/%d/%Y; empty if 2026-02-01")}
            </Group>
          ) : null}
          {problem ? <ProblemNote problem={problem} /> : null}
          <Group justify="flex-end" mt="md" gap="sm">
            <Button variant="default" onClick={onClose} disabled={isBusy}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy} disabled={!file}>
              Add
            </Button>
          </Group>
        </form>
      )}
    </Dialog>
  );
}
