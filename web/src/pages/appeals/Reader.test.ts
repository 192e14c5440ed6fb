import { expect, test } from "vitest";
import { pagesOf } from "./Reader";

test("findings are marked on the page where they are, by offsets of the whole text", () => {
  const finding = (ordinal: number, start: number, end: number) => ({ ordinal, start, end }) as never;
  const pages = pagesOf({ pages: ["No pain.", "Has asthma."], findings: [finding(2, 13, 19), finding(1, 3, 7), finding(3, 14, 16)] });
  expect(pages).toEqual([
    [{ text: "No ", finding: null }, { text: "pain", finding: 1 }, { text: ".", finding: null }],
    [{ text: "Has ", finding: null }, { text: "asthma", finding: 2 }, { text: ".", finding: null }],
  ]);
});
