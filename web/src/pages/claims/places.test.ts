import { expect, test } from "vitest";
import { placeWords } from "./places";

test("a place of X12 is told in words beside its name", () => {
  expect(["SV107", "SV101-3", "HI", "N403", "NM1", "SV106", "ZZZ"].map((each) => placeWords(each))).toEqual([
    "SV107 (diagnosis pointers)", "SV101-3 (procedure and modifiers)", "HI (diagnoses and codes)", "N403 (ZIP code)", "NM1 (name of a party)", "SV106", "ZZZ",
  ]);
  expect(placeWords("REF02")).toBe("REF02");
  expect(placeWords(null)).toBeNull();
});
