import { describe, expect, it } from "vitest";
import type { Field } from "../dictionary";
import { fieldsOf, fill, isAt } from "./boxes";
import { CMS1500 } from "./cms1500";

function field(name: string, kind = "text", level = "claims"): [string, Field] {
  return [name, { name, level, kind, meaning: name, x12: {}, cms1500: "", ub04: "" }];
}
const DICTIONARY = new Map([
  field("subscriber_name"), field("dependent_name"), field("subscriber_birth_on", "date"), field("line_charge", "US dollars", "lines"),
]);
const CONTENT = {
  claims: [{ subscriber_name: "DOE", subscriber_first_name: "JO", subscriber_birth_on: "1970-01-02" }],
  lines: [{ line: 1, line_charge: "60.00" }, { line: 2, line_charge: "1040.50" }],
  diagnoses: [{ position: 1, diagnosis: "J020" }, { position: 2, diagnosis: "R05" }],
};

describe("form", () => {
  const { boxes, rows } = fill(CMS1500, CONTENT, new Map([["dependent_birth_on", "no policy permits it"]]), DICTIONARY);
  const box = (name: string, line: number | null = null) => boxes.find((each) => each.box === name && each.line === line);

  it("takes the patient from the subscriber where there is no dependent", () => {
    expect(box("2")?.text).toBe("DOE, JO");
    expect(box("2")?.held).toEqual(["subscriber_name", "subscriber_first_name"]);
    expect(box("3")?.text).toBe("01/02/1970");
  });
  it("has a row for each line", () => {
    expect(box("24F", 2)?.text).toBe("1,040.50");
    expect(rows).toBe(CMS1500.head.length + 2 + CMS1500.foot.length);
  });
  it("has all rows of a level in one box", () => {
    expect(box("21")?.text).toBe("J020  R05");
  });
  it("marks findings at their box and line", () => {
    const charge = box("24F", 2);
    expect(charge && isAt(charge, ["line_charge"], 2)).toBe(true);
    expect(charge && isAt(charge, ["line_charge"], 1)).toBe(false);
    expect(fieldsOf("patient_name", DICTIONARY)).toEqual(["dependent_name", "subscriber_name"]);
  });
  it("has the same keys for the same boxes after a row is added above them", () => {
    const payers = { ...CONTENT, other_payers: [{ other_payer: 1, other_payer_name: "FIRST", other_payer_paid: "5.00" }] };
    const before = fill(CMS1500, payers, new Map(), DICTIONARY).boxes;
    const after = fill(CMS1500, { ...payers, lines: [...payers.lines, { line: 3 }] }, new Map(), DICTIONARY).boxes;
    const texts = new Map(before.map((each) => [each.key, each.text]));
    expect(texts.size).toBe(before.length);
    expect(after.filter((each) => each.line !== 3).map((each) => [each.key, each.text])).toEqual([...texts]);
    expect(after.filter((each) => each.line === 3 && texts.has(each.key))).toEqual([]);
  });
});
