/** The documents of the case: added, opened, searched; what the payer wrote; the payer's own criteria. */

import { Button, FileButton, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { sendFile } from "../../api/sendFile";
import { useMay } from "../../session/session";
import { counted, day, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import type { Opened, Why } from "./states";
import { Reader } from "./Reader";

const KINDS = ".pdf,.docx,.rtf,.txt,.xml,.tif,.tiff,.png,.jpg,.jpeg";
const FILE = "application/octet-stream";
type Props = { opened: Opened; why: Why | null; onChanged: () => Promise<void> };

/** Runs something and keeps what went wrong. */
function useDoing(): [unknown, (work: () => Promise<unknown>) => Promise<void>] {
  const [problem, setProblem] = useState<unknown>(null);
  return [
    problem,
    async (work) => {
      setProblem(null);
      try {
        await work();
      } catch (error) {
        setProblem(error);
      }
    },
  ];
}

export function Documents({ opened, why, onChanged }: Props) {
  const may = useMay();
  const [problem, doing] = useDoing();
  const [shown, setShown] = useState<Schemas["DocumentInFull"] | null>(null);
  const [isAdding, setAdding] = useState(false);
  const claimKey = opened.case.claim_key;

  async function add(file: File | null): Promise<void> {
    if (!file || claimKey === null) return;
    setAdding(true);
    await doing(async () => {
      await sendFile(`/api/v1/claims/${claimKey}/documents`, file, { contentType: FILE, name: file.name, list: "documents" });
      await onChanged();
    });
    setAdding(false);
  }

  async function read(documentId: number): Promise<void> {
    if (!why) return;
    await doing(async () => setShown(dataOf(await api.POST("/api/v1/documents/{document_id}/opening", { params: { path: { document_id: documentId } }, body: why }))));
  }

  return (
    <>
      <h3>Documents</h3>
      {problem ? <ProblemNote problem={problem} /> : null}
      {opened.documents.length === 0 ? <p className="dim">None. A letter can't say what records show before there are some.</p> : null}
      <ul className="fact-list">
        {opened.documents.map((each) => (
          <li key={each.document_id}>
            <strong>{words(each.type ?? each.kind)}</strong>, {each.dated_on ? day(each.dated_on) : "no date"}, {counted(each.pages, "page")}{" "}
            <Button size="compact-xs" variant="subtle" onClick={() => void read(each.document_id)}>Read</Button>
            <span className="place">
              {each.accepted > 0 ? <Status tone="done">{`${counted(each.accepted, "finding")} accepted`}</Status> : null}
              {each.proposed > 0 ? <Status tone="person">{`${each.proposed} to accept or strike`}</Status> : null}
              {each.accepted + each.proposed === 0 ? <span className="dim">nothing that a letter can cite</span> : null}
            </span>
            {each.problem ? <span className="place"><Status tone={each.is_blocked ? "loss" : "person"}>{`${each.is_blocked ? "Blocked: " : ""}${each.problem}`}</Status></span> : null}
          </li>
        ))}
      </ul>
      {may("appeals.work") && claimKey !== null ? (
        <FileButton onChange={(file) => void add(file)} accept={KINDS}>
          {(given) => <Button {...given} size="xs" variant="default" loading={isAdding}>Add a document</Button>}
        </FileButton>
      ) : null}
      {claimKey !== null && opened.documents.length > 0 ? <Search opened={opened} why={why} onRead={read} /> : null}
      {shown ? (
        <Reader shown={shown} onClose={() => setShown(null)} onDecided={async () => { await Promise.all([read(shown.document.document_id), onChanged()]); }} />
      ) : null}
    </>
  );
}

function Search({ opened, why, onRead }: { opened: Opened; why: Why | null; onRead: (documentId: number) => Promise<void> }) {
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<Schemas["DocumentSearch"] | null>(null);
  const [problem, doing] = useDoing();

  async function search(): Promise<void> {
    if (!why || query.trim().length < 2) return;
    await doing(async () =>
      setFound(
        dataOf(await api.POST("/api/v1/appeals/{case_id}/search", { params: { path: { case_id: opened.case.case_id } }, body: { query: query.trim(), reason: why.reason, most: 5 } })),
      ),
    );
  }

  return (
    <form onSubmit={(event) => { event.preventDefault(); void search(); }}>
      <TextInput
        size="xs" mt="xs" label="Search the documents" placeholder="high blood pressure" maxLength={200} value={query}
        description="Other names of a condition are found too." onChange={(event) => setQuery(event.currentTarget.value)}
      />
      {problem ? <ProblemNote problem={problem} /> : null}
      {found ? (
        <ul className="fact-list" aria-live="polite">
          <li className="dim">{searchedBy(found)}</li>
          {found.passages.map((each) => (
            <li key={`${each.document_id}-${each.start}`}>
              “{each.words}”
              <span className="dim place">
                {words(each.type ?? "document")}, page {each.page}, {FOUND_BY[each.found_by]}{" "}
                <Button size="compact-xs" variant="subtle" onClick={() => void onRead(each.document_id)}>Read</Button>
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </form>
  );
}

const FOUND_BY = { words: "by its words", meaning: "by its meaning", both: "by words and meaning" } as const;

/** How the documents were searched: what was found by meaning alone may say nothing of what was asked. */
function searchedBy(found: Schemas["DocumentSearch"]): string {
  if (found.searched_by === "words") return found.passages.length > 0 ? "Searched by words." : "Searched by words: nothing in the documents has them.";
  const left = found.not_by_meaning > 0 ? ` ${counted(found.not_by_meaning, "passage")} compared by words only.` : "";
  return `Searched by words and by meaning. A passage found by its meaning alone may say something else: read it.${left}`;
}

const STANDINGS = { met: ["done", "met"], not_met: ["loss", "not met"], not_documented: ["person", "not documented"] } as const;

export function Criteria({ opened }: { opened: Opened }) {
  if (opened.criteria.length === 0) return null;
  return (
    <>
      <h3>The payer's criteria</h3>
      {opened.criteria.map((policy) => (
        <section key={policy.policy_id} aria-label={policy.title}>
          <p>
            {policy.title} <Status tone={STANDINGS[policy.standing][0]}>{STANDINGS[policy.standing][1]}</Status>
            <span className="dim place">{policy.citation}, version {policy.policy_version}</span>
          </p>
          <ul className="fact-list">
            {policy.criteria.map((each) => (
              <li key={each.criterion_id}>
                <Status tone={STANDINGS[each.standing][0]}>{STANDINGS[each.standing][1]}</Status> {each.says}
                <span className="dim place">{each.why}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

/** What the payer wrote about the appeal since it was sent. */
export function PayerLetters({ opened, onChanged }: Omit<Props, "why">) {
  const may = useMay();
  const [problem, doing] = useDoing();
  const caseId = opened.case.case_id;
  const path = { params: { path: { case_id: caseId } } };
  const query = useQuery({ queryKey: ["appeal-letters", caseId], queryFn: async () => dataOf(await api.GET("/api/v1/appeals/{case_id}/letters", path)) });
  if (!opened.case.sent_at) return null;

  async function file(content: File | null): Promise<void> {
    if (!content) return;
    await doing(async () => {
      await sendFile(`/api/v1/appeals/${caseId}/letters`, content, { contentType: FILE, name: content.name, list: "appeal-letters" });
      await Promise.all([query.refetch(), onChanged()]);
    });
  }

  async function apply(entryId: number): Promise<void> {
    await doing(async () => {
      dataOf(await api.POST("/api/v1/appeals/{case_id}/letters/{entry_id}/outcome", { params: { path: { case_id: caseId, entry_id: entryId } }, body: {} }));
      await Promise.all([query.refetch(), onChanged()]);
    });
  }

  return (
    <>
      <h3>What the payer wrote</h3>
      {problem ? <ProblemNote problem={problem} /> : null}
      {query.data?.length === 0 ? <p className="dim">Nothing is filed yet.</p> : null}
      <ul className="fact-list">
        {query.data?.map((each) => (
          <li key={each.entry_id}>
            Received {day(each.received_on)}: <strong>{words(each.says)}</strong>{each.decided_on ? `, decided ${day(each.decided_on)}` : ""}
            {each.names_claim ? null : <span className="place"><Status tone="person">It names neither our claim number nor theirs</Status></span>}
            {each.applied_by ? <span className="dim place">Applied by {each.applied_by}</span> : null}
            {!each.applied_by && may("appeals.send") && ["won", "partly_won", "lost"].includes(each.says) ? (
              <Button size="compact-xs" variant="subtle" onClick={() => void apply(each.entry_id)}>Make it the outcome</Button>
            ) : null}
          </li>
        ))}
      </ul>
      {may("appeals.work") ? (
        <FileButton onChange={(content) => void file(content)} accept={KINDS}>
          {(given) => <Button {...given} size="xs" variant="default">File a payer's letter</Button>}
        </FileButton>
      ) : null}
    </>
  );
}
