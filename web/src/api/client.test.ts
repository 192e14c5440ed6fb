import { afterEach, expect, test, vi } from "vitest";
import { keepCsrf, onForged, problemOf, type Problem } from "./client";

const forged = () => Response.json({ error: { code: "forged_request", message: "no" } }, { status: 403 });

afterEach(() => {
  vi.unstubAllGlobals();
});

/** The client before a server that gives these answers; relative addresses need a place to be relative to. */
async function before(answers: (() => Response)[]) {
  // It takes what the browser has when it is loaded.
  vi.resetModules();
  const sent: { token: string | null; body: string }[] = [];
  const Plain = Request;
  vi.stubGlobal("Request", class extends Plain {
    constructor(given: RequestInfo | URL, init?: RequestInit) {
      super(typeof given === "string" ? new URL(given, "http://here") : given, init);
    }
  });
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push({ token: request.headers.get("X-CSRF-Token"), body: await request.text() });
    return (answers.shift() ?? forged)();
  });
  return { client: await import("./client"), sent };
}

test("a request of an older session is sent once more with the token of the new one", async () => {
  const { client, sent } = await before([forged, () => new Response(null, { status: 204 })]);
  client.keepCsrf("old");
  client.onForged(async () => client.keepCsrf("new"));
  await client.api.POST("/api/v1/own/tour");
  expect(sent.map((each) => each.token)).toEqual(["old", "new"]);
});

test("a request that is refused again is a failure, and its body is the same", async () => {
  const { client, sent } = await before([forged, forged]);
  client.keepCsrf("old");
  client.onForged(async () => undefined);
  const body = { name: "n", address: "/queue" };
  await expect(client.api.POST("/api/v1/own/views", { body })).rejects.toMatchObject({ code: "forged_request" });
  expect(sent.map((each) => JSON.parse(each.body))).toEqual([body, body]);
});

test("what is refused for good is said by its own problem", async () => {
  const { client } = await before([forged]);
  client.onForged(() => Promise.reject(new client.Problem("not_signed_in", "Sign in.", 401)));
  await expect(client.api.POST("/api/v1/own/tour")).rejects.toMatchObject({ code: "not_signed_in" });
});

test("a key that was used for something else is said in words for a person", async () => {
  keepCsrf("");
  onForged(async () => undefined);
  const problem: Problem = await problemOf(Response.json({ error: { code: "key_reused", message: "Use a new key." } }, { status: 422 }));
  expect(problem.message).toBe("It may have been done already. Close this and look.");
});
