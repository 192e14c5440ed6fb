/** States of an appeal: their words and tones. */

import type { Schemas } from "../../api/client";
import type { Tone } from "../../ui/Status";

export type Appeal = Schemas["AppealCase"];
/** An appeal as somebody works on it, and why it was opened. */
export type Opened = Schemas["AppealInFull"];
export type Why = { reason: string; break_glass: boolean };

const TONES: Record<string, Tone> = {
  failed: "loss", lost: "loss", marked: "person", ready: "person", approved: "person", sent: "plain", won: "done",
  partly_won: "done", not_eligible: "plain", withdrawn: "plain", in_progress: "plain",
};

const NEXT: Record<string, string> = {
  in_progress: "Its stages are being done.",
  failed: "A stage failed. Draft it again.",
  not_eligible: "It is not appealed.",
  marked: "Resolve what is marked: add documents, accept findings, correct the letter.",
  ready: "Another person approves it.",
  approved: "Send it.",
  sent: "The payer's answer sets the outcome.",
  won: "The payer paid.",
  partly_won: "The payer paid in part. The next level can be asked.",
  lost: "The payer keeps its decision. The next level can be asked.",
  withdrawn: "It was given up.",
};

export const toneOfAppeal = (state: string): Tone => TONES[state] ?? "plain";
export const nextOf = (state: string): string => NEXT[state] ?? "";

/** Reasons not to appeal that a person may overrule. */
export const MAY_BE_OVERRULED: readonly string[] = ["not_worth_it", "find_the_reason"];

/** Why a letter can't be approved now; null if it can. */
export function notApprovable(appeal: Appeal, marked: number): string | null {
  if (appeal.state === "approved" || appeal.sent_at) return "It is approved.";
  if (marked > 0) return `${marked} ${marked === 1 ? "thing is" : "things are"} marked.`;
  if (appeal.state !== "ready") return nextOf(appeal.state);
  return null;
}

/** Who wrote a letter, as people say it. */
export function drafterOf(drafter: string | null): string | null {
  if (drafter === null) return null;
  if (drafter === "rules") return "Templates, without a language model";
  if (drafter === "person") return "A person";
  return `Language model ${drafter.replace(/^model:/, "").replace("/", ", ")}`;
}
