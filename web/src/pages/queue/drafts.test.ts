import { expect, test } from "vitest";
import { changeDraft, draftOf, forgetDrafts, keptDraft } from "./drafts";

test("a draft has its text, whom it mentions, and one key", () => {
  changeDraft(1, { text: "called" });
  const { key } = draftOf(1) ?? {};
  changeDraft(1, { mentions: [7] });
  expect(draftOf(1)).toEqual({ text: "called", mentions: [7], key });
  expect(draftOf(2)).toBeUndefined();
});

test("what was typed while a note was kept is a note of its own", () => {
  const sent = draftOf(1);
  if (!sent) throw new Error("no draft");
  changeDraft(1, { text: "called, and", mentions: [7, 8] });
  keptDraft(1, sent);
  expect(draftOf(1)).toMatchObject({ text: "called, and", mentions: [8] });
  expect(draftOf(1)?.key).not.toBe(sent.key);
  const next = draftOf(1);
  if (next) keptDraft(1, next);
  expect(draftOf(1)).toBeUndefined();
});

test("signing out forgets them", () => {
  changeDraft(3, { text: "begun" });
  forgetDrafts();
  expect(draftOf(3)).toBeUndefined();
});
