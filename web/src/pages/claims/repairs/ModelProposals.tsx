/** Repairs that a language model proposes when a person asks: tried by the rules, and applied by the person as values by hand. */

import { Button } from "@mantine/core";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../../api/client";
import { words } from "../../../ui/format";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Status } from "../../../ui/Status";
import type { Opened } from "../opened";
import type { Correction } from "./Correction";
import { After, Diff } from "./Diff";
import { editsOf, type ModelRepair, type ModelRepairs, outcomeOf } from "./modelRepairs";
import { type Edit, withEdit } from "./repairs";

type Props = { opened: Opened; correction: Correction; findings: Schemas["Proposals"]["findings"]; onApply: (edits: readonly Edit[]) => void };

export function ModelProposals({ opened, correction, findings, onApply }: Props) {
  const [found, setFound] = useState<ModelRepairs | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  async function ask(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      const path = { claim_key: opened.shown.claim.claim_key };
      const body = { reason: opened.reason, break_glass: opened.brokeGlass };
      setFound(dataOf(await api.POST("/api/v1/claims/{claim_key}/repairs/model", { params: { path }, body })));
    } catch (error) {
      setFound(null);
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <section>
      <h2>From a language model</h2>
      <div className="act">
        <Button size="xs" variant="default" loading={busy} disabled={findings.length === 0} onClick={() => void ask()}>
          {found ? "Ask again" : "Ask a model for a repair"}
        </Button>
        <span className="dim">
          {findings.length === 0
            ? "Nothing is found on the claim, so there is nothing to ask."
            : "Names, dates and numbers of people are not sent. The question is kept, with your reason for opening the claim."}
        </span>
      </div>
      <div role="status">{busy ? <p className="dim">The model is asked. This can take a minute; you can go on working on the claim.</p> : found ? <p>{outcomeOf(found)}</p> : null}</div>
      {problem ? <ProblemNote problem={problem} onRetry={() => void ask()} /> : null}
      {found?.repairs.map((repair, index) => (
        <article key={index} className="repair" aria-label={`Proposed by ${found.model ?? "a model"}`}>
          <div>
            <Status tone="person">{`Proposed by ${found.model ?? "a model"}`}</Status>
          </div>
          <Why repair={repair} findings={findings} />
          <Diff changes={repair.changes} />
          <After after={repair.after} />
          <div className="act">
            <Button size="xs" disabled={repair.after.blocks} onClick={() => onApply(editsOf(repair))}>
              Apply
            </Button>
            <Button size="xs" variant="default" onClick={() => correction.setEdits(editsOf(repair).reduce<readonly Edit[]>(withEdit, correction.edits))}>
              Take it among my values
            </Button>
          </div>
        </article>
      ))}
    </section>
  );
}

/** The findings that the proposal is for, by their titles, and the fields that it rests on. */
function Why({ repair, findings }: { repair: ModelRepair; findings: Props["findings"] }) {
  const titles = repair.findings.map((code) => `${code} ${findings.find((each) => each.code === code)?.title ?? ""}`.trim());
  return (
    <div>
      For {titles.join("; ")}. It rests on {repair.rests_on.map((name) => words(name).toLowerCase()).join(", ")}.
    </div>
  );
}
