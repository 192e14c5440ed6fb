/** What to do about the findings of an opened claim: proposals as a diff, and values by hand; tried before they are saved. */

import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import { ProblemNote } from "../../../ui/ProblemNote";
import type { Opened } from "../opened";
import type { Correction } from "./Correction";
import { CorrectionBar, CorrectionProblems, NotCorrectable, SaveReason } from "./CorrectionBar";
import { HandEdits } from "./HandEdits";
import { ModelProposals } from "./ModelProposals";
import { ProposedRepair } from "./ProposedRepair";
import type { Wanted } from "./repairs";

export function RepairPanel({ opened, correction }: { opened: Opened; correction: Correction }) {
  const { proposals, problem, load, rules, setRules, edits, setEdits, removed, setRemoved, setTyping, unsaved, mayApply } = correction;
  const [saves, setSaves] = useState<Wanted | null>(null);
  if (!proposals) return problem ? <ProblemNote problem={problem} onRetry={() => void load()} /> : null;
  return (
    <>
      <NotCorrectable correction={correction} />
      <CorrectionProblems correction={correction} />
      <section>
        <h2>Proposed</h2>
        {proposals.repairs.length === 0 ? <p className="dim">No rule knows a correction for what was found. Change it by hand below.</p> : null}
        {proposals.repairs.map((repair) => (
          <ProposedRepair
            key={repair.code} repair={repair}
            choice={
              mayApply ? (
                <div className="act">
                  <Checkbox
                    label="Together with others" checked={rules.includes(repair.code)}
                    onChange={(event) => setRules(event.currentTarget.checked ? [...rules, repair.code] : rules.filter((code) => code !== repair.code))}
                  />
                  <Button size="xs" disabled={repair.after.blocks} onClick={() => setSaves({ rules: [repair.code], edits: [], removed: [] })}>
                    Apply
                  </Button>
                </div>
              ) : null
            }
          />
        ))}
      </section>
      {mayApply && proposals.asks_model ? (
        <ModelProposals
          opened={opened} correction={correction} findings={proposals.findings}
          onApply={(chosen) => setSaves({ rules: [], edits: chosen, removed: [] })}
        />
      ) : null}
      {mayApply ? (
        <section>
          <h2>By hand</h2>
          <HandEdits proposals={proposals} opened={opened} edits={edits} onEdits={setEdits} onTyping={setTyping} />
          {removed.length > 0 ? (
            <p>
              Service {removed.length === 1 ? "line" : "lines"} {removed.join(", ")} {removed.length === 1 ? "leaves" : "leave"} the claim.{" "}
              <Button size="compact-xs" variant="subtle" onClick={() => setRemoved([])}>Put {removed.length === 1 ? "it" : "them"} back</Button>
            </p>
          ) : null}
          <CorrectionBar correction={correction} verb="Save" />
        </section>
      ) : null}
      {saves ? <SaveReason correction={correction} wanted={saves} left={unsaved} onClose={() => setSaves(null)} /> : null}
    </>
  );
}
