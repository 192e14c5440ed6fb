import { afterEach, beforeEach, expect, test, vi } from "vitest";

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a lost connection is asked for again until it is there, and then no more", async () => {
  const answers = [() => Promise.reject(new TypeError("offline")), () => Promise.resolve(new Response(""))];
  const ask = vi.fn(() => (answers.shift() ?? (() => Promise.resolve(new Response(""))))());
  vi.stubGlobal("fetch", ask);
  const { connectionFails, connectionNow } = await import("./connection");
  connectionFails();
  connectionFails();
  expect(connectionNow()).toBe("offline");
  await vi.advanceTimersByTimeAsync(4_000);
  expect([ask.mock.calls.length, connectionNow()]).toEqual([1, "offline"]);
  await vi.advanceTimersByTimeAsync(4_000);
  expect([ask.mock.calls.length, connectionNow()]).toEqual([2, "online"]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ask).toHaveBeenCalledTimes(2);
});

test("any answer says that the connection is there", async () => {
  vi.stubGlobal("fetch", vi.fn());
  const { connectionFails, connectionNow, connectionWorks } = await import("./connection");
  connectionFails();
  connectionWorks();
  expect(connectionNow()).toBe("online");
});
