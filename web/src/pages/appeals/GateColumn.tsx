/** What the gate says: first what is marked and why, then each statement that passed with its source. */

import { Button } from "@mantine/core";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { Reason } from "../../ui/Reason";
import { Status } from "../../ui/Status";
import { words } from "../../ui/format";
import { markSays, type Opened, sourceWords } from "./states";

type Props = { opened: Opened; onLit: (facts: ReadonlySet<string>) => void; onChanged: () => Promise<void> };
type Mark = Schemas["Marked"];

export function GateColumn({ opened, onLit, onChanged }: Props) {
  const may = useMay();
  const [confirming, setConfirming] = useState<Mark | null>(null);
  const letter = opened.letter;
  if (!letter) return <section className="appeal-column" aria-label="The gate"><h2>The gate</h2></section>;
  const facts = new Map(letter.draft.statements.map((each) => [each.statement_id, each.facts ?? []]));
  const texts = new Map(letter.draft.statements.map((each) => [each.statement_id, each.text]));
  const open = letter.marked.filter((each) => !each.is_confirmed);
  const light = (where: string | null): void => onLit(new Set(where === null ? [] : facts.get(where)));
  return (
    <section className="appeal-column" aria-label="The gate">
      <h2>The gate</h2>
      <p aria-live="polite">
        {open.length === 0 ? <Status tone="done">Nothing is marked</Status> : <Status tone="person">{`${open.length} marked`}</Status>}
      </p>
      {open.length > 0 ? <p className="dim">Add documents and accept what is read from them, then “Draft again”; or correct the sentence.</p> : null}
      <ul className="fact-list">
        {letter.marked.map((each, index) => (
          <li key={`${each.where}-${each.problem}-${index}`} tabIndex={0} onMouseEnter={() => light(each.where)} onFocus={() => light(each.where)}>
            <Status tone={each.is_confirmed ? "done" : each.may_be_confirmed ? "person" : "loss"}>{`${each.where ?? "Letter"}: ${words(each.problem)}`}</Status>
            <br />
            {markSays(each)}
            {each.words && each.problem !== "missing_field" ? <span className="code"> {each.words}</span> : null}
            {each.is_confirmed ? <span className="dim"> Confirmed.</span> : null}
            {each.may_be_confirmed && !each.is_confirmed && may("appeals.work") ? (
              <Button size="compact-xs" variant="subtle" onClick={() => setConfirming(each)}>
                Confirm
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      <h3>Proven</h3>
      <ul className="fact-list">
        {letter.ticks.map((each) => (
          <li key={each.where} tabIndex={0} onMouseEnter={() => light(each.where)} onFocus={() => light(each.where)}>
            <Status tone="done">{beginning(texts.get(each.where) ?? each.where)}</Status>
            <span className="dim place">{each.rests_on.length > 0 ? placesOf(each.rests_on, opened.documents).join("; ") : "approved words, no facts"}</span>
          </li>
        ))}
      </ul>
      {confirming?.where ? (
        <Reason
          title={`Confirm statement ${confirming.where}`} verb="Confirm" usual={["Read beside the chart", "True by the payer's own letter"]}
          what="No approved sentence says this. Whoever confirms it has had a hand in the letter, and can't approve it."
          onClose={() => setConfirming(null)}
          onReason={async (reason) => {
            dataOf(
              await api.POST("/api/v1/appeals/{case_id}/confirmations", {
                params: { path: { case_id: opened.case.case_id } }, body: { statement_id: confirming.where ?? "", reason },
              }),
            );
            await onChanged();
          }}
        />
      ) : null}
    </section>
  );
}

/** The first words of a sentence. */
function beginning(text: string): string {
  return text.length <= 64 ? text : `${text.slice(0, text.lastIndexOf(" ", 62))} …`;
}

/** Where the facts are from, each place once. */
function placesOf(restsOn: readonly string[], documents: Opened["documents"]): string[] {
  return [...new Set(restsOn.map((each) => sourceWords(each.replace(/^[a-z0-9_.]+: /, ""), documents)))];
}
