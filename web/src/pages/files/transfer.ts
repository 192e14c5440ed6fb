/** Files of claims on their way to the server: sent by XMLHttpRequest, which tells how much has gone. */

import { csrfToken, demandSuccess, Problem, type Schemas } from "../../api/client";

export type Purpose = "upload" | "check";
export type Outcome = { taken: Schemas["FileTaken"] } | { check: Schemas["CheckAnswer"] };

export type Transfer = {
  id: number;
  file: File;
  purpose: Purpose;
  /** From 0 to 1; 1 is all sent, and the server is reading. */
  sent: number;
  outcome: Outcome | null;
  problem: unknown;
};

/** Why a file can't be one of claims, or null. Only its first bytes are read; gzip is left to the server. */
export async function whyNot837(file: Blob): Promise<string | null> {
  if (file.size === 0) return "The file is empty. Nothing was sent.";
  const head = new Uint8Array(await file.slice(0, 256).arrayBuffer());
  if (head[0] === 0x1f && head[1] === 0x8b) return null;
  const text = new TextDecoder("latin1").decode(head);
  const at = text.search(/\S/);
  if (at < 0 || text.startsWith("ISA", at) || text.startsWith("\u00ef\u00bb\u00bfISA", at)) return null;
  const line = text.slice(0, at).split("\n").length;
  return `This is no X12 file: line ${line} does not begin with ISA. Nothing was sent. Choose the 837 that your billing system wrote.`;
}

export function send(file: File, purpose: Purpose, facility: string, onSent: (part: number) => void, signal: AbortSignal): Promise<Outcome> {
  const path = purpose === "upload" ? `/api/v1/files?facility=${encodeURIComponent(facility)}` : "/api/v1/check";
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("X-CSRF-Token", csrfToken());
    request.setRequestHeader("Content-Type", file.name.endsWith(".gz") ? "application/gzip" : "application/edi-x12");
    request.upload.onprogress = (event) => onSent(event.lengthComputable ? event.loaded / event.total : 0);
    request.upload.onload = () => onSent(1);
    request.onerror = () =>
      reject(new Problem("offline", "The connection was lost while sending. Nothing of the file was kept; send it again.", 0));
    request.onabort = () => reject(new Problem("stopped", "You stopped it. Nothing of the file was kept.", 0));
    request.onload = () => {
      demandSuccess(new Response(request.responseText, { status: request.status })).then(
        () => resolve(outcomeOf(purpose, request.responseText)), reject,
      );
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function outcomeOf(purpose: Purpose, text: string): Outcome {
  return purpose === "upload"
    ? { taken: JSON.parse(text) as Schemas["FileTaken"] }
    : { check: JSON.parse(text) as Schemas["CheckAnswer"] };
}
