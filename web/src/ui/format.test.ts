import { describe, expect, test } from "vitest";
import { age, bytes, cents, day, daysLeft, dollars, isoDay, isoOf, left, percent, sumCents, toCents, words, counted } from "./format";

describe("money", () => {
  test.each([
    ["1204.5", "$1,204.50"],
    ["-1234567.89", "-$1,234,567.89"],
    ["90071992547409931.01", "$90,071,992,547,409,931.01"],
    ["0", "$0.00"],
    [1204.5, "$1,204.50"],
    ["12.3456", "$12.35"],
    ["n/a", "n/a"],
    [null, ""],
  ])("%s is %s", (given, expected) => expect(dollars(given)).toBe(expected));
  test.each([
    [120450, "$1,204.50"],
    [-5, "-$0.05"],
    [0, "$0.00"],
  ])("%d cents are %s", (given, expected) => expect(cents(given)).toBe(expected));
});

describe("cents", () => {
  test.each([
    ["1204.5", 120450],
    ["1,204.50", 120450],
    ["$12", 1200],
    ["-$1,204.50", -120450],
    ["-0.05", -5],
    ["-0.00", 0],
    ["0.1", 10],
    ["0.29", 29],
    ["90071992547409.91", 9007199254740991],
    ["90071992547409.92", null],
    ["1.005", null],
    ["12,04", null],
    ["", null],
    ["n/a", null],
    [null, null],
  ])("of %s are %s", (given, expected) => expect(toCents(given)).toBe(expected));
  test("one is singular", () => {
  expect(counted(1, "claim")).toBe("1 claim");
  expect(counted(0, "claim")).toBe("0 claims");
  expect(counted(1204, "entry", "entries")).toBe("1,204 entries");
});

test("are added without a float", () => expect(sumCents([10, 20, null, undefined, -1])).toBe(29));
});

describe("days", () => {
  const today = new Date(2026, 10, 29, 23, 30);
  test("are written as people in the field write them", () => expect(day("2026-11-03")).toBe("11/03/2026"));
  test("have an age", () => expect(age("2026-10-19", today)).toBe("41 d"));
  test("are left or late", () => {
    expect(daysLeft("2026-12-01", today)).toBe("2 d");
    expect(daysLeft("2026-11-29", today)).toBe("today");
    expect(daysLeft("2026-11-26", today)).toBe("3 d late");
    expect([left(1200), left(0), left(-3), left(null)]).toEqual(["1,200 d", "today", "3 d late", ""]);
  });
  test("of today and after it have the form of the API", () => {
    expect(isoDay(0, today)).toBe("2026-11-29");
    expect(isoDay(-1, today)).toBe("2026-11-28");
    expect(isoDay(90, today)).toBe("2027-02-27");
  });
});

test.each([[0.714, 0, "71%"], [0.7143, 1, "71.4%"], [0, 0, "0%"], [null, 0, ""], [Number.NaN, 0, ""]])("%j is a share of %j digits: %s", (value, digits, expected) =>
  expect(percent(value, digits)).toBe(expected));
test("names become words", () => expect(words("awaiting_approval")).toBe("Awaiting approval"));
test("bytes have a unit", () => expect(bytes(1_234_567)).toBe("1.2 MB"));

describe("a day that was typed", () => {
  test("is read as people and as programs write it", () => {
    expect([isoOf("11/3/2026"), isoOf(" 01/31/2026 "), isoOf("2026-01-31")]).toEqual(["2026-11-03", "2026-01-31", "2026-01-31"]);
  });
  test("is none where there is no such day", () => {
    expect([isoOf("02/30/2026"), isoOf("13/01/2026"), isoOf("1/2/26"), isoOf(""), isoOf("soon")]).toEqual([null, null, null, null, null]);
  });
});
