import { describe, expect, it } from "vitest";
import { type Appeal, nextOf, notApprovable, toneOfAppeal } from "./states";

const appeal = (state: string): Appeal => ({ state, sent_at: null }) as Appeal;

describe("appeals", () => {
  it("say why they can't be approved", () => {
    expect(notApprovable(appeal("ready"), 0)).toBeNull();
    expect(notApprovable(appeal("ready"), 1)).toBe("1 thing is marked.");
    expect(notApprovable(appeal("marked"), 3)).toBe("3 things are marked.");
    expect(notApprovable(appeal("failed"), 0)).toBe("A stage failed. Draft it again.");
    expect(notApprovable(appeal("approved"), 0)).toBe("It is approved.");
  });

  it("have a tone and a next step in every state", () => {
    for (const state of ["in_progress", "failed", "not_eligible", "marked", "ready", "approved", "sent", "won", "partly_won", "lost", "withdrawn"]) {
      expect(nextOf(state)).not.toBe("");
      expect(toneOfAppeal(state)).toBeTruthy();
    }
  });
});
