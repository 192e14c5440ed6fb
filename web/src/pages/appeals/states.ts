/** States of an appeal: their words and tones. */

import type { Schemas } from "../../api/client";
import type { Tone } from "../../ui/Status";
import { day, words } from "../../ui/format";

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

// Why a denial is not appealed, as features/appeals/eligibility.py names it, and what is left to do.
const WHY_NOT: Record<string, string> = {
  over: "The denial is over: what the payer sent was reversed or replaced. Nothing is left to appeal.",
  no_claim: "The remittance is not matched to a claim. Match it first.",
  correct_and_resubmit: "A corrected claim is the way: an appeal would be refused or lose time. Correct the claim and send it again.",
  patient_responsibility: "The patient owes it by this decision. Bill the patient.",
  next_payer: "Another payer is next. Bill that one.",
  wait: "The payer has not decided yet. Wait for its next answer.",
  find_the_reason: "A person looks at the denial first, and finds what helps.",
  no_appeal_rights: "This decision may not be appealed: a remark or the law says so.",
  past_deadline: "The time to appeal is over. The denial shows which other steps still have time.",
  already_appealed: "It is appealed already, or was decided otherwise.",
  not_worth_it: "The work costs more than it is expected to bring.",
  no_such_level: "This payer has no such level of appeal.",
};

export const toneOfAppeal = (state: string): Tone => TONES[state] ?? "plain";
export const nextOf = (state: string, reason?: string | null): string => (state === "not_eligible" ? (WHY_NOT[reason ?? ""] ?? NEXT[state]) : NEXT[state]) ?? "";

/** Reasons not to appeal that a person may overrule. */
export const MAY_BE_OVERRULED: readonly string[] = ["not_worth_it", "find_the_reason"];

/** Why a letter can't be approved now; null if it can. */
export function notApprovable(appeal: Appeal, marked: number): string | null {
  if (appeal.state === "approved" || appeal.sent_at) return "It is approved.";
  if (marked > 0) return `${marked} ${marked === 1 ? "thing is" : "things are"} marked.`;
  if (appeal.state !== "ready") return nextOf(appeal.state);
  return null;
}

/** What a mark of the gate says: what is missing, as what a person can add. */
export function markSays({ problem, says, words: named }: Pick<Schemas["Marked"], "problem" | "says" | "words">): string {
  if (problem !== "missing_field" || !named) return says;
  if (named.startsWith("exhibit.")) return "The letter encloses a document, and the case has none. Add it, then draft again.";
  return `The letter needs ${words(named).toLowerCase()}, and the case does not have it.`;
}

/** Who wrote a letter, as people say it. */
export function drafterOf(drafter: string | null): string | null {
  if (drafter === null) return null;
  if (drafter === "rules") return "Templates, without a language model";
  if (drafter === "person") return "A person";
  return `Language model ${drafter.replace(/^model:/, "").replace("/", ", ")}`;
}

type Titled = Pick<Opened["documents"][number], "document_id" | "type" | "kind" | "dated_on">;

/** Where a fact is from, as a person names it: the document and its page, not its number and characters. */
export function sourceWords(source: string, documents: readonly Titled[]): string {
  return source.replace(/document:(\d+)(?:,? page (\d+))?(?:, characters \d+ to \d+)?/g, (whole, id, page) => {
    const of = documents.find((each) => each.document_id === Number(id));
    if (!of) return whole;
    return `${words(of.type ?? of.kind)}${of.dated_on ? ` of ${day(of.dated_on)}` : ""}${page ? `, page ${page}` : ""}`;
  });
}
