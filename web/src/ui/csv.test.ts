import { describe, expect, test } from "vitest";
import { csvCell, csvOf } from "./csv";

describe("a cell that a spreadsheet would run", () => {
  test.each(["=1+1", "+cmd", "-2+3", "@SUM(A1)"])("%s is text", (text) => expect(csvCell(text)).toBe(`'${text}`));
  test("also after a tab or a return", () => {
    expect(csvCell("\t=1")).toBe(`"'\t=1"`);
    expect(csvCell("\r=1")).toBe(`"'\r=1"`);
  });
  test("within quotes as well", () => expect(csvCell('=HYPERLINK("http://x","y")')).toBe(`"'=HYPERLINK(""http://x"",""y"")"`));
});

test.each([
  [-5, "-5"], ["-1204.50", "-1204.50"], [0, "0"], [null, ""], [undefined, ""], ["a, b", '"a, b"'], ['say "no"', '"say ""no"""'],
  ["two\nlines", '"two\nlines"'],
])("%j is %s", (given, expected) => expect(csvCell(given)).toBe(expected));

test("rows end as RFC 4180 has it", () => expect(csvOf(["a", "b"], [[1, "x"]])).toBe("a,b\r\n1,x\r\n"));
