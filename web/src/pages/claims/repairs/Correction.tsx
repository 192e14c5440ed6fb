/**
 * A correction of an opened claim while a person makes it: rules that are chosen, values that are typed, what the rules
 * say of both. The Fix tab and the form share it, and it lives as long as the claim is opened.
 */

import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { Problem } from "../../../api/client";
import { useMay } from "../../../session/session";
import { Confirm } from "../../../ui/Confirm";
import { counted } from "../../../ui/format";
import type { Opened } from "../opened";
import { carry, carriedTo } from "./carried";
import { type Edit, type Proposals, type Tried, useProposals, type Wanted } from "./repairs";

export type Correction = {
  proposals: Proposals | null;
  problem: unknown;
  load: () => Promise<void>;
  mayApply: boolean;
  rules: readonly string[];
  setRules: (rules: readonly string[]) => void;
  edits: readonly Edit[];
  setEdits: (edits: readonly Edit[]) => void;
  /** Service lines that leave the claim, by the numbers that they have now. */
  removed: readonly number[];
  setRemoved: (lines: readonly number[]) => void;
  isTyping: boolean;
  setTyping: (isTyping: boolean) => void;
  /** How many values are typed and not saved. */
  unsaved: number;
  /** What the rules say of the rules and values of now; null before it was tried. */
  told: Tried | null;
  busy: boolean;
  failed: unknown;
  isStale: boolean;
  attempt: () => Promise<Tried | null>;
  save: (wanted: Wanted, reason: string, force: boolean) => Promise<void>;
  loadAnew: () => Promise<void>;
  /** Go to the newest version of the claim with what is typed. */
  moveToNewest: () => void;
};

const Context = createContext<Correction | null>(null);

/** The correction of the opened claim; null where none can be made. */
export function useCorrection(): Correction | null {
  return useContext(Context);
}

type Props = {
  claimKey: number;
  opened: Opened;
  onReopen: () => Promise<void>;
  /** Told how many values are typed that are not saved. */
  onUnsaved: (values: number) => void;
  children: ReactNode;
};

export function CorrectionOf({ claimKey, opened, onReopen, onUnsaved, children }: Props) {
  const may = useMay();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { proposals, problem, load, attempt, correct } = useProposals(claimKey, opened);
  const [rules, setRules] = useState<readonly string[]>([]);
  const [carried] = useState(() => carriedTo(claimKey));
  const [edits, setEdits] = useState<readonly Edit[]>(carried.edits);
  const [removed, setRemoved] = useState<readonly number[]>(carried.removed);
  const [isTyping, setTyping] = useState(false);
  const unsaved = edits.length + removed.length + (isTyping ? 1 : 0);
  // What is saved, or goes with the person to another version, is not lost by leaving.
  const isKept = useRef(false);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => unsaved > 0 && !isKept.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => unsaved > 0 && !isKept.current, withResolver: true,
  });
  // Not taken back when the tab is left: the values are still there.
  useEffect(() => onUnsaved(unsaved), [unsaved, onUnsaved]);
  const [tried, setTried] = useState<{ wanted: Wanted; told: Tried } | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [isStale, setStale] = useState(false);
  const isTried = tried !== null && tried.wanted.rules === rules && tried.wanted.edits === edits && tried.wanted.removed === removed;

  async function attemptIt(): Promise<Tried | null> {
    setBusy(true);
    setFailed(null);
    try {
      const wanted = { rules, edits, removed };
      const told = await attempt(wanted);
      setTried({ wanted, told });
      return told;
    } catch (error) {
      setFailed(error);
      return null;
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
      isKept.current = true;
      void navigate({ to: "/claims/$claimKey", params: { claimKey: String(done.corrected_key) } });
    } catch (error) {
      // What changed meanwhile is told on the page, beside what was typed: the dialog only closes.
      if (!(error instanceof Problem && error.status === 412)) throw error;
      setFailed(error);
      setStale(true);
    }
  }
  function moveToNewest(): void {
    if (!proposals) return;
    isKept.current = true;
    carry(proposals.newest_key, { edits, removed });
    void navigate({ to: "/claims/$claimKey", params: { claimKey: String(proposals.newest_key) }, search: { tab: "form" } });
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
    <Context.Provider
      value={{
        proposals, problem, load, rules, setRules, edits, setEdits, removed, setRemoved, isTyping, setTyping, unsaved, busy, failed, isStale, save, loadAnew,
        mayApply: may("repairs.apply") && proposals?.can_be_corrected === true,
        told: isTried ? tried.told : null, attempt: attemptIt, moveToNewest,
      }}
    >
      {children}
      {blocker.status === "blocked" ? (
        <Confirm
          title="Leave the claim" verb="Leave it" what={`${counted(unsaved, removed.length > 0 ? "change" : "value")} that you ${removed.length > 0 ? "made" : "typed"} ${unsaved === 1 ? "is" : "are"} not saved and will be lost.`}
          onClose={() => blocker.reset()} onYes={async () => blocker.proceed()}
        />
      ) : null}
    </Context.Provider>
  );
}
