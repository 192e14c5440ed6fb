import { describe, expect, it } from "vitest";
import { bodyOf, type Edit, placeOf, rowAt, shownValue, typedValue, valueAt, withEdit } from "./repairs";

const FIRST: Edit = { field: "modifier_1", line: 1, position: null, value: "25" };

describe("edits", () => {
  it("has one value for a place", () => {
    const edits = withEdit(withEdit([FIRST], { ...FIRST, line: 2 }), { ...FIRST, value: "59" });
    expect(edits.map((edit) => [edit.line, edit.value])).toEqual([[2, "25"], [1, "59"]]);
  });
  it("sends an empty value as removal", () => {
    expect(bodyOf({ rules: ["MOD007"], edits: [{ ...FIRST, value: "" }], removed: [2] })).toEqual({
      rules: ["MOD007"], removed_lines: [2], edits: [{ ...FIRST, value: null }],
    });
  });
});

describe("the place of an edit", () => {
  const content = {
    notes: [{ line: 2, position: 1, note_text: "of a line" }, { position: 1, note_text: "of the claim" }],
    other_payers: [{ other_payer: 1, other_payer_name: "FIRST" }, { other_payer: 2, other_payer_name: "SECOND" }],
    claims: [{ payer_name: "PAYER" }],
  };
  it.each([
    ["claims", { line: null, position: null }], ["lines", { line: 3, position: null }], ["diagnoses", { line: null, position: 2 }],
    ["other_payers", { line: null, position: 2 }], ["notes", { line: 3, position: 2 }], ["teeth", { line: 3, position: 2 }],
  ])("of %s is told apart as on the server", (level, place) => expect(placeOf(level, 3, 2)).toEqual(place));
  it("is of the whole claim where no line is given", () => {
    expect(valueAt(content, "notes", { field: "note_text", ...placeOf("notes", null, 1) })).toBe("of the claim");
    expect(valueAt(content, "notes", { field: "note_text", ...placeOf("notes", 2, 1) })).toBe("of a line");
  });
  it("finds other payers by their number", () =>
    expect(valueAt(content, "other_payers", { field: "other_payer_name", ...placeOf("other_payers", null, 2) })).toBe("SECOND"));
  it("is nothing where the claim has no such row", () => {
    expect(rowAt(content, "notes", placeOf("notes", 1, 1))).toBeUndefined();
    expect(rowAt(content, "claims", placeOf("claims", 1, 1))).toEqual({ payer_name: "PAYER" });
  });
});

describe("a date of a claim", () => {
  it("is shown and typed as people write it", () => {
    expect(shownValue("date", "2026-01-31")).toBe("01/31/2026");
    expect(typedValue("date", "1/31/2026")).toBe("2026-01-31");
    expect(typedValue("date", "")).toBe("");
    expect(typedValue("date", "soon")).toBeNull();
  });
  it("is told from other values", () => {
    expect([shownValue("code", "2026-01-31"), typedValue(undefined, " 25 ")]).toEqual(["2026-01-31", "25"]);
  });
});

describe("an amount of a claim", () => {
  it("is typed as people write it, and is no other text", () => {
    expect(["125", "1,250.50", "$1,250.50", "-$49.00", "", "1,25", "12.345", "ten"].map((each) => typedValue("US dollars", each))).toEqual(["125", "1250.50", "1250.50", "-49.00", "", null, null, null]);
  });
});
