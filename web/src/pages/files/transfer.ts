/** Files of claims on their way to the server. */

import type { Schemas } from "../../api/client";
import { sendFile } from "../../api/sendFile";

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

export async function send(file: File, purpose: Purpose, facility: string, onSent: (part: number) => void, signal: AbortSignal): Promise<Outcome> {
  const options = { contentType: file.name.endsWith(".gz") ? "application/gzip" : "application/edi-x12", onSent, signal };
  if (purpose === "check") return { check: await sendFile<Schemas["CheckAnswer"]>("/api/v1/check", file, options) };
  return { taken: await sendFile<Schemas["FileTaken"]>(`/api/v1/files?facility=${encodeURIComponent(facility)}`, file, { ...options, list: "files" }) };
}
