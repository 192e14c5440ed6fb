import { describe, expect, it } from "vitest";
import { editsOf, type ModelRepair, type ModelRepairs, outcomeOf, triesInWords } from "./modelRepairs";

const after = { gone: [], new: [], left: [], blocks: false, route: "production" };
const repair: ModelRepair = {
  findings: ["ADR005"], rests_on: ["billing_state"], changes: [], after,
  edits: [{ field: "billing_state", value: "OH", line: null, position: null }, { field: "modifier_1", value: null, line: 1, position: null }],
};
const told: ModelRepairs = {
  claim_key: 7, etag: "1.1.7", model: "local/x", prompt: "repair-proposal@1", why_not: null, tries: [], repairs: [], refused: {},
};

describe("a proposal of a model", () => {
  it("is sent as values by hand, a removal as the empty one", () => {
    expect(editsOf(repair).map((edit) => [edit.field, edit.line, edit.value])).toEqual([["billing_state", null, "OH"], ["modifier_1", 1, ""]]);
  });
});

describe("what came of asking a model", () => {
  it("says who proposes, and that it has not seen the record", () => {
    expect(outcomeOf({ ...told, repairs: [repair] })).toBe("local/x proposes 1 repair. It has not seen the record: check before you apply.");
  });
  it("counts what the rules did not let pass", () => {
    expect(outcomeOf({ ...told, repairs: [repair], refused: { "a change can't be made": 1 } })).toContain("1 more repair is not shown: since a change can't be made.");
    expect(outcomeOf({ ...told, refused: { "it adds a finding that blocks the claim": 2, "a change can't be made": 1 } })).toBe(
      "local/x proposed 3 repairs, and the rules let none of them pass: 2 since it adds a finding that blocks the claim, 1 since a change can't be made. Correct the claim by hand.",
    );
  });
  it("says that nothing is proposed", () => expect(outcomeOf(told)).toBe("local/x proposes nothing for these findings. Correct the claim by hand."));
  it("says why nobody was asked", () => {
    expect(outcomeOf({ ...told, model: null, why_not: "nothing is found on the claim" })).toBe("No model was asked: nothing is found on the claim.");
    expect(outcomeOf({ ...told, model: null, why_not: "a newer version exists: claim 8. Correct that one." })).toMatch(/claim 8\. Correct that one\.$/);
  });
  it("says how each provider failed, and that the claim is as it was", () => {
    expect(outcomeOf({ ...told, model: null, why_not: "x", tries: ["local: unreachable", "local: unreachable", "other: timed_out (30 s)"] })).toBe(
      "No model gave an answer that can be used: local can't be reached (2 times), other did not answer in time. The claim is as it was: correct it by hand, or ask again later.",
    );
  });
  it("has a word for what it does not know", () => expect(triesInWords(["x: odd_thing", "y: cached"])).toBe("x odd thing"));
});
