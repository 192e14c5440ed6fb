import { describe, expect, test } from "vitest";
import { adviceOf, causeOf, countsOf, duration, nextAfter, paceOf, stagesOf } from "./work";

const RUN = {
  run_id: 1, state: "running", as_of: "2026-11-29", started_at: "2026-11-29T10:00:00Z", finished_at: null, planned: 400, chunks: 4,
  chunks_done: 1, claims: 100, produced: 90, review: 10, dead: 0, charge: "1.00",
};
const CHUNK = { chunk: 1, state: "done", worker: 1, leases: 1, failures: 0, crashes: 0, problem: null, claims: 1, produced: 1, review: 0, dead: 0 };

test("stages are summed over chunks, in the order of the work", () =>
  expect(stagesOf([{ ...CHUNK, seconds: { write: 1, check: 2 } }, { ...CHUNK, seconds: { check: 1 } }])).toEqual([
    { stage: "check", seconds: 3, share: 0.75 }, { stage: "write", seconds: 1, share: 0.25 },
  ]));
describe("the pace", () => {
  test("of a run that goes on says what is left", () =>
    expect(paceOf(RUN, Date.parse("2026-11-29T10:00:50Z"))).toEqual({ perSecond: 2, secondsLeft: 150 }));
  test("of one that has just begun is unknown", () =>
    expect(paceOf({ ...RUN, claims: 0 }, Date.parse(RUN.started_at))).toEqual({ perSecond: null, secondsLeft: null }));
});
test.each([[0.73, "0.7 s"], [48, "48 s"], [200, "3 min"], [7_560, "2.1 h"], [null, ""]])("%j seconds are %s", (given, expected) =>
  expect(duration(given)).toBe(expected));
test("counts of an event, and no keys", () =>
  expect(countsOf({ run_id: 3, claim_key: 9, claims: 40, review: 2, facility: "A", charge_cents: 5 })).toBe("claims 40, review 2"));
test("a class of failure has its advice", () => {
  expect(adviceOf("WorkerCrashed")).toContain("memory");
  expect(adviceOf("PhiSealError")).toContain("data key");
  expect(adviceOf("KeyError")).toContain("could not be read");
  expect(adviceOf("FileOpenError")).toContain("could not be read");
});
test("causes are words", () => {
  expect(causeOf("PhiSealError")).toBe("Its record does not open");
  expect(causeOf("BlockTooLargeError")).toBe("Block too large");
});
test("the cursor goes to the next letter that waits", () => {
  const rows = [1, 2, 3].map((claim_key) => ({ claim_key, state: "dead" }));
  expect(nextAfter(rows, 2, [2])).toBe(3);
  expect(nextAfter(rows, 3, [3])).toBe(2);
  expect(nextAfter(rows, 1, [1, 2, 3])).toBeUndefined();
});
