/** One appeal in three columns: the case with its facts, the letter, and what the gate says of each statement. */

import { Button, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { saveBlob } from "../../ui/csv";
import { cents, day, daysLeft, words } from "../../ui/format";
import { Opening } from "../../ui/Opening";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Reason } from "../../ui/Reason";
import { Status } from "../../ui/Status";
import { useRefresh } from "../../ui/useRefresh";
import { CaseColumn } from "./CaseColumn";
import { GateColumn } from "./GateColumn";
import { LetterColumn } from "./LetterColumn";
import { nextOf, notApprovable, toneOfAppeal } from "./states";

export type Opened = Schemas["AppealInFull"];
export type Why = { reason: string; break_glass: boolean };

export function AppealPage() {
  const caseId = Number(useParams({ strict: false }).caseId);
  const may = useMay();
  const refresh = useRefresh();
  const [why, setWhy] = useState<Why | null>(null);
  const [opened, setOpened] = useState<Opened | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [isWithdrawing, setWithdrawing] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [lit, setLit] = useState<ReadonlySet<string>>(new Set());
  const path = { params: { path: { case_id: caseId } } };
  const query = useQuery({
    queryKey: ["appeal", caseId], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/appeals/{case_id}", path)),
  });
  const appeal = query.data;

  async function open(reason: Why): Promise<void> {
    setOpened(dataOf(await api.POST("/api/v1/appeals/{case_id}/opening", { ...path, body: reason })));
    setWhy(reason);
  }

  /** After a change: the case, and what is open of it, are read again. */
  async function again(): Promise<void> {
    await Promise.all([query.refetch(), why ? open(why) : null, refresh()]);
  }

  async function act(name: string, done: string, work: () => Promise<unknown>): Promise<void> {
    setBusy(name);
    setProblem(null);
    try {
      await work();
      await again();
      if (done) notifications.show({ color: "green", title: done, message: `Appeal ${caseId}` });
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(null);
    }
  }

  async function savePacket(): Promise<void> {
    if (!why) return;
    const content = dataOf(await api.POST("/api/v1/appeals/{case_id}/packet/opening", { ...path, body: why, parseAs: "blob" }));
    saveBlob(`appeal-${caseId}.pdf`, content as unknown as Blob);
  }

  if (!appeal)
    return <Page title={`Appeal ${caseId}`}>{query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}</Page>;
  const marked = opened?.letter?.marked.filter((each) => !each.is_confirmed).length ?? appeal.marked;
  const blocked = notApprovable(appeal, marked);
  const isOpen = ["marked", "ready", "approved"].includes(appeal.state);
  return (
    <Page
      title={`Appeal ${caseId}`}
      summary={
        <>
          <Status tone={toneOfAppeal(appeal.state)}>{words(appeal.state)}</Status>
          {appeal.reason ? ` (${words(appeal.reason).toLowerCase()})` : ""} · {appeal.level_name ?? `level ${appeal.level}`} · {cents(appeal.amount_cents)} in dispute
          {appeal.due_on ? ` · ends ${day(appeal.due_on)}${appeal.sent_at ? "" : `, ${daysLeft(appeal.due_on)}`}` : ""}
          {appeal.recovered_cents ? ` · ${cents(appeal.recovered_cents)} recovered` : ""}
        </>
      }
      actions={
        <>
          {opened?.letter ? (
            <Button size="xs" variant="default" loading={busy === "pdf"} onClick={() => void act("pdf", "", savePacket)}>
              Save as PDF
            </Button>
          ) : null}
          {may("appeals.work") && (isOpen || appeal.state === "failed") ? (
            <Button
              size="xs" variant="default" loading={busy === "refresh"}
              onClick={() => void act("refresh", "Drafted again", async () => dataOf(await api.POST("/api/v1/appeals/{case_id}/refresh", path)))}
            >
              Draft again
            </Button>
          ) : null}
          {may("appeals.work") && isOpen ? (
            <Button size="xs" variant="default" onClick={() => setWithdrawing(true)}>
              Withdraw
            </Button>
          ) : null}
          {may("appeals.send") && appeal.state === "approved" ? (
            <Button
              size="xs" loading={busy === "send"}
              onClick={() => void act("send", "Handed off", async () => dataOf(await api.POST("/api/v1/appeals/{case_id}/sending", { ...path, body: { how: "portal" } })))}
            >
              Send
            </Button>
          ) : null}
          {may("appeals.approve") && (isOpen || appeal.state === "failed") && appeal.state !== "approved" ? (
            <>
              {blocked ? <Text size="xs" id="why-not">{blocked}</Text> : null}
              <Button
                size="xs" disabled={blocked !== null || !opened} loading={busy === "approve"} aria-describedby={blocked ? "why-not" : undefined}
                onClick={() => void act("approve", "Approved", async () => dataOf(await api.POST("/api/v1/appeals/{case_id}/approval", path)))}
              >
                Approve
              </Button>
            </>
          ) : null}
        </>
      }
    >
      {problem ? <ProblemNote problem={problem} /> : null}
      {opened ? (
        <div className="appeal">
          <CaseColumn opened={opened} lit={lit} onLit={setLit} why={why} onChanged={again} />
          <LetterColumn opened={opened} lit={lit} onLit={setLit} onChanged={again} />
          <GateColumn opened={opened} onLit={setLit} onChanged={again} />
        </div>
      ) : (
        <div className="read">
          <section>
            <p>{nextOf(appeal.state)}</p>
            {may("appeals.read") ? (
              <Button size="xs" onClick={() => setAsking(true)}>
                Open the case
              </Button>
            ) : (
              <p className="dim">The letter quotes notes of the patient. Your role sees that there is an appeal, not what it says.</p>
            )}
          </section>
        </div>
      )}
      {isAsking ? (
        <Opening
          title={`Open appeal ${caseId}`} verb="Open" usual={["Working on the appeal", "Approving the letter"]}
          what="The case shows who the patient is and what notes say of them." onClose={() => setAsking(false)}
          onOpen={(reason, brokeGlass) => open({ reason, break_glass: brokeGlass })}
        />
      ) : null}
      {isWithdrawing ? (
        <Reason
          title={`Withdraw appeal ${caseId}`} verb="Withdraw" usual={["The payer reprocessed the claim", "A corrected claim is the better way"]}
          what="It is not sent. The denial stays open." onClose={() => setWithdrawing(false)}
          onReason={(reason) => act("withdraw", "Withdrawn", async () => dataOf(await api.POST("/api/v1/appeals/{case_id}/withdrawal", { ...path, body: { reason } })))}
        />
      ) : null}
    </Page>
  );
}
