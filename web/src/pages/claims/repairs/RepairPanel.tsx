/** What to do about the findings of an opened claim: proposals as a diff, and values by hand; tried before they are saved. */

import { Button, Checkbox } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Problem } from "../../../api/client";
import { useMay } from "../../../session/session";
import { counted } from "../../../ui/format";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Reason } from "../../../ui/Reason";
import type { Opened } from "../opened";
import { After, Diff } from "./Diff";
import { HandEdits } from "./HandEdits";
import { ProposedRepair } from "./ProposedRepair";
import { type Edit, type Tried, useProposals, type Wanted } from "./repairs";

const USUAL_REASONS = [
  "The rule's correction is right for this claim", "Checked against the chart", "Checked against the insurance card",
  "The payer asked for it", "Typing error at the front desk",
] as const;

type Props = {
  claimKey: number;
  opened: Opened;
  onReopen: () => Promise<void>;
  /** Told how many values are typed that are not saved. */
  onUnsaved: (values: number) => void;
};

export function RepairPanel({ claimKey, opened, onReopen, onUnsaved }: Props) {
  const may = useMay();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { proposals, problem, load, attempt, correct } = useProposals(claimKey, opened);
  const [rules, setRules] = useState<readonly string[]>([]);
  const [edits, setEdits] = useState<readonly Edit[]>([]);
  const [isTyping, setTyping] = useState(false);
  const unsaved = edits.length + (isTyping ? 1 : 0);
  // Not taken back when the tab is left: the values are still there.
  useEffect(() => onUnsaved(unsaved), [unsaved, onUnsaved]);
  const [tried, setTried] = useState<{ wanted: Wanted; told: Tried } | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [saves, setSaves] = useState<Wanted | null>(null);
  const [isStale, setStale] = useState(false);

  if (!proposals) return problem ? <ProblemNote problem={problem} onRetry={() => void load()} /> : null;
  const wanted: Wanted = { rules, edits };
  const isTried = tried !== null && tried.wanted.rules === rules && tried.wanted.edits === edits;
  const mayApply = may("repairs.apply") && proposals.can_be_corrected;
  // Only what was typed can be saved although it blocks; a rule's own proposal can't.
  const blocks = isTried && tried.told.after.blocks;

  async function attemptIt(): Promise<void> {
    setBusy(true);
    setFailed(null);
    try {
      setTried({ wanted, told: await attempt(wanted) });
    } catch (error) {
      setFailed(error);
    } finally {
      setBusy(false);
    }
  }
  async function save(what: Wanted, reason: string, force: boolean): Promise<void> {
    try {
      const done = await correct(what, reason, force);
      for (const name of ["claim", "claim-history", "claim-findings"]) void queries.invalidateQueries({ queryKey: [name] });
      notifications.show({
        color: "green", title: `Version ${done.version} is staged`,
        message: `Claim ${done.corrected_key} takes the place of ${claimKey} after the next run, which checks it again.${
          done.needs_approval ? " Then another person has to approve it in the queue." : ""}`,
      });
      void navigate({ to: "/claims/$claimKey", params: { claimKey: String(done.corrected_key) } });
    } catch (error) {
      // What changed meanwhile is told on the page, beside what was typed: the dialog only closes.
      if (!(error instanceof Problem && error.status === 412)) throw error;
      setFailed(error);
      setStale(true);
    }
  }
  async function loadAnew(): Promise<void> {
    try {
      await onReopen();
      await load();
      setFailed(null);
      setStale(false);
      setTried(null);
    } catch (error) {
      setFailed(error);
    }
  }

  return (
    <>
      {proposals.can_be_corrected ? null : <p className="note">{proposals.why_not ?? "The claim can't be corrected where it is."}</p>}
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
                  <Button size="xs" disabled={repair.after.blocks} onClick={() => setSaves({ rules: [repair.code], edits: [] })}>
                    Apply
                  </Button>
                </div>
              ) : null
            }
          />
        ))}
      </section>
      {mayApply ? (
        <section>
          <h2>By hand</h2>
          <HandEdits proposals={proposals} opened={opened} edits={edits} onEdits={setEdits} onTyping={setTyping} />
          <div className="act">
            <Button size="xs" variant="default" loading={busy} disabled={isTyping || rules.length + edits.length === 0} onClick={() => void attemptIt()}>
              Try it with the rules
            </Button>
            <Button size="xs" disabled={isTyping || !isTried || (blocks && edits.length === 0)} onClick={() => setSaves(tried?.wanted ?? null)}>
              Save
            </Button>
            {isTyping ? <span className="status-person">A value is typed and not added: add it, or clear the field.</span> : isTried ? null : <span className="dim">Save comes after a trial, so that you see what the rules say.</span>}
            {blocks && edits.length === 0 ? <span className="dim">A rule's correction that blocks the claim can't be saved: change it by hand.</span> : null}
          </div>
          {isTried ? (
            <>
              <Diff changes={tried.told.changes} />
              <After after={tried.told.after} />
            </>
          ) : null}
        </section>
      ) : null}
      {saves ? (
        <SaveReason
          isForced={blocks && saves === tried.wanted} left={saves === tried?.wanted ? 0 : unsaved}
          onClose={() => setSaves(null)} onSave={(reason, force) => save(saves, reason, force)}
        />
      ) : null}
    </>
  );
}

/** @property left how many typed values the correction leaves out */
type SaveProps = { isForced: boolean; left: number; onClose: () => void; onSave: (reason: string, force: boolean) => Promise<void> };

function SaveReason({ isForced, left, onClose, onSave }: SaveProps) {
  return (
    <Reason
      title={isForced ? "Save although it blocks" : left ? `Save without the ${counted(left, "value")} that you typed` : "Save the correction"}
      verb={isForced ? "Save all the same" : left ? "Save without them" : "Save"} usual={USUAL_REASONS}
      what={
        isForced
          ? "It adds a finding that blocks the claim. Say why it is right all the same; the claim will wait for a person."
          : `A new version is staged and goes through the next run. This version stays in the history.${
              left ? " What you typed by hand is left out and lost. To save both, cancel, tick \"Together with others\" and try them." : ""}`
      }
      onClose={onClose} onReason={(reason) => onSave(reason, isForced)}
    />
  );
}
