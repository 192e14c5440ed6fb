/** Values that a person types, field by field; what stands there now is beside each. Nothing typed is ever dropped. */

import { Button, CloseButton, NumberInput, Select, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { words } from "../../../ui/format";
import { withEdits } from "../forms/editing";
import type { Opened } from "../opened";
import { askedOf, type Edit, isNext, isSamePlace, placeOf, type Proposals, rowAt, shownValue, typedHint, typedValue, valueAt, withEdit } from "./repairs";

type Props = {
  proposals: Proposals;
  opened: Opened;
  edits: readonly Edit[];
  onEdits: (edits: readonly Edit[]) => void;
  /** Told whether a value is typed that is not added yet. */
  onTyping: (isTyping: boolean) => void;
};
type Editable = Proposals["editable"][number];

const HINTS: Readonly<Record<string, string>> = { date: "As 01/31/2026", "US dollars": "As 125.00", "time of day, HHMM": "As 1430" };

export function HandEdits({ proposals, opened, edits, onEdits, onTyping }: Props) {
  const fields = new Map(proposals.editable.map((each) => [each.field, each]));
  return (
    <>
      <NewEdit editable={proposals.editable} opened={opened} edits={edits} onEdit={(edit) => onEdits(withEdit(edits, edit))} onTyping={onTyping} />
      {edits.length > 0 ? (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Now</th>
              <th scope="col">New</th>
              <th scope="col"><span className="unseen">Remove</span></th>
            </tr>
          </thead>
          <tbody>
            {edits.map((edit) => (
              <tr key={`${edit.field} ${edit.line} ${edit.position}`}>
                <td>{nameOf(edit)}</td>
                <td><del>{shownValue(fields.get(edit.field)?.kind, valueAt(opened.shown.content, fields.get(edit.field)?.level ?? "claims", edit))}</del></td>
                <td>{edit.value === "" ? <span className="dim">removed</span> : <ins>{shownValue(fields.get(edit.field)?.kind, edit.value)}</ins>}</td>
                <td>
                  <CloseButton size="sm" aria-label={`Do not change ${nameOf(edit)}`} onClick={() => onEdits(edits.filter((each) => !isSamePlace(each, edit)))} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </>
  );
}

type NewProps = Pick<Props, "opened" | "edits" | "onTyping"> & { editable: readonly Editable[]; onEdit: (edit: Edit) => void };

function NewEdit({ editable, opened, edits, onEdit, onTyping }: NewProps) {
  const chooser = useRef<HTMLInputElement>(null);
  const [name, setName] = useState<string | null>(null);
  const [line, setLine] = useState<number | null>(1);
  const [number, setNumber] = useState(1);
  // What somebody typed; until then, the value that stands there.
  const [typed, setTyped] = useState<string | null>(null);
  // With what is typed already: a row that it adds is there.
  const content = withEdits(opened.shown.content, edits, new Map(editable.map((each) => [each.field, each])));
  const field = editable.find((each) => each.field === name);
  const level = field?.level ?? "claims";
  const asked = askedOf(level);
  const place = placeOf(level, line, number);
  const now = valueAt(opened.shown.content, level, { field: field?.field ?? "", ...place });
  const value = typed ?? shownValue(field?.kind, now);
  // As the server takes it; null where it is not what the field wants.
  const given = typedValue(field?.kind, value);
  const isThere = rowAt(content, level, place) !== undefined;
  const isAdded = !isThere && isNext(content, level, place);
  const isChanged = field !== undefined && typed !== null && given !== now;
  const isReady = isChanged && (isThere || (isAdded && given !== "")) && given !== null;

  useEffect(() => onTyping(isChanged), [isChanged, onTyping]);

  function pick(next: string | null): void {
    const picked = editable.find((each) => each.field === next);
    setName(next);
    setTyped(null);
    // The first row of its level is the likely one.
    const first = (picked ? opened.shown.content[picked.level] : undefined)?.[0];
    setLine(picked && askedOf(picked.level).line === "maybe" ? asNumber(first?.["line"]) : 1);
    setNumber(1);
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!field || !isReady) return;
    onEdit({ field: field.field, ...place, value: given });
    setName(null);
    setTyped(null);
    // On to the next value.
    chooser.current?.focus();
  }
  return (
    <form className="new-edit" onSubmit={submit}>
      <Select
        ref={chooser} openOnFocus={false} label="Field" searchable clearable placeholder="Name or meaning" w={300} value={name} onChange={pick} limit={60}
        data={editable.map((each) => ({ value: each.field, label: `${words(each.field)}: ${each.meaning}` }))}
      />
      {field && asked.line !== "never" ? (
        <NumberInput
          label="Line" size="xs" min={1} allowDecimal={false} w={90} value={line ?? ""} placeholder={asked.line === "maybe" ? "Claim" : ""}
          onChange={(next) => setLine(asNumber(next) ?? (asked.line === "always" ? 1 : null))}
        />
      ) : null}
      {field && asked.number ? (
        <NumberInput label="No." size="xs" min={1} allowDecimal={false} w={70} value={number} onChange={(next) => setNumber(asNumber(next) ?? 1)} />
      ) : null}
      <TextInput
        label="New value" size="xs" w={220} maxLength={300} value={value} disabled={!field} placeholder={HINTS[field?.kind ?? ""] ?? "Empty removes it"}
        error={field && !isThere && !isAdded ? "The claim has no such row, and it is not the next one" : field && given === null ? typedHint(field.kind) : null} onChange={(event) => setTyped(event.currentTarget.value)}
        description={field && isAdded ? (level === "lines" ? `Adds service line ${line}` : `Adds no. ${number}`) : null}
      />
      <Button type="submit" size="xs" variant="default" disabled={!isReady}>
        Add
      </Button>
    </form>
  );
}

function asNumber(given: unknown): number | null {
  const found = Number(given);
  return given === "" || given === null || given === undefined || !Number.isInteger(found) || found < 1 ? null : found;
}

function nameOf({ field, line, position }: Edit): string {
  return `${words(field)}${line === null ? "" : `, line ${line}`}${position === null ? "" : `, no. ${position}`}`;
}
