/** The case: its documents with their findings, and its facts with their places. */

import { Button, Checkbox, FileButton } from "@mantine/core";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { sendFile } from "../../api/sendFile";
import { useMay } from "../../session/session";
import { Facts } from "../../ui/Facts";
import { counted, day, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { ClaimLink, DenialLink } from "../money/links";
import type { Opened, Why } from "./AppealPage";

type Props = { opened: Opened; lit: ReadonlySet<string>; onLit: (facts: ReadonlySet<string>) => void; why: Why | null; onChanged: () => Promise<void> };
type Document = Schemas["DocumentInFull"];

export function CaseColumn({ opened, lit, onLit, why, onChanged }: Props) {
  const { case: appeal, facts } = opened;
  return (
    <section className="appeal-column" aria-label="The case">
      <h2>The case</h2>
      <Facts
        of={[
          ["Denial", <DenialLink key="denial" denialId={appeal.denial_id} />],
          ["Claim", appeal.claim_key === null ? null : <ClaimLink key="claim" claimKey={appeal.claim_key} label={String(appeal.claim_key)} />],
          ["Eligibility", opened.eligibility],
          ["Law", appeal.law],
          ["Template", appeal.template_id ? `${appeal.template_id}, version ${appeal.template_version}` : null],
          ["Chosen since", opened.template_reasons.join("; ")],
          ["Drafted by", appeal.drafted_by],
          ["Approved by", appeal.approved_by],
        ]}
      />
      <Documents opened={opened} why={why} onChanged={onChanged} />
      <h3>Facts</h3>
      <ul className="fact-list">
        {facts?.facts.map((fact) => (
          <li
            key={fact.fact_id} className={lit.has(fact.fact_id) ? "is-lit" : ""} tabIndex={0}
            onMouseEnter={() => onLit(new Set([fact.fact_id]))} onFocus={() => onLit(new Set([fact.fact_id]))}
          >
            <span className="dim">{fact.label}</span> {fact.shown}
            <span className="dim place">{[fact.source, fact.place].filter(Boolean).join(", ")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Documents({ opened, why, onChanged }: { opened: Opened; why: Why | null; onChanged: () => Promise<void> }) {
  const may = useMay();
  const [problem, setProblem] = useState<unknown>(null);
  const [shown, setShown] = useState<Document | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const claimKey = opened.case.claim_key;

  async function doing(work: () => Promise<unknown>): Promise<void> {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(error);
    }
  }

  async function add(file: File | null): Promise<void> {
    if (!file || claimKey === null) return;
    await doing(async () => {
      await sendFile(`/api/v1/claims/${claimKey}/documents`, file, { contentType: "application/octet-stream", name: file.name, list: "documents" });
      await onChanged();
    });
  }

  async function read(documentId: number): Promise<void> {
    if (!why) return;
    await doing(async () => {
      const found = dataOf(await api.POST("/api/v1/documents/{document_id}/opening", { params: { path: { document_id: documentId } }, body: why }));
      setShown(found);
      setChosen(new Set(found.findings.filter((each) => each.is_usable && each.state === "proposed").map((each) => each.ordinal)));
    });
  }

  async function decide(state: "accepted" | "struck"): Promise<void> {
    if (!shown) return;
    await doing(async () => {
      dataOf(
        await api.POST("/api/v1/documents/{document_id}/findings", {
          params: { path: { document_id: shown.document.document_id } },
          body: { accepted: state === "accepted" ? [...chosen] : [], struck: state === "struck" ? [...chosen] : [] },
        }),
      );
      await Promise.all([read(shown.document.document_id), onChanged()]);
    });
  }

  return (
    <>
      <h3>Documents</h3>
      {problem ? <ProblemNote problem={problem} /> : null}
      {opened.documents.length === 0 ? <p className="dim">None. A letter can't say what records show before there are some.</p> : null}
      <ul className="fact-list">
        {opened.documents.map((each) => (
          <li key={each.document_id}>
            {words(each.type ?? each.kind)}, {each.dated_on ? day(each.dated_on) : "no date"}, {counted(each.pages, "page")};{" "}
            {each.accepted} of {counted(each.findings, "finding")} accepted
            {each.problem ? <Status tone={each.is_blocked ? "loss" : "person"}>{` ${each.is_blocked ? "Blocked: " : ""}${each.problem}`}</Status> : null}{" "}
            <Button size="compact-xs" variant="subtle" onClick={() => void read(each.document_id)}>
              Read findings
            </Button>
          </li>
        ))}
      </ul>
      {may("appeals.work") && claimKey !== null ? (
        <FileButton onChange={(file) => void add(file)} accept=".pdf,.docx,.rtf,.txt,.xml">
          {(given) => (
            <Button {...given} size="xs" variant="default">
              Add a document
            </Button>
          )}
        </FileButton>
      ) : null}
      {shown ? (
        <fieldset className="finding-box">
          <legend>Findings of {shown.name}</legend>
          {shown.findings.length === 0 ? <p className="dim">The rules found nothing.</p> : null}
          {shown.findings.map((each) => (
            <Checkbox
              key={each.ordinal} size="xs" disabled={!each.is_usable || !may("appeals.work")} checked={chosen.has(each.ordinal)}
              label={`${each.words} (page ${each.page}): ${senseOf(each)}; ${each.state}`}
              onChange={() => setChosen((before) => toggled(before, each.ordinal))}
            />
          ))}
          {may("appeals.work") && shown.findings.length > 0 ? (
            <>
              <Button size="xs" disabled={chosen.size === 0} onClick={() => void decide("accepted")}>
                Accept the chosen
              </Button>{" "}
              <Button size="xs" variant="default" disabled={chosen.size === 0} onClick={() => void decide("struck")}>
                Strike the chosen
              </Button>
            </>
          ) : null}
        </fieldset>
      ) : null}
    </>
  );
}

function senseOf(each: Schemas["FindingInFull"]): string {
  const said = each.clinical;
  const value = said.value ? ` ${said.value} ${said.unit ?? ""}`.trimEnd() : "";
  const senses = [said.polarity, said.subject, said.time, said.certainty].filter((word) => !["present", "patient", "current", "stated"].includes(word));
  return `${said.concept}${value}${senses.length > 0 ? `, ${senses.join(", ")}: can't be cited` : ""}`;
}

function toggled(before: ReadonlySet<number>, ordinal: number): ReadonlySet<number> {
  const after = new Set(before);
  if (!after.delete(ordinal)) after.add(ordinal);
  return after;
}
