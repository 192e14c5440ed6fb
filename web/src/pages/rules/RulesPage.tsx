/** The rulebook: every rule, how often it fired, and which denials it foretold. */

import { Button, Select, Switch } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { Empty } from "../../ui/Empty";
import { count, dollars, percent, words } from "../../ui/format";
import { FilterText } from "../../ui/FilterText";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status, toneOf } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { chosen, type Entry } from "./catalogue";
import { RuleSummary } from "./RuleSummary";
import { useCatalogue } from "./useCatalogue";

const SEVERITIES = ["block", "warn", "note"] as const;
const COLUMNS: readonly Column<Entry>[] = [
  { key: "code", label: "Code", width: "84px", sort: "code", render: (row) => <span className="code">{row.code}</span> },
  { key: "severity", label: "Severity", width: "90px", sort: "severity", meaning: "Block: would be rejected or denied. Warn: a person should look. Note: information.", render: (row) => <Status tone={toneOf(row.severity)}>{words(row.severity)}</Status> },
  { key: "title", label: "What it finds", width: "minmax(240px, 1fr)", sort: "title", render: (row) => row.title },
  { key: "claims", label: "Claims", width: "84px", numeric: true, sort: "claims", meaning: "Claims that have the finding", render: (row) => count(row.fired?.claims) },
  { key: "precision", label: "Denied", width: "100px", numeric: true, sort: "precision", meaning: "Of the claims that left with the finding and were answered, the share that was denied", render: (row) => foretold(row) },
  { key: "denied", label: "Dollars denied", width: "120px", numeric: true, sort: "denied", meaning: "Denied on claims that left with the finding", render: (row) => (Number(row.value?.dollars_denied) ? dollars(row.value?.dollars_denied) : "") },
  { key: "level", label: "Level", width: "100px", sort: "level", meaning: "Of what the rule speaks: the claim, a line, a diagnosis", render: (row) => words(row.level) },
  { key: "snip", label: "SNIP", width: "76px", extra: true, sort: "snip", meaning: "WEDI SNIP type: 2 guide, 3 balancing, 4 situations, 5 code sets, 6 line of service, 7 payer", render: (row) => row.snip },
];

function foretold(entry: Entry): string {
  return entry.value?.answered ? `${percent(entry.value.precision)} of ${count(entry.value.answered)}` : "";
}

export function RulesPage() {
  const [search, setSearch] = useAddress();
  const navigate = useNavigate();
  const { rules, entries } = useCatalogue();
  const text = (name: string): string | undefined => (search[name] === undefined ? undefined : String(search[name]));
  const wordsWanted = text("words");
  const severity = text("severity");
  const level = text("level");
  const snip = typeof search["snip"] === "number" ? search["snip"] : undefined;
  const fired = search["fired"] === 1;
  const by = text("by") ?? "code";
  const descending = search["desc"] === 1;
  const at = text("at") ?? null;
  const rows = useMemo(
    () => chosen(entries, { words: wordsWanted, severity, level, snip, fired }, by, descending),
    [entries, wordsWanted, severity, level, snip, fired, by, descending],
  );
  const levels = useMemo(() => [...new Set(entries.map((each) => each.level))].sort(), [entries]);
  const snips = useMemo(() => [...new Set(entries.map((each) => each.snip))].sort(), [entries]);
  const current = rows.find((row) => row.code === at);
  const isFiltered = [wordsWanted, severity, level, snip].some((each) => each !== undefined) || fired;
  const clear = { words: undefined, severity: undefined, level: undefined, snip: undefined, fired: undefined, at: undefined };

  return (
    <Page
      title="Rules"
      summary={rules.isSuccess ? `${count(rows.length)}${isFiltered ? ` of ${count(entries.length)}` : ""}` : ""}
      filters={
        <>
          <FilterText
            label="Search" placeholder="MUE, units, modifier" miw={220} value={wordsWanted ?? ""}
            onChange={(value) => setSearch({ words: value || undefined, at: undefined })}
          />
          <Select
            label="Severity" clearable placeholder="Every" data={SEVERITIES.map((each) => ({ value: each, label: words(each) }))}
            value={severity ?? null} onChange={(value) => setSearch({ severity: value ?? undefined, at: undefined })}
          />
          <Select
            label="SNIP type" clearable placeholder="Every" data={snips.map(String)} value={snip === undefined ? null : String(snip)}
            onChange={(value) => setSearch({ snip: value === null ? undefined : Number(value), at: undefined })}
          />
          <Select
            label="Level" clearable placeholder="Every" data={levels.map((each) => ({ value: each, label: words(each) }))}
            value={level ?? null} onChange={(value) => setSearch({ level: value ?? undefined, at: undefined })}
          />
          <Switch
            label="With findings only" size="xs" mb={6} checked={fired}
            onChange={(event) => setSearch({ fired: event.currentTarget.checked ? 1 : undefined, at: undefined })}
          />
          {isFiltered ? (
            <Button size="xs" variant="subtle" onClick={() => setSearch(clear)}>
              Clear the filters
            </Button>
          ) : null}
        </>
      }
      panel={current ? <RuleSummary entry={current} /> : undefined}
      panelTitle={current ? current.code : ""}
      onClosePanel={() => setSearch({ at: undefined })}
    >
      {rules.isError ? <ProblemNote problem={rules.error} onRetry={() => void rules.refetch()} /> : null}
      {rules.isLoadingError ? null : (
        <Grid
          label="Rules" columns={COLUMNS} rows={rows} keyOf={(row) => row.code} at={at} isLoading={rules.isPending}
          order={{ by, descending }}
          onOrder={(next) => setSearch({ by: next, desc: next === by ? (descending ? undefined : 1) : ["claims", "precision", "denied"].includes(next) ? 1 : undefined })}
          onAt={(row) => setSearch({ at: row.code })}
          onOpen={(row) => void navigate({ to: "/rules/$code", params: { code: row.code } })}
          onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={<Empty title="No rule matches these filters">Search by a code such as MUE001, or by a word of what it finds. Clear the filters to see every rule.</Empty>}
        />
      )}
    </Page>
  );
}
