import { expect, test } from "vitest";
import { answerOf, brokenOff } from "./sendFile";

test("a file that was sent in part was not taken", () =>
  expect(brokenOff("offline", false, "remittances").message).toContain("before the whole file was sent. Nothing of it was kept"));
test("a file that was only to be checked is kept nowhere", () =>
  expect(brokenOff("offline", true).message).toBe("The connection was lost. Nothing of it was kept; send it again."));
test("a file that was sent whole may have been taken", () => {
  const problem = brokenOff("stopped", true, "remittances");
  expect(problem.message).toBe("You stopped it after the whole file was sent. It may have been taken; look in the list of remittances.");
  expect([problem.code, problem.status]).toEqual(["stopped", 0]);
});
test("an answer that is no JSON is a failure that says where to look", async () => {
  await expect(answerOf(201, "<html>", "r1", "files")).rejects.toMatchObject({
    message: "The answer can't be read. Look in the list of files whether it was taken.", requestId: "r1",
  });
  await expect(answerOf(201, '{"file_id": 7}', "")).resolves.toEqual({ file_id: 7 });
});
