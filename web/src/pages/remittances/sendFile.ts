/** Sends a file as the body of a request, and tells how far it is. */

import { csrfToken, demandSuccess, newKey, Problem } from "../../api/client";

type Options = { contentType: string; onSent?: (share: number) => void; signal?: AbortSignal };

/** What the server answered. `fetch` can't tell how much of a body is sent; this can. */
export function sendFile<T>(address: string, file: Blob, { contentType, onSent, signal }: Options): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Content-Type", contentType);
    request.setRequestHeader("X-CSRF-Token", csrfToken());
    request.setRequestHeader("Idempotency-Key", newKey());
    request.upload.onprogress = (event) => event.lengthComputable && onSent?.(event.loaded / event.total);
    request.onerror = () => reject(new Problem("offline", "The server can't be reached. The file is still chosen; try again.", 0));
    request.onabort = () => reject(new Problem("stopped", "The upload was stopped. Nothing was posted.", 0));
    request.onload = () => {
      const headers = { "x-request-id": request.getResponseHeader("x-request-id") ?? "" };
      demandSuccess(new Response(request.responseText, { status: request.status, headers })).then(
        () => resolve(JSON.parse(request.responseText) as T), reject,
      );
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
