import { expect, test } from "vitest";
import type { Act, ActResult, Item } from "./queue";
import { undoOf } from "./undo";

const items = [{ item_id: 1, assignee_id: 5 }, { item_id: 2, assignee_id: 5 }] as Item[];
const of = (act: Act["act"], done: number, proposed = 0): Act | null =>
  undoOf({ act, items: [] }, items, { act, done: Array.from({ length: done }, (_, at) => at), proposed: Array.from({ length: proposed }, (_, at) => at), refused: [] } as unknown as ActResult);

test("what was resolved or closed is reopened, with the reason that it was a mistake", () => {
  expect(of("resolve", 2)).toMatchObject({ act: "reopen", items: [{ item_id: 1 }, { item_id: 2 }] });
  expect(of("close", 2)?.reason).toMatch(/mistake/);
});

test("what was reopened is resolved again, where it was resolved before", () => {
  const before = [{ item_id: 1, outcome: "resolved" }, { item_id: 2, outcome: "resolved" }] as Item[];
  const result = { act: "reopen", done: [1, 2], proposed: [], refused: [] } as unknown as ActResult;
  expect(undoOf({ act: "reopen", items: [] }, before, result)).toMatchObject({ act: "resolve", items: [{ item_id: 1 }, { item_id: 2 }] });
  expect(undoOf({ act: "reopen", items: [] }, [{ ...before[0], outcome: "returned" } as Item], result)).toBeNull();
});

test("what waits for an approval is taken up again, and what is mixed is left", () => {
  expect(of("resolve", 0, 2)).toMatchObject({ act: "start" });
  expect(of("resolve", 1, 1)).toBeNull();
});

test("what was assigned goes back to whoever had all of it; what was sent stays sent", () => {
  expect(of("assign", 2)).toMatchObject({ act: "assign", to: 5 });
  expect(undoOf({ act: "assign", items: [] }, [...items, { item_id: 3, assignee_id: null } as Item], {} as ActResult)).toBeNull();
  expect(of("release", 2)).toBeNull();
});
