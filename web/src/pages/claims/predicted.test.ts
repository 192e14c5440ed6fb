import { describe, expect, it } from "vitest";
import { readPrediction, type Result, stepsOf } from "./predicted";

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
  it("reads what the server says, and nothing else", () => {
    expect(readPrediction({ status: "failed", reason: "there is no champion model" })).toEqual({
      status: "failed", reason: "there is no champion model", result: null,
    });
    expect(readPrediction({ status: "completed", result: RESULT }).result?.model).toBe("m-1");
  });
});
