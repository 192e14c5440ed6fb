/** The dispute of a payer as a CSV file; the numbers of claims only for a reason. */

import { Button, Group, Radio, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, dataOf } from "../../api/client";
import { useMay } from "../../session/session";
import { Dialog } from "../../ui/Dialog";
import { saveFile } from "../../ui/csv";
import { ProblemNote } from "../../ui/ProblemNote";
import { Reason } from "../../ui/Reason";

export function Dispute({ payer, name, onClose }: { payer: string; name: string; onClose: () => void }) {
  const may = useMay();
  const [kind, setKind] = useState("plain");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [isAsking, setAsking] = useState(false);

  async function fetchFile(reason?: string): Promise<void> {
    const text = dataOf(
      await api.POST("/api/v1/underpayments/disputes", { body: { payer, ...(reason ? { reason } : {}) }, parseAs: "text" }),
    );
    saveFile(`dispute-${payer.replace(/[^\w-]+/g, "-")}.csv`, String(text));
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (kind === "numbers") {
      setAsking(true);
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await fetchFile();
      onClose();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  if (isAsking) {
    return (
      <Reason
        title={`Dispute of ${name}`} verb="Save the file" usual={["Dispute sent to the payer"]} onClose={onClose}
        what="The file will have the numbers of claims, which name patients. Keep it where such files are kept." onReason={(reason) => fetchFile(reason)}
      />
    );
  }
  return (
    <Dialog opened onClose={onClose} title={`Dispute of ${name}`}>
      <form onSubmit={(event) => void submit(event)}>
        <Text size="sm" mb="sm">
          Every underpayment of this payer in force, one row each, with what was expected, what was paid and how it is computed. The audit log has
          every such file.
        </Text>
        <Radio.Group label="Numbers of claims" value={kind} onChange={setKind}>
          <Radio value="plain" label="Without: to look at" mt="xs" />
          {may("claims.identity") ? <Radio value="numbers" label="With: to send to the payer, for a reason" mt="xs" /> : null}
        </Radio.Group>
        {problem ? <ProblemNote problem={problem} /> : null}
        <Group justify="flex-end" mt="md" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy}>
            {kind === "numbers" ? "Next" : "Save the file"}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
