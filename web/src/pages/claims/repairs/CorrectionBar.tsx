/** What to do with typed values and chosen rules: try them with the rules, save them, or see why neither works. */

import { Button } from "@mantine/core";
import { useState } from "react";
import { counted } from "../../../ui/format";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Reason } from "../../../ui/Reason";
import type { Correction } from "./Correction";
import { After, Diff } from "./Diff";
import type { Wanted } from "./repairs";

const USUAL_REASONS = [
  "The rule's correction is right for this claim", "Checked against the chart", "Checked against the insurance card",
  "The payer asked for it", "Typing error at the front desk",
] as const;

export function CorrectionBar({ correction, verb }: { correction: Correction; verb: string }) {
  const { rules, edits, removed, isTyping, told, busy, attempt } = correction;
  const [saves, setSaves] = useState<Wanted | null>(null);
  // Only what was typed can be saved although it blocks; a rule's own proposal can't.
  const byHand = edits.length + removed.length;
  const cannot = told?.after.blocks === true && byHand === 0;
  const isEmpty = rules.length + byHand === 0;
  if (!correction.mayApply) return null;

  async function ask(): Promise<void> {
    const found = told ?? (await attempt());
    if (found && !(found.after.blocks && byHand === 0)) setSaves({ rules, edits, removed });
  }

  return (
    <>
      <div className="act">
        <Button size="xs" variant="default" loading={busy} disabled={isTyping || isEmpty} onClick={() => void attempt()}>
          Try it with the rules
        </Button>
        <Button size="xs" loading={busy} disabled={isTyping || isEmpty || cannot} onClick={() => void ask()}>
          {verb}
        </Button>
        {isTyping ? <span className="status-person">A value is typed and not added: add it, or clear the field.</span> : null}
        {cannot ? <span className="dim">A rule's correction that blocks the claim can't be saved: change it by hand.</span> : null}
      </div>
      <div role="status">
        {told ? (
          <>
            <Diff changes={told.changes} removed={removed} />
            <After after={told.after} />
          </>
        ) : null}
      </div>
      {saves ? <SaveReason correction={correction} wanted={saves} left={0} onClose={() => setSaves(null)} /> : null}
    </>
  );
}

/** Why the claim can't be corrected where it is, and the way to the version that can, with what is typed. */
export function NotCorrectable({ correction }: { correction: Correction }) {
  const { proposals, unsaved, moveToNewest } = correction;
  if (!proposals || proposals.can_be_corrected) return null;
  const isOld = proposals.newest_key !== proposals.claim_key;
  return (
    <div className="note act">
      {proposals.why_not ?? "The claim can't be corrected where it is."}
      {isOld ? (
        <Button size="xs" onClick={moveToNewest}>
          Go to claim {proposals.newest_key}{unsaved > 0 ? " with what you typed" : ""}
        </Button>
      ) : null}
    </div>
  );
}

/** What went wrong with a trial or a saving, and the way on where the claim changed meanwhile. */
export function CorrectionProblems({ correction }: { correction: Correction }) {
  const { problem, load, failed, isStale, loadAnew } = correction;
  return (
    <>
      {problem ? <ProblemNote problem={problem} onRetry={() => void load()} /> : null}
      {failed ? <ProblemNote problem={failed} /> : null}
      {isStale ? (
        <div className="act note">
          What you typed is kept below. Loading shows the claim as it is now, with your values beside it.
          <Button size="xs" onClick={() => void loadAnew()}>
            Load it as it is now
          </Button>
        </div>
      ) : null}
    </>
  );
}

/** @property left how many typed values the correction leaves out */
type SaveProps = { correction: Correction; wanted: Wanted; left: number; onClose: () => void };

export function SaveReason({ correction, wanted, left, onClose }: SaveProps) {
  // What was tried is what is saved, unless a rule's own proposal is saved alone.
  const told = wanted.edits === correction.edits && wanted.removed === correction.removed ? correction.told : null;
  const isForced = told?.after.blocks === true;
  return (
    <Reason
      title={isForced ? "Save although it blocks" : left ? `Save without the ${counted(left, "value")} that you typed` : "Save the correction"}
      verb={isForced ? "Save all the same" : left ? "Save without them" : "Save"} usual={USUAL_REASONS}
      what={
        <>
          {told ? (
            <>
              {/* So that the reason, and where it is typed, stays in sight however much changes. */}
              <div className="told-changes" role="region" aria-label="What changes" tabIndex={0}>
                <Diff changes={told.changes} removed={wanted.removed} />
              </div>
              <After after={told.after} />
            </>
          ) : null}
          {isForced
            ? "It adds a finding that blocks the claim. Say why it is right all the same; the claim will wait for a person."
            : `A new version is staged and goes through the next run. This version stays in the history.${
                left ? ` What you typed by hand is left out and lost. To save both, cancel, ${wanted.edits.length > 0 ? "take the proposal among your values" : "tick \"Together with others\""} and try them.` : ""}`}
        </>
      }
      onClose={onClose} onReason={(reason) => correction.save(wanted, reason, isForced)}
    />
  );
}
