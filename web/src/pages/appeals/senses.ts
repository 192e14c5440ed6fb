/** In which sense a note says something. */

import type { Schemas } from "../../api/client";

export function senseOf(each: Pick<Schemas["FindingInFull"], "clinical">): string {
  const said = each.clinical;
  const value = said.value ? ` ${said.value} ${said.unit ?? ""}`.trimEnd() : "";
  const senses = [said.polarity, said.subject, said.time, said.certainty].filter((word) => word && !["present", "patient", "current", "stated"].includes(word));
  return `${said.concept}${value}${senses.length > 0 ? `: ${senses.join(", ")}, can't be cited` : ""}`;
}
