/** Views that people come back to, and filters; all of it stands in the address. */

import { Button, MultiSelect, Select, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Search } from "../../ui/search";
import { FilterText } from "../../ui/FilterText";
import { words } from "../../ui/format";
import { FILTERS, joined, KINDS, PRIORITIES, split, STATES, VIEWS } from "./queue";

type Choice = { name: string; label: string; all: string; data: { value: string; label: string }[] };
const CHOICES: readonly Choice[] = [
  { name: "assignee", label: "Assigned to", all: "Anybody", data: [{ value: "me", label: "Me" }, { value: "nobody", label: "Nobody" }] },
  { name: "snoozed", label: "Snoozed", all: "Hidden", data: [{ value: "only", label: "Only these" }, { value: "all", label: "As well" }] },
  { name: "mentions", label: "Notes", all: "Any", data: [{ value: "me", label: "For me to read" }] },
];

export function QueueFilters({ search, onChange }: { search: Search; onChange: (change: Search) => void }) {
  const cleared: Search = Object.fromEntries(FILTERS.map((name) => [name, undefined]));
  const view = VIEWS.find((each) =>
    FILTERS.every((name) => String(search[name] ?? "") === String(each.search[name] ?? "")),
  );
  const [showsMore, setShowsMore] = useState(false);
  const several = (name: "kind" | "priority" | "state", label: string, data: { value: string; label: string }[]) => (
    <MultiSelect
      label={label} size="xs" clearable data={data} value={split(search[name])} placeholder={split(search[name]).length ? "" : "All"}
      onChange={(values) => onChange({ [name]: joined(values) })} w={170}
    />
  );
  // A filter that is set is never hidden.
  const more = (name: string, field: (name: string) => ReactNode): ReactNode => (showsMore || search[name] !== undefined ? field(name) : null);
  return (
    <>
      <Select
        label="View" data={VIEWS.map((each) => each.name)} value={view?.name ?? null} placeholder="Your filters" w={150}
        onChange={(name) => onChange({ ...cleared, ...VIEWS.find((each) => each.name === name)?.search })}
      />
      {several("kind", "What it is", Object.entries(KINDS).map(([value, label]) => ({ value, label })))}
      {several("priority", "Priority", PRIORITIES.map((value) => ({ value, label: words(value) })))}
      {several("state", "Status", STATES.map((value) => ({ value, label: words(value) })))}
      {more("category", (name) => <Text name={name} label="Category" search={search} onChange={onChange} />)}
      {more("due_before", (name) => <DayField name={name} label="Due by" search={search} onChange={onChange} />)}
      {more("opened_from", (name) => <DayField name={name} label="Opened from" search={search} onChange={onChange} />)}
      {more("opened_to", (name) => <DayField name={name} label="Opened until" search={search} onChange={onChange} />)}
      {CHOICES.map((choice) => more(choice.name, (name) => <ChoiceField key={name} choice={choice} search={search} onChange={onChange} />))}
      <Button size="xs" variant="subtle" aria-expanded={showsMore} onClick={() => setShowsMore(!showsMore)}>
        {showsMore ? "Fewer filters" : "More filters"}
      </Button>
      {view?.name === "All open" ? null : (
        <Button size="xs" variant="subtle" onClick={() => onChange(cleared)}>
          Clear
        </Button>
      )}
    </>
  );
}

type FieldProps = { name: string; label: string; search: Search; onChange: (change: Search) => void };

/** Several words, with commas between them. */
function Text({ name, label, search, onChange }: FieldProps) {
  return (
    <FilterText
      label={label} w={120} value={String(search[name] ?? "")} onChange={(value) => onChange({ [name]: joined(value.split(/[\s,]+/).filter(Boolean)) })}
    />
  );
}

/** One of a few; what the address says beside them, such as an account's number, is one of them as well. */
function ChoiceField({ choice, search, onChange }: { choice: Choice; search: Search; onChange: (change: Search) => void }) {
  const value = search[choice.name] === undefined ? null : String(search[choice.name]);
  const data = value === null || choice.data.some((each) => each.value === value) ? choice.data : [...choice.data, { value, label: /^\d+$/.test(value) ? `Account ${value}` : words(value) }];
  return (
    <Select
      label={choice.label} clearable placeholder={choice.all} w={130} data={data} value={value}
      onChange={(chosen) => onChange({ [choice.name]: chosen ?? undefined })}
    />
  );
}

function DayField({ name, label, search, onChange }: FieldProps) {
  return (
    <TextInput
      type="date" label={label} size="xs" w={130} value={String(search[name] ?? "")}
      onChange={(event) => onChange({ [name]: event.currentTarget.value || undefined })}
    />
  );
}
