/** What became of an act: what was refused and why, each reason once, and the way back. */

import { Button } from "@mantine/core";
import { count, counted } from "../../ui/format";
import { type ActResult, refusals } from "./queue";

const SHOWN = 5;

type Props = { result: ActResult; isMany: boolean; nameOf: (itemId: number) => string; onUndo: (() => void) | null };

export function Outcome({ result, isMany, nameOf, onUndo }: Props) {
  const reasons = refusals(result);
  return (
    <>
      {reasons.slice(0, SHOWN).map(({ why, ids }) => (
        <div key={why}>
          {ids[0] !== undefined && ids.length === 1 ? nameOf(ids[0]) : counted(ids.length, "item")}: {why}
        </div>
      ))}
      {reasons.length > SHOWN ? <div>{count(reasons.length - SHOWN)} more reasons.</div> : null}
      {isMany && result.refused.length > 0 ? <div>What was refused stays selected.</div> : null}
      {onUndo ? <Button size="compact-xs" variant="default" onClick={onUndo}>Undo</Button> : null}
    </>
  );
}
