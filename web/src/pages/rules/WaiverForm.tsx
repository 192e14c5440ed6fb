/** A new waiver: which rule, for whom, until when, who answers for it and why. */

import { Button, Group, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client";
import { useSession } from "../../session/session";
import { Dialog } from "../../ui/Dialog";
import { isoDay } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";

const listOf = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

export function WaiverForm({ code, payer = "", onClose }: { code?: string; payer?: string; onClose: () => void }) {
  const session = useSession();
  const queries = useQueryClient();
  const [fields, setFields] = useState({
    rules: code ?? "", waiver_id: code ? `${code}-${isoDay(0)}` : "", payers: payer, filing: "", providers: "",
    valid_from: isoDay(0), valid_to: isoDay(90), owner: session.name, reason: "",
  });
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const field = (name: keyof typeof fields) => ({
    value: fields[name], size: "xs" as const,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setFields((before) => ({ ...before, [name]: value }));
    },
  });

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await api.POST("/api/v1/waivers", {
        body: {
          waiver_id: fields.waiver_id.trim(), rules: listOf(fields.rules), claim_filing: listOf(fields.filing),
          payer_ids: listOf(fields.payers), providers: listOf(fields.providers), valid_from: fields.valid_from,
          valid_to: fields.valid_to, owner: fields.owner.trim(), reason: fields.reason.trim(),
        },
      });
      await queries.invalidateQueries({ queryKey: ["waivers"] });
      onClose();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog opened onClose={onClose} title={code ? `Waive ${code}` : "Add a waiver"} centered size="lg">
      <form onSubmit={(event) => void submit(event)} className="form-two">
        <Text size="sm" className="whole">
          Findings are still recorded, marked as waived, and no longer hold claims back. Runs that begin from now on apply it,
          in every facility.
        </Text>
        <TextInput label="Rules" description="Codes or names" required {...field("rules")} />
        <TextInput label="Name of the waiver" description="Findings name it; given once" required maxLength={40} {...field("waiver_id")} />
        <TextInput label="Payers" description="Payer ids; empty for all" {...field("payers")} />
        <TextInput label="Claim filing codes" description="MB, CI; empty for all" {...field("filing")} />
        <TextInput label="Billing providers" description="NPIs; empty for all" {...field("providers")} />
        <TextInput label="Owner" description="Who answers for it" required maxLength={80} {...field("owner")} />
        <TextInput label="First day" type="date" required {...field("valid_from")} />
        <TextInput label="Last day" type="date" required {...field("valid_to")} />
        <TextInput
          className="whole" label="Reason" required minLength={8} maxLength={200} data-autofocus
          description="8 to 200 characters, about the work and not about a patient" {...field("reason")}
        />
        <div className="whole">{problem ? <ProblemNote problem={problem} /> : null}</div>
        <Group justify="flex-end" className="whole">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={busy}>Add the waiver</Button>
        </Group>
      </form>
    </Dialog>
  );
}
