/** Chooses the facility and the period that hold on every page. */

import { Button, Group, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, dataOf } from "../api/client";
import { useMay } from "../session/session";
import { Dialog } from "../ui/Dialog";
import { useAddress } from "../ui/useAddress";
import { PERIODS, periodOf, periodText, useScope } from "./scope";
import { sectionAt } from "./sections";

const OTHER = "other";

export function useFacilities() {
  return useQuery({ queryKey: ["facilities"], staleTime: 600_000, queryFn: async () => dataOf(await api.GET("/api/v1/facilities")) });
}

/** @property wide whether the fields take the whole width, as in the rail */
export function ScopeControls({ wide = false }: { wide?: boolean }) {
  const path = useLocation({ select: (location) => location.pathname });
  const [, setSearch] = useAddress();
  const { facility, period } = useScope();
  const facilities = useFacilities();
  const may = useMay();
  const [asks, setAsks] = useState(false);
  const section = sectionAt(path);
  const scope = section?.scope;
  // One's own page of one thing is of one facility and one day.
  if (!scope || path !== section.path) return null;
  const hasPeriod = scope.period !== undefined && (scope.needs === undefined || may(scope.needs));
  const names = [...new Set([...(facilities.data ?? []), ...(facility ? [facility] : [])])];
  return (
    <div className={wide ? "scope scope-wide" : "scope"} role="group" aria-label="What all pages show">
      {names.length > 1 || facility ? (
        <Select
          aria-label="Facility" title="Facility: holds on every page" clearable={facility !== undefined} searchable={names.length > 8} placeholder="All facilities" data={names}
          value={facility ?? null} onChange={(value) => setSearch({ facility: value ?? undefined, at: undefined })}
        />
      ) : null}
      {hasPeriod ? (
        <Select
          aria-label={`Period: ${scope.period}`} title={`Period: ${scope.period}; holds on every page`} clearable={period !== undefined} placeholder={scope.without ?? "Any time"}
          data={[...PERIODS, ...(period && !PERIODS.some((each) => each.value === period) ? [{ value: period, label: periodText(period) }] : []), { value: OTHER, label: "Other days…" }]}
          value={period ?? null} onChange={(value) => (value === OTHER ? setAsks(true) : setSearch({ period: value ?? undefined, at: undefined }))}
        />
      ) : null}
      {asks ? <OtherDays onClose={() => setAsks(false)} onDays={(from, to) => setSearch({ period: periodOf(from, to), at: undefined })} /> : null}
    </div>
  );
}

function OtherDays({ onClose, onDays }: { onClose: () => void; onDays: (from: string, to: string) => void }) {
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const isTurned = from !== "" && to !== "" && from > to;
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!from || !to || isTurned) return;
    onDays(from, to);
    onClose();
  }
  return (
    <Dialog opened onClose={onClose} title="Other days" centered size="sm">
      <form onSubmit={submit}>
        <Group grow align="start">
          <TextInput type="date" label="First day" required data-autofocus max="2100-01-01" value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
          <TextInput
            type="date" label="Last day" required max="2100-01-01" value={to} error={isTurned ? "Before the first day" : null}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </Group>
        <Group justify="flex-end" mt="md" gap="sm">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" disabled={!from || !to || isTurned}>Show these days</Button>
        </Group>
      </form>
    </Dialog>
  );
}

/** The scope in words, where its fields are not in sight: on narrow screens and on paper. */
export function ScopeNote() {
  const path = useLocation({ select: (location) => location.pathname });
  const { facility, period } = useScope();
  const section = sectionAt(path);
  const scope = section?.scope;
  const may = useMay();
  if (!scope || path !== section.path) return null;
  const hasPeriod = scope.period !== undefined && (scope.needs === undefined || may(scope.needs));
  const parts = [facility, period && hasPeriod ? `${scope.period}: ${periodText(period)}` : undefined].filter(Boolean);
  return parts.length ? <div className="scope-note">{parts.join(" · ")}</div> : null;
}
