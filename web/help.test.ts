import { expect, test } from "vitest";
import { anchorOf, madeOf, targetOf } from "./help.ts";

test("raw HTML is text", () => expect(madeOf("x.md", "# A\n\n<script>alert(1)</script>").html).not.toContain("<script>"));
test("a link to a page of help leads within the app", () =>
  expect(targetOf("deadlines.md", "reference/deadlines.md#medicare")).toBe("/help/reference-deadlines#medicare"));
test("a link up and down again", () => expect(targetOf("reference/deadlines.md", "../glossary.md")).toBe("/help/glossary"));
test("a link to what is not served is no link", () => {
  expect(targetOf("rules.md", "../CONTRIBUTING.md")).toBeNull();
  expect(madeOf("rules.md", "[how](../CONTRIBUTING.md)").html).not.toContain("<a");
});
test("a script is no link", () => expect(madeOf("x.md", "[a](javascript:alert)").html).not.toContain("<a"));
test("headings have the anchors that links use", () => {
  expect(anchorOf("What `CO` means, in short")).toBe("what-co-means-in-short");
  const made = madeOf("x.md", "# T\n\n## Same\n\n## Same");
  expect(made.headings.map((each) => each.id)).toEqual(["same", "same-1"]);
});
