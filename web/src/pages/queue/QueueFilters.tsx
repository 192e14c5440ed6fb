/** Views that people come back to, and filters; all of it stands in the address. */

import { Button, MultiSelect, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Search } from "../../router";
import { words } from "../../ui/format";
import { FILTERS, joined, KINDS, PRIORITIES, split, STATES, VIEWS } from "./queue";

// A filter that is set must never be hidden.
const MORE = ["category", "facility", "due_before", "opened_from", "opened_to"] as const;

export function QueueFilters({ search, onChange }: { search: Search; onChange: (change: Search) => void }) {
  const cleared: Search = Object.fromEntries(FILTERS.map((name) => [name, undefined]));
  const view = VIEWS.find((each) =>
    FILTERS.every((name) => String(search[name] ?? "") === String(each.search[name] ?? "")),
  );
  const [showsMore, setShowsMore] = useState(MORE.some((name) => search[name] !== undefined));
  const several = (name: "kind" | "priority" | "state", label: string, data: { value: string; label: string }[]) => (
    <MultiSelect
      label={label} size="xs" clearable data={data} value={split(search[name])} placeholder={split(search[name]).length ? "" : "All"}
      onChange={(values) => onChange({ [name]: joined(values) })} w={170}
    />
  );
  return (
    <>
      <Select
        label="View" data={VIEWS.map((each) => each.name)} value={view?.name ?? null} placeholder="Your filters" w={150}
        onChange={(name) => onChange({ ...cleared, ...VIEWS.find((each) => each.name === name)?.search })}
      />
      {several("kind", "What it is", Object.entries(KINDS).map(([value, label]) => ({ value, label })))}
      {several("priority", "Priority", PRIORITIES.map((value) => ({ value, label: words(value) })))}
      {several("state", "Status", STATES.map((value) => ({ value, label: words(value) })))}
      {showsMore ? (
        <>
          <Text name="category" label="Category" search={search} onChange={onChange} />
          <Text name="facility" label="Facility" search={search} onChange={onChange} />
          <DayField name="due_before" label="Due by" search={search} onChange={onChange} />
          <DayField name="opened_from" label="Opened from" search={search} onChange={onChange} />
          <DayField name="opened_to" label="Opened until" search={search} onChange={onChange} />
        </>
      ) : null}
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
  const value = String(search[name] ?? "");
  return (
    <TextInput
      key={value} label={label} size="xs" w={120} placeholder="All" defaultValue={value}
      onBlur={(event) => onChange({ [name]: joined(event.currentTarget.value.split(/[\s,]+/).filter(Boolean)) })}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
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
