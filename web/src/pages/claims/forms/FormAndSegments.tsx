/** The form of an opened claim and its raw X12 beside it; what is pointed at in one is lit in the other. */

import { Button } from "@mantine/core";
import { useMemo, useState } from "react";
import { useRule } from "../FindingList";
import { ProblemNote } from "../../../ui/ProblemNote";
import { cents, counted, words } from "../../../ui/format";
import { Status, toneOf } from "../../../ui/Status";
import { type Dictionary, type Row, useDictionary } from "../dictionary";
import type { Opened } from "../opened";
import { useCorrection } from "../repairs/Correction";
import { CorrectionBar, CorrectionProblems, NotCorrectable } from "../repairs/CorrectionBar";
import { withoutLines } from "../repairs/leaving";
import type { Edit } from "../repairs/repairs";
import { partiesOf, readSegments, type Segment, segmentsAt } from "../segments";
import { ADA } from "./ada";
import { BoxEditor } from "./BoxEditor";
import { type Box, fieldsOf, fill, isAt } from "./boxes";
import { CMS1500 } from "./cms1500";
import { cellsOf, MOST_PAYERS, newDecisions, newLine, newPayer, otherTotal, withCell, withEdits, withoutNewDecisions, withoutNewLines, withoutNewPayers } from "./editing";
import { FormView, type Marks } from "./FormView";
import { RemoveLine } from "./RemoveLine";
import { SegmentView } from "./SegmentView";
import { UB04 } from "./ub04";

const PLANS = { P: CMS1500, I: UB04, D: ADA } as const;
type Finding = Opened["shown"]["findings"][number];
export type Lit = { boxes: ReadonlySet<string>; segments: ReadonlySet<number> };
// Of a claim: 005010X222A1 and 005010X224A2, 2400 LX (50), 005010X223A2 (999).
const MOST_LINES = { P: 50, I: 999, D: 50 } as const;
const OF_A_LINE: ReadonlySet<string> = new Set(["lines", "line_adjudications"]);
const NO_EDITS: readonly Edit[] = [];
const NO_LINES: readonly number[] = [];
const NOTHING: Lit = { boxes: new Set(), segments: new Set() };

export function FormAndSegments({ opened, onSegments }: { opened: Opened; onSegments: () => Promise<void> }) {
  const dictionary = useDictionary();
  return dictionary ? <Both opened={opened} onSegments={onSegments} dictionary={dictionary} /> : null;
}

type Props = { opened: Opened; onSegments: () => Promise<void>; dictionary: Dictionary };

