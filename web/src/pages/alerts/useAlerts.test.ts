import { expect, test } from "vitest";
import { behindOf, conditionText, figureText, groupOf, limitText } from "./useAlerts";

test("a figure of an alert is shown in its unit", () => {
  expect(figureText("cents", 123456)).toBe("$1,234.56");
  expect(figureText("share", 0.1256)).toBe("12.6%");
  expect(figureText("share", null)).toBe("");
  expect(figureText(undefined, 0.1256)).toBe("");
});

test("an alert says its group, its limit and its condition in words", () => {
  const alert = { dimensions: ["payer"], series: ["P1"], value: 0.227, lower_limit: null, upper_limit: 0.18 } as never;
  expect(groupOf(alert, () => "EXAMPLE PLAN")).toBe("Payer: EXAMPLE PLAN");
  expect(limitText(alert, "share")).toBe("18.0%");
  expect(limitText({ value: 3, lower_limit: 5, upper_limit: 9 }, "days")).toBe("5 days");
  expect(limitText({ value: 7, lower_limit: 5, upper_limit: 9 }, "days")).toBe("5 days to 9 days");
  expect(conditionText({ kind: "threshold", above: 0.18, days: 90 } as never, "share")).toBe("Above 18.0%, over 90 days");
  expect(conditionText({ kind: "unusual", sensitivity: "high" } as never, "items")).toContain("unusual for its weekday");
});

test("an alert leads to the claims behind its value, of its days and its group", () => {
  const days = { kpi: "initial_denial_rate", begins: "2026-09-03", ends: "2026-12-01" };
  expect(behindOf({ ...days, dimensions: ["payer", "facility"], series: ["P1", "HILLCREST"] })).toEqual({
    behind: "initial_denial_rate", period: "2026-09-03..2026-12-01", facility: "HILLCREST", where: "payer:P1",
  });
  expect(behindOf({ ...days, dimensions: [], series: [] })).toEqual({ behind: "initial_denial_rate", period: "2026-09-03..2026-12-01" });
  expect(behindOf({ ...days, dimensions: ["payer", "category"], series: ["P1", "coding"] })).toBeNull();
});
