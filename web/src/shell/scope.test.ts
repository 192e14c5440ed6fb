import { describe, expect, it } from "vitest";
import { asked, daysOf, periodText, scopeOf } from "./scope";

const NOW = new Date(2026, 2, 1, 9);

describe("the period of the address", () => {
  it("counts today as one of its days", () => {
    expect(daysOf("7d", NOW)).toEqual({ from: "2026-02-23", to: "2026-03-01" });
  });
  it("knows months by their own length", () => {
    expect(daysOf("month", NOW)).toEqual({ from: "2026-03-01", to: "2026-03-01" });
    expect(daysOf("last-month", NOW)).toEqual({ from: "2026-02-01", to: "2026-02-28" });
    expect(daysOf("last-month", new Date(2026, 0, 31))).toEqual({ from: "2025-12-01", to: "2025-12-31" });
    expect(daysOf("year", NOW)).toEqual({ from: "2026-01-01", to: "2026-03-01" });
  });
  it("takes days of one's own, and nothing else", () => {
    expect(daysOf("2026-01-05..2026-01-09", NOW)).toEqual({ from: "2026-01-05", to: "2026-01-09" });
    for (const given of ["2026-01-09..2026-01-05", "2026-01-05", "soon", "", undefined]) expect(daysOf(given, NOW)).toBeNull();
  });
  it("is told as people write days", () => {
    expect(periodText("30d")).toBe("Last 30 days");
    expect(periodText("2026-01-05..2026-01-09")).toBe("01/05/2026 to 01/09/2026");
    expect(periodText("2026-01-05..2026-01-05")).toBe("01/05/2026");
  });
});

describe("what a list asks for", () => {
  it("has the days under the list's own names", () => {
    const scope = scopeOf({ facility: "HILLCREST", period: "last-month" }, NOW);
    expect(asked(scope, "paid_from", "paid_to")).toEqual({ facility: "HILLCREST", paid_from: "2026-02-01", paid_to: "2026-02-28" });
  });
  it("leaves out what is no facility and no period", () => {
    expect(asked(scopeOf({ facility: "a b", period: "ever" }, NOW), "from", "to")).toEqual({});
    expect(asked(scopeOf({}, NOW), "from", "to")).toEqual({});
  });
  it("keeps a facility whose name is a number", () => {
    expect(asked(scopeOf({ facility: 12 }, NOW), "from", "to")).toEqual({ facility: "12" });
  });
});