function Both({ opened, onSegments, dictionary }: Props) {
  const { shown, segments: raw } = opened;
  const [lit, setLit] = useState<Lit>(NOTHING);
  const form = shown.claim.form === "I" || shown.claim.form === "D" ? shown.claim.form : "P";
  const plan = PLANS[form];
  const correction = useCorrection();
  const typed = correction?.edits ?? NO_EDITS;
  const removed = correction?.removed ?? NO_LINES;
  const editable = useMemo(() => new Map((correction?.proposals?.editable ?? []).map((each) => [each.field, each])), [correction?.proposals]);
  const [filled, before] = useMemo(() => {
    const withheld = new Map(shown.withheld.flatMap((each) => each.fields.map((name) => [name, each.reason] as const)));
    const sent = fill(plan, shown.content, withheld, dictionary);
    const now = typed.length ? fill(plan, withEdits(shown.content, typed, editable), withheld, dictionary) : sent;
    return [now, new Map(sent.boxes.map((box) => [box.key, box.text]))];
  }, [plan, shown, dictionary, typed, editable]);
  const segments = useMemo(() => readSegments(raw?.segments ?? []), [raw]);
  const links = useMemo(() => linksOf(filled.boxes, segments, form, dictionary), [filled, segments, form, dictionary]);
  const { marks, unplaced } = useMemo(() => marksOf(shown.findings, filled.boxes, dictionary), [shown, filled, dictionary]);

  function lightBox(box: Box): void {
    setLit({ boxes: new Set([box.key]), segments: links.get(box.key) ?? NOTHING.segments });
  }
  function lightSegment(segment: Segment): void {
    const boxes = filled.boxes.filter((box) => links.get(box.key)?.has(segment.index)).map((box) => box.key);
    setLit({ boxes: new Set(boxes), segments: new Set([segment.index]) });
  }
  function lightFinding(finding: Finding): void {
    const boxes = filled.boxes.filter((box) => marks.get(box.key)?.includes(finding)).map((box) => box.key);
    const found = boxes.flatMap((key) => [...(links.get(key) ?? [])]);
    const named = segments.filter((each) => each.id === finding.segment_id && (finding.line ?? 0) === each.line).map((each) => each.index);
    setLit({ boxes: new Set(boxes), segments: new Set(found.length > 0 ? found : named) });
  }

  const now = withEdits(shown.content, typed, editable);
  const lines = now["lines"]?.length ?? 0;
  const addedLines = lines - (shown.content["lines"]?.length ?? 0);
  const payers = now["other_payers"]?.length ?? 0;
  const addedPayers = payers - (shown.content["other_payers"]?.length ?? 0);
  const decisions = now["line_adjudications"]?.length ?? 0;
  const addedDecisions = decisions - (shown.content["line_adjudications"]?.length ?? 0);
  // What a payer decided of lines is told by its number.
  const undecided = editable.has("adjudication_payer_id")
    ? (now["other_payers"] ?? []).filter((row) => Boolean(row["other_payer_id"]) && newDecisions(shown.content, typed, editable, row).length > 0)
    : [];
  const sum = typed.length + removed.length > 0 && editable.has("total_charge") ? otherTotal(withoutLines(now, removed)) : null;

  function addLine(): void {
    correction?.setEdits([...typed, ...newLine(shown.content, typed, editable)]);
    focusRow(`line ${lines + 1}`);
  }
  function addPayer(): void {
    correction?.setEdits([...typed, ...newPayer(shown.content, typed, editable)]);
    focusRow(`payer ${payers + 1}`);
  }
  function addDecisions(payer: Row): void {
    const added = newDecisions(shown.content, typed, editable, payer);
    correction?.setEdits([...typed, ...added]);
    focusRow(`decision ${added[0]?.line}.${added[0]?.position}`);
  }
  function removeLine(line: number): void {
    correction?.setEdits(typed.filter((each) => each.line !== line));
    correction?.setRemoved([...removed, line].sort((a, b) => a - b));
  }
  function setTotal(to: number): void {
    const field = editable.get("total_charge");
    if (!field) return;
    const cell = { ...field, line: null, position: null, number: null, now: String(shown.content["claims"]?.[0]?.["total_charge"] ?? "") };
    correction?.setEdits(withCell(typed, cell, (to / 100).toFixed(2)));
  }

  const editorOf = (box: Box, onClose: () => void, onWrong: (isWrong: boolean) => void) => {
    if (box.line !== null && removed.includes(box.line)) return null;
    const cells = cellsOf(box, shown.content, editable, typed);
    if (cells.length === 0) return null;
    return <BoxEditor box={box} cells={cells} edits={typed} onEdits={(edits) => correction?.setEdits(edits)} onClose={onClose} onWrong={onWrong} />;
  };

  return (
    <>
      {correction ? <CorrectionProblems correction={correction} /> : null}
      {correction ? <NotCorrectable correction={correction} /> : null}
      {correction && typed.length + removed.length > 0 ? (
        <section className="form-bar no-print" aria-label="Values that are typed and not saved">
          <strong>
            {[typed.length > 0 ? `${counted(typed.length, "value")} changed` : "", removed.length > 0 ? `line ${removed.join(", ")} leaves` : ""].filter(Boolean).join(", ")}, not saved
          </strong>{" "}
          {typed.length > 0 ? <Button size="compact-xs" variant="subtle" onClick={() => correction.setEdits(typed.slice(0, -1))}>Undo the last</Button> : null}
          {removed.map((line) => (
            <Button key={line} size="compact-xs" variant="subtle" onClick={() => correction.setRemoved(removed.filter((each) => each !== line))}>Put line {line} back</Button>
          ))}
          {addedLines > 0 ? (
            <Button size="compact-xs" variant="subtle" onClick={() => correction.setEdits(withoutNewLines(shown.content, typed, editable))}>
              Take back {addedLines === 1 ? "the new line" : `${addedLines} new lines`}
            </Button>
          ) : null}
          {addedPayers > 0 ? (
            <Button size="compact-xs" variant="subtle" onClick={() => correction.setEdits(withoutNewPayers(shown.content, typed, editable))}>
              Take back {addedPayers === 1 ? "the new payer" : `${addedPayers} new payers`}
            </Button>
          ) : null}
          {addedDecisions > 0 ? (
            <Button size="compact-xs" variant="subtle" onClick={() => correction.setEdits(withoutNewDecisions(shown.content, typed, editable))}>
              Take back {addedDecisions === 1 ? "the new line decision" : `${addedDecisions} new line decisions`}
            </Button>
          ) : null}
          <Button size="compact-xs" variant="subtle" onClick={() => (correction.setEdits([]), correction.setRemoved([]))}>Undo all</Button>
          {sum === null ? null : (
            <div>
              The lines add up to {cents(sum)}, and the total charge says something else.{" "}
              <Button size="compact-xs" variant="default" onClick={() => setTotal(sum)}>Set the total to {cents(sum)}</Button>
            </div>
          )}
          <CorrectionBar correction={correction} verb="Save" />
        </section>
      ) : correction && (correction.mayApply || (correction.proposals === null && !correction.problem)) ? (
        <p className="dim no-print">Click a box, or press Enter on it, to change its values; boxes of many values have room for one more. Saving runs the rules first and shows what changes.</p>
      ) : null}
      {shown.findings.length > 0 ? (
        <ul className="mark-list no-print" aria-label="Findings">
          {shown.findings.map((finding, index) => (
            <FindingMark key={index} finding={finding} isPlaced={!unplaced.includes(finding)} onFocus={() => lightFinding(finding)} />
          ))}
        </ul>
      ) : null}
      <div className={raw?.segments ? "form-split has-segments" : "form-split"}>
        <div>
          <FormView plan={plan} filled={filled} marks={marks} lit={lit.boxes} onLight={lightBox} onDark={() => setLit(NOTHING)} before={before} leaving={removed} editorOf={correction?.mayApply ? editorOf : undefined} />
          {correction?.mayApply ? (
            <div className="act no-print">
              <Button size="xs" variant="default" mt="xs" disabled={lines >= MOST_LINES[form]} onClick={addLine}>Add a service line</Button>
              <Button size="xs" variant="default" mt="xs" disabled={payers >= MOST_PAYERS || !editable.has("other_payer_responsibility")} onClick={addPayer}>Add another payer</Button>
              {undecided.map((row) => (
                <Button key={String(row["other_payer"])} size="xs" variant="default" mt="xs" onClick={() => addDecisions(row)}>
                  Add what {String(row["other_payer_name"] ?? row["other_payer_id"])} decided of {newDecisions(shown.content, typed, editable, row).some((each) => each.line !== 1) ? "lines" : "the line"}
                </Button>
              ))}
              <RemoveLine content={shown.content} removed={removed} dictionary={dictionary} onRemove={removeLine} />
            </div>
          ) : null}
          <span role="status" className="unseen">{addedLines > 0 ? `Service line ${lines} was added to the form. Its boxes are filled from the line before it.` : ""}{addedPayers > 0 ? ` Other payer ${payers} was added below the service lines. Fill in its boxes.` : ""}{addedDecisions > 0 ? ` ${counted(addedDecisions, "line decision")} added below the payers. Fill in what was paid and adjusted.` : ""}{removed.length > 0 ? ` Line ${removed.join(", ")} leaves the claim once it is saved.` : ""}</span>
        </div>
        <div className="no-print">
          {raw === null ? <AskForSegments onSegments={onSegments} /> : null}
          {raw !== null && raw.segments === null ? (
            <div className="note">
              <h2>Raw X12 is withheld</h2>
              {raw.withheld.map((each) => (
                <p key={each.kind}>
                  {words(each.kind)}: {each.reason}. Anything may stand in a segment, so it takes every kind of field.
                </p>
              ))}
            </div>
          ) : null}
          {raw?.segments ? (
            <SegmentView segments={segments} lit={lit.segments} onLight={lightSegment} onDark={() => setLit(NOTHING)} />
          ) : null}
        </div>
      </div>
    </>
  );
}

