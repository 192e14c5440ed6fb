import { expect, test } from "vitest";
import { figureText } from "./useAlerts";

test("a figure of an alert is shown in its unit", () => {
  expect(figureText("cents", 123456)).toBe("$1,234.56");
  expect(figureText("share", 0.1256)).toBe("12.6%");
  expect(figureText("share", null)).toBe("");
  expect(figureText(undefined, 0.1256)).toBe("");
});
