import { describe, expect, it } from "vitest";
import { areAdjustments, withAdjustments } from "../adjustments";
import type { Box } from "./boxes";
import { partedChanges, whatLeaves, withoutLines } from "../repairs/leaving";
import { cellsOf, newDecisions, newLine, newPayer, otherTotal, valueIn, withCell, withEdits, withoutNewDecisions, withoutNewLines, withoutNewPayers } from "./editing";

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
  box: "x", label: "x", at: 1, span: 1, fields, key: "k", row: 1, line, payer: null, decision: null, names: fields.split(/[\s|]+/), held, text: "", why: null, ...(level ? { level } : {}),
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
      { position: 1, number: 1, now: "J45909" }, { position: 2, number: 2, now: "E119" }, { position: 3, number: 3, now: "", isNew: true },
    ]);
  });
  it("go on after a row that is typed", () => {
    const typed = [{ field: "diagnosis", line: null, position: 3, value: "I10" }];
    expect(cellsOf(box("diagnosis", null, ["diagnosis"], "diagnoses"), content, editable, typed).map((cell) => [cell.position, cell.now])).toEqual([
      [1, "J45909"], [2, "E119"], [3, ""], [4, ""],
    ]);
  });
  it("are none where nothing may be changed", () => {
    expect(cellsOf(box("claim_id", null, ["claim_id"]), content, editable)).toEqual([]);
    expect(cellsOf(box("diagnosis", null, [], "diagnoses"), { ...content, diagnoses: [] }, new Map())).toEqual([]);
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

describe("a new row", () => {
  const codes = new Map<string, { field: string; level: string; kind: string; meaning: string }>(editable);
  codes.set("institutional_code", { field: "institutional_code", level: "institutional_codes", kind: "code", meaning: "" });
  it("says of which list it is for as long as it has a code", () => {
    const [cell] = cellsOf({ ...box("institutional_code", null, [], "institutional_codes"), lists: ["BG"] }, content, codes);
    if (!cell) throw new Error("no cell");
    const typed = withCell([], cell, "A1");
    expect(typed.map((edit) => [edit.field, edit.position, edit.value])).toEqual([["institutional_code", 1, "A1"], ["institutional_code_list", 1, "BG"]]);
    expect(withEdits(content, typed, codes)["institutional_codes"]).toMatchObject([{ position: 1, institutional_code: "A1" }]);
    expect(withCell(typed, cell, "")).toEqual([]);
  });
  it("of a claim's lines begins as the last line", () => {
    const typed = newLine(content, [], editable);
    expect(typed).toEqual([
      { field: "line_place_of_service", line: 3, position: null, value: "22" }, { field: "units", line: 3, position: null, value: "1" },
    ]);
    expect(withEdits(content, typed, editable)["lines"]).toHaveLength(3);
    expect(cellsOf(box("units", 3, []), content, editable, typed)).toMatchObject([{ line: 3, now: "" }]);
    expect(withoutNewLines(content, typed, editable)).toEqual([]);
  });
});

describe("a line that leaves", () => {
  const two = { claims: [{ total_charge: "10.30" }], lines: [{ line: 1, line_charge: "10.10", procedure: "99213" }, { line: 2, line_charge: "0.20" }], notes: [{ line: 1, position: 1, note: "x" }, { position: 1, note: "of the claim" }] };
  it("is not in the sum", () => expect(otherTotal(withoutLines(two, [1]))).toBe(20));
  it("takes along what is said of it", () => {
    expect(whatLeaves(two, 1, new Map())).toEqual({ values: ["Line charge 10.10", "Procedure 99213"], rows: ["Notes (1)"] });
  });
  it("is one row of the diff", () => {
    const change = (field: string, line: number | null, old: string) => ({ level: "lines", field, meaning: "", line, position: null, old, new: null, withheld: null });
    const parted = partedChanges([change("service_from_on", 1, "2026-01-31"), change("unit_basis", 1, "UN"), change("modifier_1", 2, "25")], [1]);
    expect(parted.leaving).toEqual([{ line: 1, texts: ["Service from on 01/31/2026"] }]);
    expect(parted.stays.map((each) => each.line)).toEqual([2]);
  });
});

describe("another payer's boxes", () => {
  const paid = new Map([["other_payer_paid", { field: "other_payer_paid", level: "other_payers", kind: "US dollars", meaning: "" }]]);
  const payers = { other_payers: [{ other_payer: 1, other_payer_paid: "5.00" }, { other_payer: 2, other_payer_paid: "7.00" }] };
  it("are of that payer", () => {
    expect(cellsOf({ ...box("other_payer_paid", null, ["other_payer_paid"]), payer: 2 }, payers, paid)).toMatchObject([{ position: 2, now: "7.00" }]);
  });
});

describe("what another payer decided of lines", () => {
  const fields = new Map(["adjudication_payer_id", "paid_procedure", "paid_units", "line_paid", "line_adjustments"].map((field) => [field, { field, level: "line_adjudications", kind: "code", meaning: "" }]));
  const payer = { other_payer: 1, other_payer_id: "99887" };
  const content = withAdjustments({
    other_payers: [payer], lines: [{ line: 1, procedure: "99213", units: "1" }, { line: 2, procedure: "36415", units: "2" }],
    line_adjudications: [{ line: 1, adjudication: 1, adjudication_payer_id: "99887", line_paid: "80.00" }],
    adjustments: [
      { other_payer: 1, position: 1, adjustment_group: "OA", adjustment_reason: "23", adjustment_amount: "5" },
      { line: 1, adjudication: 1, position: 1, adjustment_group: "CO", adjustment_reason: "45", adjustment_amount: "20.50" },
      { line: 1, adjudication: 1, position: 2, adjustment_group: "PR", adjustment_reason: "2", adjustment_amount: "16", adjustment_quantity: "2.000" },
    ],
  });
  it("has its adjustments as a person writes them", () => {
    expect(content["line_adjudications"]?.[0]?.["line_adjustments"]).toBe("CO-45 20.50, PR-2 16.00 x2");
    expect(content["other_payers"]?.[0]?.["other_payer_adjustments"]).toBe("OA-23 5.00");
    expect(["CO-45 20.50, pr-2 16 x2;", "", "CO-45", "XX-1 5.00"].map(areAdjustments)).toEqual([true, true, false, false]);
  });
  it("is changed in the boxes of that line and payer", () => {
    expect(cellsOf({ ...box("line_paid line_adjustments", 1, ["line_paid", "line_adjustments"]), decision: 1 }, content, fields)).toMatchObject([
      { field: "line_paid", line: 1, position: 1, now: "80.00" }, { field: "line_adjustments", line: 1, position: 1, now: "CO-45 20.50, PR-2 16.00 x2" },
    ]);
  });
  it("is added for the lines that have none of the payer, with what was billed", () => {
    const typed = newDecisions(content, [], fields, payer);
    expect(typed.map((each) => [each.field, each.line, each.position, each.value])).toEqual([
      ["adjudication_payer_id", 2, 1, "99887"], ["paid_procedure", 2, 1, "36415"], ["paid_units", 2, 1, "2"],
    ]);
    expect(withEdits(content, typed, fields)["line_adjudications"]).toHaveLength(2);
    expect(newDecisions(content, typed, fields, payer)).toEqual([]);
    expect(withoutNewDecisions(content, typed, fields)).toEqual([]);
  });
});

describe("a further payer", () => {
  const fields = new Map(["other_payer_responsibility", "other_payer_name"].map((field) => [field, { field, level: "other_payers", kind: "code", meaning: "" }]));
  const primary = { claims: [{ payer_responsibility: "P" }] };
  const typed = newPayer(primary, [], fields);
  it("begins with the first place in the order of payment that is free", () => {
    expect(typed).toEqual([{ field: "other_payer_responsibility", line: null, position: 1, value: "S" }]);
    expect(newPayer({ claims: [{ payer_responsibility: "S" }], other_payers: [{ other_payer: 1, other_payer_responsibility: "P" }] }, [], fields)).toMatchObject([{ position: 2, value: "T" }]);
  });
  it("has boxes of its own at once, and is taken back as a whole", () => {
    expect(withEdits(primary, typed, fields)["other_payers"]).toEqual([{ other_payer: 1, other_payer_responsibility: "S" }]);
    expect(cellsOf({ ...box("other_payer_name", null, []), payer: 1 }, primary, fields, typed)).toMatchObject([{ position: 1, now: "", isNew: true }]);
    expect(withoutNewPayers(primary, typed, fields)).toEqual([]);
  });
  it("is not begun by who may not change it", () => expect(newPayer(primary, [], new Map())).toEqual([]));
});

describe("the total of the lines", () => {
  const charged = (total: string) => ({ claims: [{ total_charge: total }], lines: [{ line: 1, line_charge: "10.10" }, { line: 2, line_charge: "0.20" }] });
  it("is told where the claim says another", () => expect([otherTotal(charged("10.30")), otherTotal(charged("10.00"))]).toEqual([null, 1030]));
});