/** The first box of a row that was just added, once it is drawn: Enter goes on there. */
function focusRow(of: string): void {
  window.setTimeout(() => document.querySelector<HTMLElement>(`.form > li[data-of="${of}"]`)?.focus(), 0);
}

function FindingMark({ finding, isPlaced, onFocus }: { finding: Finding; isPlaced: boolean; onFocus: () => void }) {
  const rule = useRule(finding.code);
  return (
    <li>
      <button type="button" onMouseEnter={onFocus} onFocus={onFocus} onClick={onFocus}>
        <Status tone={toneOf(finding.severity)}>{finding.code}</Status> {rule?.title ?? ""}
        {finding.line === null ? "" : `, line ${finding.line}`}
        {isPlaced ? "" : <span className="dim"> (of no single box)</span>}
      </button>
    </li>
  );
}

function AskForSegments({ onSegments }: { onSegments: () => Promise<void> }) {
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  async function show(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await onSegments();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      <Button size="xs" variant="default" loading={busy} onClick={() => void show()}>
        Show the raw X12 beside it
      </Button>
      <p className="dim">The audit log keeps it with the reason that you gave.</p>
      {problem ? <ProblemNote problem={problem} /> : null}
    </>
  );
}

/** The segments behind each box. */
function linksOf(boxes: readonly Box[], segments: readonly Segment[], form: string, dictionary: Dictionary): Map<string, Set<number>> {
  const locators = new Map<string, string>();
  for (const field of dictionary.values()) {
    const place = Object.entries(field.x12).find(([forms]) => forms.includes(form))?.[1];
    if (place) locators.set(field.name, place);
  }
  const parties = partiesOf(locators.values());
  const links = new Map<string, Set<number>>();
  for (const box of boxes) {
    const found = [...new Set(box.held)].flatMap((name) => {
      const place = locators.get(name);
      const ofLine = OF_A_LINE.has(dictionary.get(name)?.level ?? "") ? box.line : null;
      return place ? segmentsAt(segments, place, parties, ofLine) : [];
    });
    links.set(box.key, new Set(found));
  }
  return links;
}

/** The findings at each box, and those that are at none. */
function marksOf(findings: readonly Finding[], boxes: readonly Box[], dictionary: Dictionary): { marks: Marks; unplaced: Finding[] } {
  const marks = new Map<string, Finding[]>();
  const unplaced: Finding[] = [];
  for (const finding of findings) {
    const names = finding.field ? fieldsOf(finding.field, dictionary) : [];
    const held = boxes.filter((box) => isAt(box, names, finding.line));
    // A field may stand in several boxes: in those that show it, if one does.
    const showing = held.filter((box) => box.held.some((name) => names.includes(name)));
    const at = showing.length > 0 ? showing : held.slice(0, 1);
    if (at.length === 0) unplaced.push(finding);
    for (const box of at) marks.set(box.key, [...(marks.get(box.key) ?? []), finding]);
  }
  return { marks, unplaced };
}
