/** One proposed repair: why, how sure, how often people took it, the diff, and what the rules say after it. */

import type { ReactNode } from "react";
import { percent } from "../../../ui/format";
import { Status, toneOf } from "../../../ui/Status";
import { After, Diff } from "./Diff";
import type { Proposals } from "./repairs";

type Repair = Proposals["repairs"][number];
const SURE: Readonly<Record<string, string>> = { high: "sure", medium: "likely", low: "a guess" };

export function ProposedRepair({ repair, choice }: { repair: Repair; choice: ReactNode }) {
  const { acceptance } = repair;
  return (
    <article className="repair">
      <div>
        <Status tone={toneOf(repair.severity)}>{repair.code}</Status> <strong>{repair.title}</strong>
      </div>
      <div>{repair.because}</div>
      <Diff changes={repair.changes} />
      <After after={repair.after} />
      <div className="dim">
        {SURE[repair.confidence] ?? repair.confidence}
        {acceptance.decided > 0
          ? ` · accepted ${acceptance.accepted} of ${acceptance.decided} times (${percent(acceptance.rate)})`
          : " · nobody has decided on it yet"}
        {repair.is_faded ? " · people mostly decline it: check it well" : ""}
      </div>
      {choice}
    </article>
  );
}
