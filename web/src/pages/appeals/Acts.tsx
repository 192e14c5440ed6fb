/** What can be done with an appeal now: draft, approve, hand off, say what became of it. */

import { Button, Group, Menu, NumberInput, Select, Text, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, dataOf } from "../../api/client";
import { useMay } from "../../session/session";
import { saveBlob } from "../../ui/csv";
import { Dialog } from "../../ui/Dialog";
import { isoDay } from "../../ui/format";
import { Reason } from "../../ui/Reason";
import { useRefresh } from "../../ui/useRefresh";
import { type Appeal, MAY_BE_OVERRULED, notApprovable, type Opened, type Why } from "./states";

type Act = (name: string, done: string, work: () => Promise<unknown>) => Promise<void>;
type Props = { appeal: Appeal; opened: Opened | null; why: Why | null; busy: string | null; me: string; act: Act };
const FORMS = [["pdf", "PDF with exhibits", "pdf"], ["docx", "Word document, the letter alone", "docx"], ["fax", "Fax pages (TIFF)", "tif"]] as const;

export function Acts({ appeal, opened, why, busy, me, act }: Props) {
  const may = useMay();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const [asking, setAsking] = useState<"withdraw" | "send" | "outcome" | null>(null);
  const path = { params: { path: { case_id: appeal.case_id } } };
  const marked = opened?.letter?.marked.filter((each) => !each.is_confirmed).length ?? appeal.marked;
  const isMine = me !== "" && [appeal.drafted_by, appeal.opened_by].includes(me);
  const blocked = notApprovable(appeal, marked) ?? (isMine ? "You drafted it: another person approves." : null) ?? (opened ? null : "Open the case first.");
  const isOpen = ["marked", "ready", "approved"].includes(appeal.state);

  async function draft(anyway: boolean): Promise<void> {
    const made = dataOf(await api.POST("/api/v1/appeals", { body: { denial_id: appeal.denial_id, anyway } }));
    await refresh();
    if (made.case_id !== appeal.case_id) await navigate({ to: "/appeals/$caseId", params: { caseId: String(made.case_id) } });
  }

  async function save(form: (typeof FORMS)[number]): Promise<void> {
    if (!why) return;
    const content = dataOf(await api.POST("/api/v1/appeals/{case_id}/letter/opening", { ...path, body: { ...why, form: form[0] }, parseAs: "blob" }));
    saveBlob(`appeal-${appeal.case_id}.${form[2]}`, content as unknown as Blob);
  }

  return (
    <>
      {opened?.letter ? (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button size="xs" variant="default" loading={busy === "save"}>Save the letter</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {FORMS.map((form) => (
              <Menu.Item key={form[0]} onClick={() => void act("save", "", () => save(form))}>{form[1]}</Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      ) : null}
      {may("appeals.work") && appeal.state === "not_eligible" && MAY_BE_OVERRULED.includes(appeal.reason ?? "") ? (
        <Button size="xs" loading={busy === "anyway"} onClick={() => void act("anyway", "Drafted", () => draft(true))}>Draft it anyway</Button>
      ) : null}
      {may("appeals.work") && ["lost", "partly_won"].includes(appeal.state) ? (
        <Button size="xs" loading={busy === "next"} onClick={() => void act("next", "", () => draft(true))}>Draft the next level</Button>
      ) : null}
      {may("appeals.work") && (isOpen || ["failed", "in_progress"].includes(appeal.state)) ? (
        <Button
          size="xs" variant="default" loading={busy === "refresh"}
          onClick={() => void act("refresh", "Drafted again", async () => dataOf(await api.POST("/api/v1/appeals/{case_id}/refresh", path)))}
        >
          Draft again
        </Button>
      ) : null}
      {may("appeals.work") && isOpen ? <Button size="xs" variant="default" onClick={() => setAsking("withdraw")}>Withdraw</Button> : null}
      {may("appeals.send") && appeal.state === "approved" ? <Button size="xs" onClick={() => setAsking("send")}>Send</Button> : null}
      {may("appeals.send") && appeal.state === "sent" ? <Button size="xs" variant="default" onClick={() => setAsking("outcome")}>State the outcome</Button> : null}
      {may("appeals.approve") && ["marked", "ready", "failed"].includes(appeal.state) ? (
        <>
          {blocked ? <Text size="xs" id="why-not">{blocked}</Text> : null}
          <Button
            size="xs" disabled={blocked !== null} loading={busy === "approve"} aria-describedby={blocked ? "why-not" : undefined}
            onClick={() => void act("approve", "Approved", async () => dataOf(await api.POST("/api/v1/appeals/{case_id}/approval", path)))}
          >
            Approve
          </Button>
        </>
      ) : null}
      {asking === "withdraw" ? (
        <Reason
          title={`Withdraw appeal ${appeal.case_id}`} verb="Withdraw" usual={["The payer reprocessed the claim", "A corrected claim is the better way"]}
          what="It is not sent. The denial stays open." onClose={() => setAsking(null)}
          onReason={(reason) => act("withdraw", "Withdrawn", async () => dataOf(await api.POST("/api/v1/appeals/{case_id}/withdrawal", { ...path, body: { reason } })))}
        />
      ) : null}
      {asking === "send" ? <Send appeal={appeal} opened={opened} act={act} onClose={() => setAsking(null)} /> : null}
      {asking === "outcome" ? <Outcome appeal={appeal} act={act} onClose={() => setAsking(null)} /> : null}
    </>
  );
}

function Send({ appeal, opened, act, onClose }: { appeal: Appeal; opened: Opened | null; act: Act; onClose: () => void }) {
  const [how, setHow] = useState<"portal" | "fax" | "mail">("portal");
  const to = opened?.letter?.draft.fields.find((each) => each.name === "payer-address")?.value;
  return (
    <Dialog opened onClose={onClose} title={`Hand off appeal ${appeal.case_id}`} centered>
      <Text size="sm" mb="sm">
        The letter with its exhibits, the letter as Word document and a manifest are written into the folder of hand-offs. Nothing can be changed afterwards.
      </Text>
      {to ? <Text size="sm" mb="sm" style={{ whiteSpace: "pre-line" }}>{to}</Text> : null}
      <Select
        label="How it goes" data={[{ value: "portal", label: "Payer's portal" }, { value: "fax", label: "Fax: pages as TIFF are added" }, { value: "mail", label: "Mail" }]}
        value={how} allowDeselect={false} onChange={(value) => setHow((value ?? "portal") as typeof how)}
      />
      <Group justify="flex-end" mt="md" gap="sm">
        <Button variant="default" onClick={onClose}>Cancel</Button>
        <Button
          onClick={() => {
            onClose();
            void act("send", "Handed off", async () => dataOf(await api.POST("/api/v1/appeals/{case_id}/sending", { params: { path: { case_id: appeal.case_id } }, body: { how } })));
          }}
        >
          Hand off
        </Button>
      </Group>
    </Dialog>
  );
}

function Outcome({ appeal, act, onClose }: { appeal: Appeal; act: Act; onClose: () => void }) {
  const [outcome, setOutcome] = useState<"won" | "partly_won" | "lost">("lost");
  const [on, setOn] = useState(isoDay());
  const [dollars, setDollars] = useState<string | number>("");
  return (
    <Dialog opened onClose={onClose} title={`Outcome of appeal ${appeal.case_id}`} centered>
      <Text size="sm" mb="sm">A remittance sets it by itself. State it where only a letter says so.</Text>
      <Select
        label="The payer" data={[{ value: "won", label: "reversed the denial" }, { value: "partly_won", label: "reversed it in part" }, { value: "lost", label: "kept its decision" }]}
        value={outcome} allowDeselect={false} onChange={(value) => setOutcome((value ?? "lost") as typeof outcome)}
      />
      <TextInput label="Date of the decision" type="date" value={on} max={isoDay()} onChange={(event) => setOn(event.currentTarget.value)} mt="xs" />
      {outcome === "lost" ? null : <NumberInput label="Recovered, if it is known" prefix="$" decimalScale={2} min={0} value={dollars} onChange={setDollars} mt="xs" />}
      <Group justify="flex-end" mt="md" gap="sm">
        <Button variant="default" onClick={onClose}>Cancel</Button>
        <Button
          disabled={on === ""}
          onClick={() => {
            onClose();
            const cents = dollars === "" ? null : Math.round(Number(dollars) * 100);
            void act("outcome", "Outcome stated", async () =>
              dataOf(await api.POST("/api/v1/appeals/{case_id}/outcome", { params: { path: { case_id: appeal.case_id } }, body: { outcome, decided_on: on, recovered_cents: cents } })),
            );
          }}
        >
          State it
        </Button>
      </Group>
    </Dialog>
  );
}
