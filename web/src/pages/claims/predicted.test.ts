import { describe, expect, it } from "vitest";
import { expectedOf, readPrediction, type Result, standingOf, stepsOf } from "./predicted";

const RESULT: Result = {
  model: "m-1", decision: { denial_probability: 0.6, decision: "review" }, classification: { denial_category: null },
  explanation: {
    score: 0, intercept: -2, others: 0.1, remedies: [], notes: [],
    reasons: [{ subject: "a", words: "no authorization", log_odds: 1.5, denial_probability_without: 0.2 }],
  },
};

describe("prediction", () => {
  it("adds reasons up, each from where the one before it ends", () => {
    expect(stepsOf(RESULT)).toEqual([
      { words: "no authorization", nextStep: "", from: -2, to: -0.5, without: 0.2 },
      { words: "everything else", nextStep: "", from: -0.5, to: -0.4, without: null },
    ]);
  });
  it("says what the chance is without a reason only if something can be added", () => {
    const [reason] = RESULT.explanation.reasons;
    const background = { ...reason!, role: "background", next_step: "", is_fixable: false };
    const fixable = { ...reason!, role: "cause", next_step: "enter it (box 23)", is_fixable: true };
    const explanation = { ...RESULT.explanation, others: 0, reasons: [background, fixable] };
    expect(stepsOf({ ...RESULT, explanation }).map(({ without, nextStep }) => [without, nextStep])).toEqual([
      [null, ""], [0.2, "enter it (box 23)"],
    ]);
  });
  it("says to send only what needs no check before", () => {
    const told = (decision: "send" | "review", advice?: string) =>
      standingOf({ ...RESULT, decision: { ...RESULT.decision, decision }, explanation: { ...RESULT.explanation, ...(advice ? { advice } : {}) } });
    expect(told("review")).toEqual({ isClear: false, words: "A person should look before it is sent" });
    expect(told("send", "Send it after the check below. A longer review is not worth its cost.")).toEqual({
      isClear: false, words: "Send it after the check below",
    });
    expect(told("send", "Nothing to do before sending.")).toEqual({ isClear: true, words: "Nothing to do before sending" });
    expect(told("send")).toEqual({ isClear: true, words: "Can be sent" });
  });
  it("states the range once, without a second number for the same", () => {
    const decision = { ...RESULT.decision, probability_low: 0.4, probability_high: 0.8, confidence: 0.4, days: [7, 20, 48] };
    expect(expectedOf({ ...RESULT, decision })).toBe(
      "Of 100 claims to this payer with about this chance, expect 40 to 80 denied; the chance of a single one may lie outside. The answer takes about 20 days, mostly 7 to 48.",
    );
    expect(expectedOf(RESULT)).toBe("");
  });
  it("reads what the server says, and nothing else", () => {
    expect(readPrediction({ status: "failed", reason: "there is no champion model" })).toEqual({
      status: "failed", reason: "there is no champion model", result: null,
    });
    expect(readPrediction({ status: "completed", result: RESULT }).result?.model).toBe("m-1");
  });
});
