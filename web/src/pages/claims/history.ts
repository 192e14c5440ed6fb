/** Events of a claim in words. */

import type { Schemas } from "../../api/client";
import { words } from "../../ui/format";

const SENTENCES: Readonly<Record<string, string>> = {
  received: "Received", production: "Checked, ready to send", review: "Checked, waits for a person",
  dead: "Could not be processed", released: "Released from review", returned: "Returned to the facility",
  superseded: "Replaced by a later version", void: "Voided", retried: "Staged again", discarded: "Discarded",
  active: "In force again", opened: "Opened",
};
const MONEY: Readonly<Record<string, string>> = {
  undo: "Posting undone", transfer: "Balance moved", refund: "Refund posted", write_off: "Written off",
  patient_payment: "Payment of the patient posted", payment: "Payment posted", provider: "Provider adjustment posted",
};

export function sentenceOf(event: Schemas["ClaimEvent"]): string {
  const word = words(event.word).toLowerCase();
  switch (event.what) {
    case "answer":
      return `The payer answered (${word})`;
    case "denial":
      return `Denied: ${word}`;
    case "denial_decided":
      return `Denial set to ${word}`;
    case "prediction":
      return event.word === "completed" ? "Prediction made" : `Prediction ${word}`;
    case "posting":
      return MONEY[event.word ?? ""] ?? `Posted: ${word}`;
    case "other_version":
      return `Version ${event.word ?? ""} came in`;
    case "corrected":
      return "Corrected, now";
    case "corrects":
      return event.word === "repair" ? "Made by a repair of" : "Made by hand from";
    case "opened":
      return event.word ? "Opened by break-the-glass" : "Opened";
    default:
      return SENTENCES[event.what] ?? words(event.what);
  }
}
