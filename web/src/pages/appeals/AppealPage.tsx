/** One appeal in three columns: the case with its facts, the letter, and what the gate says of each statement. */

import { Anchor, Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, dataOf } from "../../api/client";
import { useMay, useSession } from "../../session/session";
import { cents, day, daysLeft, words } from "../../ui/format";
import { Opening } from "../../ui/Opening";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { useRefresh } from "../../ui/useRefresh";
import { Acts } from "./Acts";
import { CaseColumn } from "./CaseColumn";
import { DraftingProgress } from "./DraftingProgress";
import { GateColumn } from "./GateColumn";
import { LetterColumn } from "./LetterColumn";
import { Levels } from "./Levels";
import { nextOf, type Opened, toneOfAppeal, type Why } from "./states";

export function AppealPage() {
  const caseId = Number(useParams({ strict: false }).caseId);
  // Another appeal is another page: what was opened of the one is not shown of the other.
  return <OneAppeal key={caseId} caseId={caseId} />;
}

function OneAppeal({ caseId }: { caseId: number }) {
  const may = useMay();
  const { account_id: accountId } = useSession();
  const refresh = useRefresh();
  const [why, setWhy] = useState<Why | null>(null);
  const [opened, setOpened] = useState<Opened | null>(null);
  const [isAsking, setAsking] = useState(false);
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

  if (!appeal)
    return <Page title={`Appeal ${caseId}`}>{query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}</Page>;
  return (
    <Page
      title={`Appeal ${caseId}`}
      summary={
        <>
          <Status tone={toneOfAppeal(appeal.state)}>{words(appeal.state)}</Status>
          {appeal.problem ? ` (${appeal.problem})` : appeal.reason ? ` (${words(appeal.reason).toLowerCase()})` : ""} · {appeal.level_name ?? `level ${appeal.level}`} · {cents(appeal.amount_cents)} in dispute
          {appeal.due_on ? ` · ends ${day(appeal.due_on)}${appeal.sent_at ? "" : `, ${daysLeft(appeal.due_on)}`}` : ""}
          {appeal.recovered_cents ? ` · ${cents(appeal.recovered_cents)} recovered` : ""}
        </>
      }
      actions={<Acts appeal={appeal} opened={opened} why={why} busy={busy} me={`user:${accountId}`} act={act} />}
    >
      {problem ? <ProblemNote problem={problem} /> : null}
      {busy === "refresh" || appeal.state === "in_progress" ? <DraftingProgress caseId={caseId} onDone={() => void again()} /> : null}
      {opened ? (
        <>
        <Levels levels={opened.levels} current={appeal.level} />
        <div className="appeal">
          <CaseColumn opened={opened} lit={lit} onLit={setLit} why={why} onChanged={again} />
          <LetterColumn opened={opened} lit={lit} onLit={setLit} onChanged={again} />
          <GateColumn opened={opened} onLit={setLit} onChanged={again} />
        </div>
        </>
      ) : (
        <div className="read">
          <section>
            <p>
              {nextOf(appeal.state, appeal.reason)}{" "}
              <Anchor renderRoot={(given) => <Link to="/denials/$denialId" params={{ denialId: String(appeal.denial_id) }} {...given} />}>The denial</Anchor>
            </p>
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
    </Page>
  );
}
