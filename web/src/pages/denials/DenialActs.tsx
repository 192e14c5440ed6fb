/** What a person does about a denial: set its state, or propose to write it off. Each asks for the reason. */

import { Button, Group, Select, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { cents, toCents, words } from "../../ui/format";
import { meaningOf } from "../../ui/meanings";
import { Reason } from "../../ui/Reason";
import { useRefresh } from "../../ui/useRefresh";
import { likelyState, type State, STATES } from "./states";

type Sheet = Schemas["DenialSheet"];
export function DenialActs({ sheet }: { sheet: Sheet }) {
  const may = useMay();
  const [act, setAct] = useState<"state" | "write-off" | null>(null);
  const { denial } = sheet.weighed;
  return (
    <>
      {may("appeals.work") && denial.claim_key !== null && denial.answer_id !== null ? <Appeal denialId={denial.denial_id} isNext={sheet.weighed.next_step === "appeal"} /> : null}
      {may("denials.decide") ? (
        <Button size="xs" variant="default" onClick={() => setAct("state")}>
          Set the state
        </Button>
      ) : null}
      {may("ledger.post") && denial.claim_key !== null && denial.amount_cents ? (
        <Button size="xs" variant="default" onClick={() => setAct("write-off")}>
          Propose a write-off
        </Button>
      ) : null}
      {act === "state" ? <SetState sheet={sheet} onClose={() => setAct(null)} /> : null}
      {act === "write-off" && denial.claim_key !== null ? (
        <ProposeWriteOff claimKey={denial.claim_key} most={denial.amount_cents ?? 0} onClose={() => setAct(null)} />
      ) : null}
    </>
  );
}

/** Drafts the appeal, or opens the one that there is. */
function Appeal({ denialId, isNext }: { denialId: number; isNext: boolean }) {
  const navigate = useNavigate();
  const refresh = useRefresh();
  const [isBusy, setBusy] = useState(false);

  async function draft(): Promise<void> {
    setBusy(true);
    try {
      const made = dataOf(await api.POST("/api/v1/appeals", { body: { denial_id: denialId, anyway: false } }));
      await refresh();
      await navigate({ to: "/appeals/$caseId", params: { caseId: String(made.case_id) } });
    } catch (error) {
      notifications.show({ color: "red", title: "Not drafted", message: error instanceof Error ? error.message : "Something unexpected happened." });
    } finally {
      setBusy(false);
    }
  }

  return (
    <Button size="xs" variant={isNext ? "filled" : "default"} loading={isBusy} onClick={() => void draft()}>
      Draft the appeal
    </Button>
  );
}

function SetState({ sheet, onClose }: { sheet: Sheet; onClose: () => void }) {
  const refresh = useRefresh();
  const { denial, next_step } = sheet.weighed;
  const [state, setState] = useState<State>(likelyState(next_step, denial.state));
  return (
    <Reason
      title={`New state of ${denial.claim_key === null ? "the denial" : `claim ${denial.claim_key}${sheet.weighed.denial.line === null ? "" : `, line ${sheet.weighed.denial.line}`}`}`} verb="Set" onClose={onClose}
      usual={["Corrected claim sent today", "Appeal sent with the records", "The payer reprocessed the claim", "The patient was billed"]}
      what={
        <Select
          label="State" size="sm" allowDeselect={false} description={`${meaningOf("denial", state)?.sentence ?? ""} It moves no money.`} value={state}
          data={STATES.filter((each) => each !== denial.state).map((each) => ({ value: each, label: words(each) }))}
          onChange={(value) => setState(STATES.find((each) => each === value) ?? state)}
        />
      }
      onReason={async (reason, key) => {
        dataOf(
          await api.POST("/api/v1/denials/{denial_id}/state", {
            params: { path: { denial_id: denial.denial_id } }, headers: { "Idempotency-Key": key }, body: { state, reason },
          }),
        );
        await refresh();
      }}
    />
  );
}

function ProposeWriteOff({ claimKey, most, onClose }: { claimKey: number; most: number; onClose: () => void }) {
  const refresh = useRefresh();
  const [amount, setAmount] = useState(cents(most));
  const wanted = toCents(amount);
  const isWrong = wanted === null || wanted < 1;
  return (
    <Reason
      title={`Propose a write-off of claim ${claimKey}`} verb="Propose" onClose={onClose}
      usual={["Below the cost of an appeal", "All appeals are lost", "Not billable to the patient"]}
      what={
        <Group align="start" grow>
          <TextInput
            label="Amount" inputMode="decimal" value={amount} onChange={(event) => setAmount(event.currentTarget.value)}
            error={isWrong ? "Dollars and cents, above zero" : null} description={`Denied here: ${cents(most)}. Another person approves it before it is posted.`}
          />
        </Group>
      }
      onReason={async (reason, key) => {
        if (wanted === null || wanted < 1) throw new Error("The amount is not dollars and cents above zero. Nothing was proposed.");
        dataOf(
          await api.POST("/api/v1/ledger/claims/{claim_key}/write-offs", {
            params: { path: { claim_key: claimKey } }, headers: { "Idempotency-Key": key }, body: { amount_cents: wanted, of: "denied", reason },
          }),
        );
        notifications.show({ color: "green", title: "Proposed", message: `${cents(wanted)} of claim ${claimKey} wait for another person under Payments, Write-offs.` });
        await refresh();
      }}
    />
  );
}
