import { expect, test } from "vitest";
import { forgetFailures, NotFetchedError, page } from "./page";

test("a page that could not be fetched is asked for again, once at a time", async () => {
  const answers = [Promise.reject(new TypeError("Failed to fetch dynamically imported module: /x.js")), Promise.resolve({ Rules: () => null })];
  let asked = 0;
  const rules = page(() => answers[asked++] as Promise<{ Rules: () => null }>, "Rules");
  await Promise.all([rules.preload(), rules.preload()]);
  expect(asked).toBe(1);
  forgetFailures();
  await rules.preload();
  await rules.preload();
  expect(asked).toBe(2);
});

test("what failed is told without the address of a file", () => expect(new NotFetchedError().message).not.toContain("/"));
