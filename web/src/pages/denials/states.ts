/** States of a denial, as people set them. */

import type { Schemas } from "../../api/client";

export type State = Schemas["NewState"]["state"];
export const STATES: readonly State[] = ["open", "resubmitted", "appealed", "won", "lost", "billed_on", "written_off"];
const AFTER: Record<string, State> = { correct_and_resubmit: "resubmitted", appeal: "appealed", bill_patient: "billed_on", bill_next_payer: "billed_on" };

/** The state that somebody most likely sets: the one after the next step, and never the one it has. */
export function likelyState(nextStep: string, current: string): State {
  const likely = [AFTER[nextStep] ?? "resubmitted", "won", "open"] as const;
  return likely.find((each) => each !== current) ?? "open";
}
