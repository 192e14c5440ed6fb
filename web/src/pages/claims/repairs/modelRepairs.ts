/** What a language model was asked about a claim and proposed, in sentences. */

import type { Schemas } from "../../../api/client";
import { counted } from "../../../ui/format";
import type { Edit } from "./repairs";

export type ModelRepairs = Schemas["ModelRepairs"];
export type ModelRepair = ModelRepairs["repairs"][number];

/** The changes of a proposal as they are sent when a person applies it. */
export function editsOf(repair: ModelRepair): Edit[] {
  return repair.edits.map(({ field, value, line, position }) => ({ field, value: value ?? "", line: line ?? null, position: position ?? null }));
}

// What a try came to, as on the server (platform/language_models/errors.py).
const TRIES: Readonly<Record<string, string>> = {
  rate_limited: "has too many requests", server_error: "failed", unreachable: "can't be reached", timed_out: "did not answer in time",
  cut_off: "broke off its answer", malformed: "did not answer in the form that was asked for",
  schema_violation: "proposed what a model may not change, or what the claim does not have", truncated: "reached the limit of its answer",
  declined: "declined to answer", refused: "refused the request: its key, model name or address may be wrong",
  busy: "has no free place", breaker_open: "is not asked for a while, after failures in a row", over_budget: "would go over this month's budget",
  out_of_time: "took too long altogether",
};

/** The tries as a sentence: "anthropic can't be reached, openai failed (3 times)"; what was answered from memory is none. */
export function triesInWords(tries: readonly string[]): string {
  const times = new Map<string, number>();
  for (const each of tries) {
    const [, provider, word] = /^([^:]+): (\w+)/.exec(each) ?? [];
    if (word === "cached") continue;
    const said = provider && word ? `${provider} ${TRIES[word] ?? word.replaceAll("_", " ")}` : each;
    times.set(said, (times.get(said) ?? 0) + 1);
  }
  return [...times].map(([said, count]) => (count > 1 ? `${said} (${count} times)` : said)).join(", ");
}

/** What came of asking, as a sentence or two; what to do next is in them where nothing is shown. */
export function outcomeOf(found: ModelRepairs): string {
  const byHand = "The claim is as it was: correct it by hand, or ask again later.";
  if (found.why_not !== null) {
    const tries = triesInWords(found.tries);
    return tries === "" ? `No model was asked: ${withStop(found.why_not)}` : `No model gave an answer that can be used: ${tries}. ${byHand}`;
  }
  const refused = Object.entries(found.refused);
  const hidden = refused.reduce((all, [, count]) => all + count, 0);
  const why = refused.map(([reason, count]) => (hidden > 1 ? `${count} since ${reason}` : `since ${reason}`)).join(", ");
  const shown = found.repairs.length;
  const model = found.model ?? "The model";
  if (shown + hidden === 0) return `${model} proposes nothing for these findings. Correct the claim by hand.`;
  if (shown === 0) return `${model} proposed ${counted(hidden, "repair")}, and the rules let none of them pass: ${why}. Correct the claim by hand.`;
  const rest = hidden > 0 ? ` ${counted(hidden, "more repair")} ${hidden === 1 ? "is" : "are"} not shown: ${why}.` : "";
  return `${model} proposes ${counted(shown, "repair")}. It has not seen the record: check before you apply.${rest}`;
}

function withStop(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
