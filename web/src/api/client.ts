/** The API, typed by its own description; a failed request throws a `Problem` with what the server said. */

import createClient, { type Middleware } from "openapi-fetch";
import { connectionFails, connectionWorks } from "./connection";
import { takeFirst } from "../first";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** What the server says of a failed request. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly details: { field?: string | null; message: string }[] = [],
    readonly requestId = "",
  ) {
    super(message);
  }

  /** Whether nobody is signed in, or no longer. */
  get isSignedOut(): boolean {
    return this.status === 401 && this.code !== "second_factor_needed";
  }
}

type Told = { error?: { code?: string; message?: string; details?: { field?: string; message: string }[]; request_id?: string } };

// In memory only: neither storage nor address of the browser ever holds it.
let csrf = "";
let signedOut: () => void = () => undefined;
let askAnew: () => Promise<unknown> = async () => undefined;
let renewal: Promise<unknown> | null = null;
let lastAnswer = Date.now();

/** Keep the token that every changing request carries. */
export function keepCsrf(token: string): void {
  csrf = token;
}

/** The token that every changing request carries. */
export function csrfToken(): string {
  return csrf;
}

/** Be told when the server says that the session has ended. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** Be asked for the session anew when the server says that the token is of another one. */
export function onForged(ask: () => Promise<unknown>): void {
  askAnew = ask;
}

/** Ask for the session anew, once for all requests that wait for it: another window of the browser has a new one. */
export function renewSession(): Promise<unknown> {
  renewal ??= askAnew().finally(() => {
    renewal = null;
  });
  return renewal;
}

/** When the server last answered a request of the session, in milliseconds. */
export function lastAnswered(): number {
  return lastAnswer;
}

// What the server says to programs, in words for a person.
const IN_WORDS: Readonly<Record<string, string>> = { key_reused: "It may have been done already. Close this and look." };

export async function problemOf(response: Response): Promise<Problem> {
  let told: Told = {};
  try {
    told = (await response.clone().json()) as Told;
  } catch {
    // Not JSON: a proxy has answered.
  }
  const error = told.error ?? {};
  return new Problem(
    error.code ?? "unexpected",
    IN_WORDS[error.code ?? ""] ?? error.message ?? `The server answered ${response.status}. Try again.`,
    response.status,
    error.details ?? [],
    error.request_id ?? response.headers.get("x-request-id") ?? "",
  );
}

/** Throw what the server said unless it was a success. */
export async function demandSuccess(response: Response): Promise<void> {
  if (response.ok) return;
  const problem = await problemOf(response);
  if (problem.isSignedOut) signedOut();
  throw problem;
}

/** Send a request; if its token is of a session that is no longer the browser's, once more with the new one's. */
async function sendOnceMore(request: Request): Promise<Response> {
  const again = request.method === "GET" ? null : request.clone();
  const response = (again ? null : await takeFirst(request.url)) ?? (await fetch(request));
  if (!again || response.status !== 403 || !isForged(await problemOf(response))) return response;
  await renewSession();
  again.headers.set("X-CSRF-Token", csrf);
  return fetch(again);
}

/** Whether the server refused a request for its token alone: nothing of it was done. */
export function isForged(problem: unknown): boolean {
  return problem instanceof Problem && problem.code === "forged_request";
}

const around: Middleware = {
  onRequest({ request }) {
    if (csrf && request.method !== "GET") request.headers.set("X-CSRF-Token", csrf);
    return request;
  },
  async onResponse({ response }) {
    connectionWorks();
    await demandSuccess(response);
    lastAnswer = Date.now();
    return response;
  },
  onError({ error }) {
    if (error instanceof Problem) return error;
    // A request that was given up, as a page is left, says nothing of the connection.
    if (!(error instanceof DOMException && error.name === "AbortError")) connectionFails();
    return new Problem("offline", "The server can't be reached. What you typed is kept; try again.", 0);
  },
};

export const api = createClient<paths>({ baseUrl: "/", fetch: sendOnceMore });
api.use(around);

/** The data of an answer: `around` has thrown where there is none. */
export function dataOf<T>(answer: { data?: T | undefined }): T {
  return answer.data as T;
}

/** A key of one's own, with which a repeated request is done once. */
export function newKey(): string {
  return crypto.randomUUID();
}
