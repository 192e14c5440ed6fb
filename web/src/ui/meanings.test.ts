import { expect, test } from "vitest";
import { STATES as DENIALS } from "../pages/denials/states";
import { STATES as ITEMS } from "../pages/queue/queue";
import { meaningOf, type Meant } from "./meanings";

const SHOWN: Record<Meant, readonly string[]> = {
  claim: ["staged", "production", "review", "returned", "dead", "discarded"],
  finding: ["block", "warn", "note"],
  item: ITEMS,
  denial: DENIALS,
  payment: ["posted", "held", "duplicate"],
  figure: ["Clean-claim rate", "Initial denial rate", "Days in A/R", "Waiting for us", "Priority", "Odds", "Expected recovery"],
};

test("each state and figure on the pages has a sentence in help", () => {
  for (const [of, names] of Object.entries(SHOWN))
    for (const name of names) expect(meaningOf(of as Meant, name)?.sentence, `${of}: ${name}`).toMatch(/^[A-Z].*\.$/);
});
test("a sentence is one sentence, and its anchor is that of the heading", () =>
  expect(meaningOf("item", "awaiting_approval")).toEqual({
    sentence: "One person proposed what to do, and another person approves or rejects it.", anchor: "item-awaiting-approval",
  }));
