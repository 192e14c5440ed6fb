import { describe, expect, it } from "vitest";
import type { Box } from "./boxes";
import { cellsOf, valueIn, withCell, withEdits } from "./editing";

const editable = new Map(
  (
    [
      ["units", "lines"], ["line_place_of_service", "lines"], ["place_of_service", "claims"], ["diagnosis", "diagnoses"],
      ["prior_authorization", "claims"], ["referral_number", "claims"],
    ] as const
  ).map(([field, level]) => [field, { field, level, kind: "code", meaning: field }]),
);
const content = {
  claims: [{ place_of_service: "11", referral_number: "R1" }],
  lines: [{ line: 1, units: "2" }, { line: 2, units: "1", line_place_of_service: "22" }],
  diagnoses: [{ position: 1, diagnosis: "J45909" }, { position: 2, diagnosis: "E119" }],
};
const box = (fields: string, line: number | null, held: readonly string[], level?: string): Box => ({
  box: "x", label: "x", at: 1, span: 1, fields, key: "k", row: 1, line, names: fields.split(/[\s|]+/), held, text: "", why: null, ...(level ? { level } : {}),
});

describe("the cells of a box", () => {
  it("are those of its own line", () => {
    expect(cellsOf(box("units", 2, ["units"]), content, editable)).toMatchObject([{ field: "units", line: 2, position: null, now: "1" }]);
  });
  it("are the alternative that has a value, or else the first", () => {
    const place = "line_place_of_service|place_of_service";
    expect(cellsOf(box(place, 1, ["place_of_service"]), content, editable)).toMatchObject([{ field: "place_of_service", line: null, now: "11" }]);
    expect(cellsOf(box(place, 2, ["line_place_of_service"]), content, editable)).toMatchObject([{ field: "line_place_of_service", line: 2, now: "22" }]);
    expect(cellsOf(box("prior_authorization|referral_number", null, []), content, editable)).toMatchObject([{ field: "prior_authorization", now: "" }]);
  });
  it("are one for each row that stands in the box", () => {
    expect(cellsOf(box("diagnosis", null, ["diagnosis"], "diagnoses"), content, editable)).toMatchObject([
      { position: 1, number: 1, now: "J45909" }, { position: 2, number: 2, now: "E119" },
    ]);
  });
  it("are none where nothing may be changed", () => {
    expect(cellsOf(box("claim_id", null, ["claim_id"]), content, editable)).toEqual([]);
    expect(cellsOf(box("diagnosis", null, [], "diagnoses"), { ...content, diagnoses: [] }, editable)).toEqual([]);
  });
});

describe("typed values", () => {
  const [cell] = cellsOf(box("units", 1, ["units"]), content, editable);
  if (!cell) throw new Error("no cell");
  const edits = withCell([], cell, "3");
  it("stand in the form as if they were saved, and leave the claim as it is", () => {
    expect(withEdits(content, edits, editable)["lines"]).toEqual([{ line: 1, units: "3" }, content.lines[1]]);
    expect(content.lines[0]?.units).toBe("2");
    expect(valueIn(edits, cell)).toBe("3");
  });
  it("are none where the old value is typed again", () => expect(withCell(edits, cell, "2")).toEqual([]));
  it("remove the field where nothing is typed", () => {
    expect(withEdits(content, withCell([], cell, ""), editable)["lines"]?.[0]).toEqual({ line: 1 });
  });
});
