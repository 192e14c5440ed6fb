import { expect, test } from "vitest";
import { searchHelp } from "./search";

const PAGES = [
  { title: "Rules of your own", headings: [{ id: "waivers", text: "Waivers" }, { id: "cases", text: "Cases" }] },
  { title: "Deadlines", headings: [{ id: "timely-filing", text: "Timely filing" }] },
];

test("a heading is found by its words", () =>
  expect(searchHelp(PAGES, "timely").map((each) => each.heading?.id)).toEqual(["timely-filing"]));
test("words may stand in the title as well, but one in the heading", () =>
  expect(searchHelp(PAGES, "rules waiver").map((each) => each.heading?.id)).toEqual(["waivers"]));
test("a title is found", () => expect(searchHelp(PAGES, "deadlines")[0]?.heading).toBeNull());
test("nothing asked finds nothing", () => expect(searchHelp(PAGES, "  ")).toEqual([]));
