import { expect, test } from "vitest";
import { isName } from "./names";

test("a name has two words and no digit", () => {
  expect(["Smith, John", "john smith", "O'Brien-Smith,Mary Ann", " Müller  Zoë "].map(isName)).toEqual([true, true, true, true]);
  expect(["Smith", "Smith,", "SYN17-000000007", "ICN 77-A", "EFT 00717", "1234567893", ""].map(isName)).toEqual(Array(7).fill(false));
});
