import { describe, expect, test } from "vitest";
import { csvOf } from "../../ui/csv";
import { csvRow, rowOf, spanOf, subjectLink, whoIs } from "./records";

const RECORD = {
  sequence: 7, at: "2026-11-29T06:47:54.625346Z",
  content: { action: "phi.read", actor: "user:7", subject: "claim:991", purpose: "payment", origin: "api", correlation_id: "r", detail: { reason: "=checking" } },
};
const NAMES = new Map([[7, "auditor"]]);

test("a person has a name beside the number", () => {
  expect(whoIs("user:7", NAMES)).toBe("auditor (user:7)");
  expect(whoIs("client:7", NAMES)).toBe("client:7");
});
test("a subject leads to what it is", () => {
  expect(subjectLink("claim:991")).toEqual({ to: "/claims/$claimKey", key: "991" });
  expect(subjectLink("run:1/chunk:3")).toEqual({ to: "/operations/$runId", key: "1" });
  expect(subjectLink("account:7")).toBeNull();
});
test("a reason that looks like a formula is text in the file", () =>
  expect(csvOf(["reason"], [[csvRow(rowOf(RECORD), NAMES)[7]]])).toContain("'=checking"));
test("a record without detail does not fail", () => expect(rowOf({ sequence: 1, at: "", content: {} }).detail).toEqual({}));
test("what was refused says why, in words", () => {
  const refused = (action: string, code: unknown) => rowOf({ sequence: 1, at: "", content: { action, detail: { reason_code: code } } }).reason;
  expect(refused("request.refused", "not_found")).toBe("Refused: nothing there that they may see");
  expect(refused("work.refused", ["changed_meanwhile", "own_proposal"])).toBe("Refused: changed since it was read, own proposal");
  expect(refused("work.assign", "x")).toBe("");
});
describe("days", () => {
  test("are whole", () => {
    const { since = "", until = "" } = spanOf("2026-11-28", "2026-11-28");
    expect(Date.parse(until) - Date.parse(since)).toBe(86_400_000);
  });
  test("that are none are left out", () => expect(spanOf("x", undefined)).toEqual({}));
});
