import { describe, expect, it, test } from "vitest";
import { saidOf } from "./DraftingProgress";
import { type Appeal, drafterOf, markSays, nextOf, notApprovable, sourceWords, toneOfAppeal } from "./states";

const appeal = (state: string): Appeal => ({ state, sent_at: null }) as Appeal;

describe("appeals", () => {
  it("say why they can't be approved", () => {
    expect(notApprovable(appeal("ready"), 0)).toBeNull();
    expect(notApprovable(appeal("ready"), 1)).toBe("1 thing is marked.");
    expect(notApprovable(appeal("marked"), 3)).toBe("3 things are marked.");
    expect(notApprovable(appeal("failed"), 0)).toBe("A stage failed. Draft it again.");
    expect(notApprovable(appeal("approved"), 0)).toBe("It is approved.");
  });

  it("say who wrote the letter, and how far a model is", () => {
    expect(drafterOf(null)).toBeNull();
    expect(drafterOf("rules")).toBe("Templates, without a language model");
    expect(drafterOf("model:bedrock/us.anthropic.claude-x")).toBe("Language model bedrock, us.anthropic.claude-x");
    const call = { state: "running", model: "claude-x", provider: "bedrock", parts: 3, characters: 1200 };
    const progress = { state: "in_progress", stage: "evidence", drafter: null, drafter_reason: null, call };
    expect(saidOf(progress as Parameters<typeof saidOf>[0])).toBe("claude-x (bedrock) is writing: 3 statements, 1,200 characters.");
    expect(saidOf({ ...progress, call: null })).toBe("Drafting: evidence is done.");
  });

  it("that are not possible say why, and what is left", () => {
    expect(nextOf("not_eligible", "past_deadline")).toMatch(/^The time to appeal is over\./);
    expect(nextOf("not_eligible", "of a later version")).toBe("It is not appealed.");
    expect(nextOf("ready", "past_deadline")).toBe("Another person approves it.");
  });

  it("say what is missing as what a person can add", () => {
    const mark = { problem: "missing_field", says: "the template requires exhibit.1.title; the case does not have it", words: "exhibit.1.title" };
    expect(markSays(mark)).toMatch(/Add it, then draft again\.$/);
    expect(markSays({ ...mark, words: "claim.payer_control_number" })).toBe("The letter needs claim payer control number, and the case does not have it.");
    expect(markSays({ problem: "amount", says: "no such amount", words: "$5.00" })).toBe("no such amount");
  });

  it("have a tone and a next step in every state", () => {
    for (const state of ["in_progress", "failed", "not_eligible", "marked", "ready", "approved", "sent", "won", "partly_won", "lost", "withdrawn"]) {
      expect(nextOf(state)).not.toBe("");
      expect(toneOfAppeal(state)).toBeTruthy();
    }
  });
});

test("a fact of a document is from that document, by its name and page", () => {
  const documents = [{ document_id: 28, type: "progress_note", kind: "text", dated_on: "2026-10-12" }];
  expect(sourceWords("document:28, page 1, characters 64 to 157", documents)).toBe("Progress note of 10/12/2026, page 1");
  expect(sourceWords("document:28 page 1, characters 64 to 157", documents)).toBe("Progress note of 10/12/2026, page 1");
  expect(sourceWords("document:28; remittance CAS", documents)).toBe("Progress note of 10/12/2026; remittance CAS");
  expect(sourceWords("document:9", documents)).toBe("document:9");
});
