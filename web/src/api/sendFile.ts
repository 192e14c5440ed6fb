/** Sends a file as the body of a request, and tells how far it is: `fetch` can't tell how much of a body is sent. */

import { csrfToken, demandSuccess, isForged, Problem, renewSession } from "./client";

type Options = {
  contentType: string;
  /** What the list is called in which one looks whether the file was taken all the same; none where nothing is stored. */
  list?: string;
  /** Of the file, where the server keeps it: in a header, since addresses end up in logs. */
  name?: string;
  /** With which a repeated request is done once. */
  key?: string;
  /** From 0 to 1; 1 is all sent, and the server is at work. */
  onSent?: (share: number) => void;
  signal?: AbortSignal;
};

/** What the server answered. */
export async function sendFile<T>(address: string, file: Blob, options: Options): Promise<T> {
  try {
    return await sendOnce<T>(address, file, options);
  } catch (problem) {
    if (!isForged(problem)) throw problem;
    // Another window of the browser has signed in anew.
    await renewSession();
    return sendOnce<T>(address, file, options);
  }
}

function sendOnce<T>(address: string, file: Blob, { contentType, list, name, key, onSent, signal }: Options): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let isAllSent = false;
    request.open("POST", address);
    request.setRequestHeader("Content-Type", contentType);
    request.setRequestHeader("X-CSRF-Token", csrfToken());
    if (name) request.setRequestHeader("X-File-Name", encodeURIComponent(name));
    if (key) request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      isAllSent = event.loaded === event.total;
      onSent?.(event.loaded / event.total);
    };
    request.upload.onload = () => {
      isAllSent = true;
      onSent?.(1);
    };
    request.onerror = () => reject(brokenOff("offline", isAllSent, list));
    request.onabort = () => reject(brokenOff("stopped", isAllSent, list));
    request.onload = () => {
      answerOf<T>(request.status, request.responseText, request.getResponseHeader("x-request-id") ?? "", list).then(resolve, reject);
    };
    signal?.addEventListener("abort", () => request.abort());
    if (signal?.aborted) reject(brokenOff("stopped", false, list));
    else request.send(file);
  });
}

/** The data of an answer; throws what the server said, also where that is no JSON. */
export async function answerOf<T>(status: number, text: string, requestId: string, list?: string): Promise<T> {
  await demandSuccess(new Response(text, { status, headers: { "x-request-id": requestId } }));
  try {
    return JSON.parse(text) as T;
  } catch {
    const where = list ? ` Look in the list of ${list} whether it was taken.` : "";
    throw new Problem("unexpected", `The answer can't be read.${where}`, status, [], requestId);
  }
}

/** What is known of a file whose request ended without an answer: part of a file is never taken, all of it may have been. */
export function brokenOff(code: "offline" | "stopped", isAllSent: boolean, list?: string): Problem {
  const begin = code === "offline" ? "The connection was lost" : "You stopped it";
  const what = isAllSent && list
    ? ` after the whole file was sent. It may have been taken; look in the list of ${list}.`
    : `${isAllSent ? "" : " before the whole file was sent"}. Nothing of it was kept; send it again.`;
  return new Problem(code, begin + what, 0);
}
