/**
 * The values of one box, changed in place. What is typed counts at once, as in a spreadsheet; Escape takes back what was
 * typed here. A day that is none stays in its field until it is one.
 */

import { Button, Group, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { ADJUSTMENTS, ADJUSTMENTS_HINT, areAdjustments } from "../adjustments";
import { labelOf, useDictionary } from "../dictionary";
import { type Edit, shownValue, typedHint, typedValue } from "../repairs/repairs";
import type { Box } from "./boxes";
import { type Cell, valueIn, withCell } from "./editing";

type Props = {
  box: Box;
  cells: readonly Cell[];
  edits: readonly Edit[];
  onEdits: (edits: readonly Edit[]) => void;
  onClose: () => void;
  /** Told whether something is typed that is no value yet. */
  onWrong: (isWrong: boolean) => void;
};

const keyOf = (cell: Cell): string => `${cell.field} ${cell.line} ${cell.position}`;

export function BoxEditor({ box, cells, edits, onEdits, onClose, onWrong }: Props) {
  const dictionary = useDictionary();
  const [atFirst] = useState(edits);
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const textOf = (cell: Cell): string => typed[keyOf(cell)] ?? shownValue(cell.kind, valueIn(edits, cell));
  const valueOf = (cell: Cell, text: string): string | null => (ADJUSTMENTS.has(cell.field) && !areAdjustments(text) ? null : typedValue(cell.kind, text));
  const wrong = cells.filter((cell) => valueOf(cell, textOf(cell)) === null);
  const isWrong = wrong.length > 0;
  useEffect(() => {
    onWrong(isWrong);
    return () => onWrong(false);
  }, [isWrong, onWrong]);

  function type(cell: Cell, text: string): void {
    setTyped((before) => ({ ...before, [keyOf(cell)]: text }));
    const value = valueOf(cell, text);
    if (value !== null) onEdits(withCell(edits, cell, value));
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!isWrong) onClose();
  }
  function cancel(): void {
    onEdits(atFirst);
    onClose();
  }

  return (
    <form
      className="box-editor" aria-label={`${box.box} ${box.label}`} onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Escape") cancel();
      }}
    >
      {cells.map((cell, index) => {
        const { label } = labelOf(dictionary?.get(cell.field), cell.field);
        return (
          <TextInput
            key={keyOf(cell)} size="xs" data-autofocus={index === 0 || undefined} label={`${label}${cell.number === null ? "" : ` ${cell.number}`}${cell.isNew && cell.number !== null ? ", new" : ""}`} title={cell.meaning} maxLength={300}
            value={textOf(cell)} placeholder={ADJUSTMENTS.has(cell.field) ? "CO-45 20.00, PR-2 16.00" : cell.kind === "date" ? "As 01/31/2026" : cell.isNew ? "One more" : "Empty removes it"}
            error={wrong.includes(cell) ? (ADJUSTMENTS.has(cell.field) ? ADJUSTMENTS_HINT : typedHint(cell.kind)) : null} onChange={(event) => type(cell, event.currentTarget.value)}
          />
        );
      })}
      <Group justify="flex-end" mt="xs" gap="xs">
        <Button size="compact-xs" variant="default" onClick={cancel}>Cancel</Button>
        <Button size="compact-xs" type="submit" disabled={isWrong}>Change</Button>
      </Group>
    </form>
  );
}
