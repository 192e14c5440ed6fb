import { expect, test } from "vitest";
import { chosen, entriesOf } from "./catalogue";

const rule = (code: string, severity: string, title: string, snip = 4) => ({ code, name: code.toLowerCase(), severity, snip, level: "line", title });
const COUNT = { severity: "warn", findings: 9, waived: 0, amount: "100.00" };
const ENTRIES = entriesOf(
  [rule("MUE001", "block", "Units over the day's limit", 6), rule("NPI001", "warn", "NPI fails its check digit"), rule("MOD002", "note", "Modifier order")],
  [{ ...COUNT, code: "NPI001", claims: 3 }, { ...COUNT, code: "MOD002", claims: 12 }],
  [],
);
const codes = (...given: Parameters<typeof chosen> extends [unknown, ...infer Rest] ? Rest : never) => chosen(ENTRIES, ...given).map((each) => each.code);

test("every word must be there", () => expect(codes({ words: "units limit" })).toEqual(["MUE001"]));
test("a code is found in any case", () => expect(codes({ words: "npi0" })).toEqual(["NPI001"]));
test("filters are combined", () => expect(codes({ severity: "warn", snip: 6 })).toEqual([]));
test("only rules that fired", () => expect(codes({ fired: true })).toEqual(["MOD002", "NPI001"]));
test("most claims first", () => expect(codes({}, "claims", true)).toEqual(["MOD002", "NPI001", "MUE001"]));
test("worst first", () => expect(codes({}, "severity")).toEqual(["MUE001", "NPI001", "MOD002"]));
