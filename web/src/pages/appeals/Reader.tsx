/** A document in full: its text with what was read from it marked at its place, to be accepted or struck. */

import { Button, Checkbox } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { Dialog } from "../../ui/Dialog";
import { day, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { senseOf } from "./senses";

type Document = Schemas["DocumentInFull"];
type Props = { shown: Document; onClose: () => void; onDecided: () => Promise<void> };

export function Reader({ shown, onClose, onDecided }: Props) {
  const may = useMay();
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [at, setAt] = useState<number | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const text = useRef<HTMLDivElement>(null);
  useEffect(() => setChosen(new Set(shown.findings.filter((each) => each.is_usable && each.state === "proposed").map((each) => each.ordinal))), [shown]);
  useEffect(() => {
    if (at !== null) text.current?.querySelector(`[data-finding="${at}"]`)?.scrollIntoView({ block: "center" });
  }, [at]);

  async function decide(state: "accepted" | "struck"): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      dataOf(
        await api.POST("/api/v1/documents/{document_id}/findings", {
          params: { path: { document_id: shown.document.document_id } },
          body: { accepted: state === "accepted" ? [...chosen] : [], struck: state === "struck" ? [...chosen] : [] },
        }),
      );
      await onDecided();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      opened onClose={onClose} size="80rem" title={`${words(shown.document.type ?? shown.document.kind)}, ${shown.document.dated_on ? day(shown.document.dated_on) : "no date"} (${shown.name})`}
    >
      <div className="reader">
        <div className="reader-text" ref={text} tabIndex={0} role="document" aria-label="Text of the document">
          {pagesOf(shown).map((page, index) => (
            <section key={index}>
              <p className="dim">Page {index + 1}</p>
              <pre>
                {page.map((piece, number) =>
                  piece.finding === null ? <span key={number}>{piece.text}</span> : (
                    <mark key={number} data-finding={piece.finding} className={piece.finding === at ? "is-lit" : chosen.has(piece.finding) ? "is-chosen" : ""}>
                      {piece.text}
                    </mark>
                  ),
                )}
              </pre>
            </section>
          ))}
        </div>
        <div className="reader-findings">
          {problem ? <ProblemNote problem={problem} /> : null}
          {shown.document.problem ? <p className="status-person">{shown.document.problem}</p> : null}
          {shown.findings.length === 0 ? <p className="dim">The rules found nothing in it.</p> : null}
          <ul className="fact-list">
            {shown.findings.map((each) => (
              <li key={each.ordinal} className={each.ordinal === at ? "is-lit" : ""} onMouseEnter={() => setAt(each.ordinal)} onFocus={() => setAt(each.ordinal)}>
                <Checkbox
                  size="xs" disabled={!each.is_usable || !may("appeals.work")} checked={chosen.has(each.ordinal)}
                  label={`${senseOf(each)} (page ${each.page}; ${each.state})`}
                  onChange={() => setChosen((before) => toggled(before, each.ordinal))}
                />
              </li>
            ))}
          </ul>
          {may("appeals.work") && shown.findings.length > 0 ? (
            <>
              <Button size="xs" loading={busy} disabled={chosen.size === 0} onClick={() => void decide("accepted")}>Accept the chosen</Button>{" "}
              <Button size="xs" variant="default" loading={busy} disabled={chosen.size === 0} onClick={() => void decide("struck")}>Strike the chosen</Button>
            </>
          ) : null}
        </div>
      </div>
    </Dialog>
  );
}

type Piece = { text: string; finding: number | null };

/** The text of each page in pieces; findings that overlap an earlier one have no piece of their own. */
export function pagesOf(shown: Pick<Document, "pages" | "findings">): Piece[][] {
  let start = 0;
  return shown.pages.map((page) => {
    const end = start + page.length;
    const pieces: Piece[] = [];
    let at = start;
    for (const each of shown.findings.filter((one) => one.start >= start && one.end <= end).sort((a, b) => a.start - b.start)) {
      if (each.start < at) continue;
      if (each.start > at) pieces.push({ text: page.slice(at - start, each.start - start), finding: null });
      pieces.push({ text: page.slice(each.start - start, each.end - start), finding: each.ordinal });
      at = each.end;
    }
    pieces.push({ text: page.slice(at - start), finding: null });
    start = end + 1;
    return pieces;
  });
}

function toggled(before: ReadonlySet<number>, ordinal: number): ReadonlySet<number> {
  const after = new Set(before);
  if (!after.delete(ordinal)) after.add(ordinal);
  return after;
}
