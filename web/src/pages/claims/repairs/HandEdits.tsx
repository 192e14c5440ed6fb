/** Values that a person types, field by field; what stands there now is beside each. Nothing typed is ever dropped. */

import { Button, CloseButton, NumberInput, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { words } from "../../../ui/format";
import type { Opened } from "../opened";
import { type Edit, isSamePlace, type Proposals, valueAt, withEdit } from "./repairs";

type Props = { proposals: Proposals; opened: Opened; edits: readonly Edit[]; onEdits: (edits: readonly Edit[]) => void };
type Editable = Proposals["editable"][number];

const HINTS: Readonly<Record<string, string>> = { date: "As 2026-01-31", "US dollars": "As 125.00", "time of day, HHMM": "As 1430" };

export function HandEdits({ proposals, opened, edits, onEdits }: Props) {
  const fields = new Map(proposals.editable.map((each) => [each.field, each]));
  return (
    <>
      <NewEdit editable={proposals.editable} opened={opened} onEdit={(edit) => onEdits(withEdit(edits, edit))} />
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
                <td><del>{valueAt(opened, fields.get(edit.field)?.level ?? "claims", edit)}</del></td>
                <td>{edit.value === "" ? <span className="dim">removed</span> : <ins>{edit.value}</ins>}</td>
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

function NewEdit({ editable, opened, onEdit }: { editable: readonly Editable[]; opened: Opened; onEdit: (edit: Edit) => void }) {
  const [name, setName] = useState<string | null>(null);
  const [line, setLine] = useState<number>(1);
  const [value, setValue] = useState("");
  const field = editable.find((each) => each.field === name);
  const isOfLine = field?.level === "lines";
  const isNumbered = field !== undefined && field.level !== "lines" && field.level !== "claims" && field.level !== "transactions";
  const place = { field: name ?? "", line: isOfLine ? line : null, position: isNumbered ? line : null };

  function pick(next: string | null, at: number): void {
    const picked = editable.find((each) => each.field === next);
    setName(next);
    setLine(at);
    setValue(picked ? valueAt(opened, picked.level, { field: picked.field, line: picked.level === "lines" ? at : null, position: picked.level === "lines" || picked.level === "claims" ? null : at }) : "");
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!field) return;
    onEdit({ ...place, value: value.trim() });
    setName(null);
    setValue("");
  }
  return (
    <form className="new-edit" onSubmit={submit}>
      <Select
        label="Field" searchable clearable placeholder="Name or meaning" w={300} value={name} onChange={(next) => pick(next, line)} limit={60}
        data={editable.map((each) => ({ value: each.field, label: `${words(each.field)}: ${each.meaning}` }))}
      />
      {isOfLine || isNumbered ? (
        <NumberInput label={isOfLine ? "Line" : "No."} size="xs" min={1} w={70} value={line} onChange={(next) => pick(name, Number(next) || 1)} />
      ) : null}
      <TextInput
        label="New value" size="xs" w={220} maxLength={300} value={value} disabled={!field} placeholder={HINTS[field?.kind ?? ""] ?? "Empty removes it"}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" variant="default" disabled={!field}>
        Add
      </Button>
    </form>
  );
}

function nameOf({ field, line, position }: Edit): string {
  return `${words(field)}${line === null ? "" : `, line ${line}`}${position === null ? "" : `, no. ${position}`}`;
}
