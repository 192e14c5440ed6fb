import { describe, expect, it } from "vitest";
import { bodyOf, type Edit, withEdit } from "./repairs";

const FIRST: Edit = { field: "modifier_1", line: 1, position: null, value: "25" };

describe("edits", () => {
  it("has one value for a place", () => {
    const edits = withEdit(withEdit([FIRST], { ...FIRST, line: 2 }), { ...FIRST, value: "59" });
    expect(edits.map((edit) => [edit.line, edit.value])).toEqual([[2, "25"], [1, "59"]]);
  });
  it("sends an empty value as removal", () => {
    expect(bodyOf({ rules: ["MOD007"], edits: [{ ...FIRST, value: "" }] })).toEqual({
      rules: ["MOD007"], edits: [{ ...FIRST, value: null }],
    });
  });
});
