import { describe, expect, it } from "vitest";
import { type Definition, definitionOf, EMPTY, limitOf, nameOf, problemOf, typedOf } from "./definition";

const RATE = { ...EMPTY, title: "Denials are up", kpi: "initial_denial_rate", kind: "threshold", above: "12.5%", days: 7 } as const;

describe("an alert", () => {
  it("is typed in percent and dollars, and sent as the figures are", () => {
    expect([limitOf("12.5%", "share"), limitOf("$1,000", "cents"), limitOf("3", "days"), limitOf("", "share"), limitOf("much", "share")]).toEqual([
      0.125, 100_000, 3, null, undefined,
    ]);
    expect(definitionOf({ ...RATE, by: [], targets: [] }, "share", "denials_are_up", null)).toMatchObject({
      name: "denials_are_up", condition: { kind: "threshold", above: 0.125, below: null, days: 7 }, quiet_hours: null, escalation: [],
    });
  });
  it("is shown again as it was typed, and keeps what the form does not show", () => {
    const sent = definitionOf({ ...RATE, by: ["payer"], targets: ["desk"], above: "12.5" }, "share", "x", null);
    const before: Definition = { ...sent, where: [["payer", "SYN01"]], quiet_hours: { time_zone: "America/Chicago", quiet_days: [6], critical_too: false } };
    const again = typedOf(before, "share");
    expect(again).toMatchObject({ above: "12.5", days: 7, by: ["payer"], targets: ["desk"], quiet: null });
    expect(definitionOf(again, "share", "x", before)).toMatchObject({ where: [["payer", "SYN01"]], quiet_hours: { quiet_days: [6] } });
  });
  it("says what is missing", () => {
    expect(problemOf({ ...EMPTY }, undefined)).toMatch(/figure/);
    expect(problemOf({ ...RATE, by: [], targets: [], above: "" }, "share")).toMatch(/limit/);
    expect(problemOf({ ...RATE, by: [], targets: [], below: "20" }, "share")).toMatch(/less/);
    expect(problemOf({ ...RATE, by: [], targets: [] }, "share")).toBeNull();
  });
  it("gets a name of its own", () => {
    expect([nameOf("Denials are up!", []), nameOf("Denials are up", ["denials_are_up"]), nameOf("90 days", [])]).toEqual([
      "denials_are_up", "denials_are_up_2", "alert_90_days",
    ]);
  });
});
