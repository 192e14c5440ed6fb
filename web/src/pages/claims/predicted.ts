/** A prediction as it is polled, and its reasons as steps from the usual claim to this one. */

export type Result = {
  model: string;
  decision: {
    denial_probability: number; decision: "send" | "review";
    /** Absent in predictions that were made before intervals were kept. */
    probability_low?: number; probability_high?: number; confidence?: number; days?: number[];
  };
  classification: { denial_category: string | null };
  explanation: {
    score: number;
    intercept: number;
    /** Absent in predictions of earlier versions, as `advice`, `role`, `next_step` and `is_fixable` are. */
    headline?: string;
    advice?: string;
    reasons: {
      subject: string; words: string; log_odds: number; denial_probability_without: number;
      role?: string; next_step?: string; is_fixable?: boolean;
    }[];
    others: number;
    remedies: { step: string; words: string; denial_probability: number; gain_low?: number; gain_high?: number; evidence?: string }[];
    notes?: string[];
  };
};
export type Polled = { status: string; reason: string; result: Result | null };

/** The answer of the server, whose shape the API's description leaves open. */
export function readPrediction(told: Record<string, unknown>): Polled {
  return {
    status: typeof told["status"] === "string" ? told["status"] : "failed",
    reason: typeof told["reason"] === "string" ? told["reason"] : "",
    result: isResult(told["result"]) ? told["result"] : null,
  };
}

function isResult(given: unknown): given is Result {
  return typeof given === "object" && given !== null && "decision" in given && "explanation" in given;
}

/** Whether to send, in a few words: `isClear` if nothing is to be done before. */
export function standingOf({ decision, explanation }: Result): { isClear: boolean; words: string } {
  if (decision.decision === "review") return { isClear: false, words: "A person should look before it is sent" };
  const [first = "Can be sent"] = explanation.advice?.split(". ") ?? [];
  const hasCheck = explanation.advice !== undefined && !first.startsWith("Nothing to do");
  return { isClear: !hasCheck, words: first.replace(/\.$/, "") };
}

/** What is expected of 100 like claims, with the days to an answer. */
export function expectedOf({ decision }: Result): string {
  const { probability_low: low, probability_high: high, days } = decision;
  if (low === undefined || high === undefined) return "";
  const answer = days?.length === 3 ? ` The answer takes about ${days[1]} days, mostly ${days[0]} to ${days[2]}.` : "";
  return (
    `Of 100 claims to this payer with about this chance, expect ${(100 * low).toFixed(0)} to ` +
    `${(100 * high).toFixed(0)} denied; the chance of a single one may lie outside.${answer}`
  );
}

/** A part of the score, from where the part before it ends; `without` is the chance if it were not so, where that can be changed. */
export type Step = { words: string; nextStep: string; from: number; to: number; without: number | null };

/** Reasons in their order, which add up from the score of every claim to the score of this one. */
export function stepsOf({ explanation }: Result): readonly Step[] {
  let sum = explanation.intercept;
  const add = (words: string, part: number, without: number | null, nextStep = ""): Step => {
    const from = sum;
    sum += part;
    return { words, nextStep, from, to: sum, without };
  };
  const steps = explanation.reasons.map((reason) =>
    add(reason.words, reason.log_odds, reason.is_fixable === false ? null : reason.denial_probability_without, reason.next_step ?? ""),
  );
  return Math.abs(explanation.others) < 0.005 ? steps : [...steps, add("everything else", explanation.others, null)];
}
