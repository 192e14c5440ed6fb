/** Records of the audit log: search, detail, export of what is shown, the state of the chain. */

import { Button, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { count, moment } from "../../ui/format";
import { csvOf, saveFile } from "../../ui/csv";
import { Empty } from "../../ui/Empty";
import { FilterText } from "../../ui/FilterText";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { useAddress } from "../../ui/useAddress";
import { Chain } from "./Chain";
import { CSV_HEADINGS, csvRow, type Row, spanOf, whoIs } from "./records";
import { RecordDetail } from "./RecordDetail";
import { useNames, useRecords } from "./useAudit";

const FILTERS = [
  { name: "actor", label: "Who", placeholder: "user:7" },
  { name: "action", label: "Action begins with", placeholder: "phi.read" },
  { name: "subject", label: "About", placeholder: "claim:991" },
] as const;

export function Records({ filters }: { filters: ReactNode }) {
  const [search, setSearch] = useAddress();
  const names = useNames();
  const text = (name: string): string | undefined => (search[name] === undefined ? undefined : String(search[name]));
  const actor = byName(text("actor"), names);
  const { query, rows } = useRecords({
    ...(actor ? { actor } : {}), ...(text("action") ? { action: text("action") ?? "" } : {}),
    ...(text("subject") ? { subject: text("subject") ?? "" } : {}), ...spanOf(text("from"), text("to")),
  });
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const current = rows.find((row) => row.sequence === at);
  const isFiltered = ["actor", "action", "subject", "from", "to"].some((name) => search[name] !== undefined);
  const columns: readonly Column<Row>[] = [
    { key: "at", label: "When", width: "140px", render: (row) => moment(row.at) },
    { key: "actor", label: "Who", width: "minmax(190px, 1fr)", render: (row) => whoIs(row.actor, names) },
    { key: "action", label: "Action", width: "160px", render: (row) => <span className="code">{row.action}</span> },
    { key: "subject", label: "About", width: "140px", render: (row) => <span className="code">{row.subject}</span> },
    { key: "reason", label: "Why", width: "minmax(160px, 2fr)", render: (row) => row.reason },
    { key: "purpose", label: "Purpose", width: "100px", render: (row) => row.purpose },
    { key: "number", label: "Number", width: "84px", numeric: true, render: (row) => count(row.sequence) },
  ];

  return (
    <Page
      title="Audit" summary={query.isSuccess ? `${count(rows.length)}${query.hasNextPage ? " and more" : ""}` : ""}
      actions={
        <>
          <Chain />
          <Button size="xs" variant="default" disabled={rows.length === 0} onClick={() => saveFile("audit.csv", csvOf(CSV_HEADINGS, rows.map((row) => csvRow(row, names))))}>
            {`Export ${count(rows.length)} as CSV`}
          </Button>
        </>
      }
      filters={
        <>
          {filters}
          {FILTERS.map((each) => (
            <FilterText
              key={each.name} label={each.label} placeholder={each.placeholder} list={each.name === "actor" ? "people" : undefined}
              value={text(each.name) ?? ""} onChange={(value) => setSearch({ [each.name]: value || undefined, at: undefined })}
            />
          ))}
          <datalist id="people">
            {[...names].map(([id, name]) => <option key={id} value={name}>{`user:${id}`}</option>)}
          </datalist>
          {(["from", "to"] as const).map((name) => (
            <TextInput
              key={name} size="xs" type="date" label={name === "from" ? "From" : "To"} value={text(name) ?? ""}
              onChange={(event) => setSearch({ [name]: event.currentTarget.value || undefined, at: undefined })}
            />
          ))}
          {isFiltered ? (
            <Button size="xs" variant="subtle" onClick={() => setSearch({ actor: undefined, action: undefined, subject: undefined, from: undefined, to: undefined, at: undefined })}>
              Clear the filters
            </Button>
          ) : null}
        </>
      }
      panel={current ? <RecordDetail row={current} names={names} onAsk={(change) => setSearch({ ...change, at: undefined })} /> : undefined}
      panelTitle={current ? `Record ${count(current.sequence)}` : ""}
      onClosePanel={() => setSearch({ at: undefined })}
    >
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Records of the audit log" columns={columns} rows={rows} keyOf={(row) => row.sequence} at={at} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          onAt={(row) => setSearch({ at: row.sequence })}
          onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={
            isFiltered ? (
              <Empty title="No record matches">A person is user: and a number, or the account's name. An action matches by its beginning; what it is about matches whole, as in claim:991.</Empty>
            ) : (
              <Empty title="No records yet">Every sign-in, every opened claim and every change is recorded here.</Empty>
            )
          }
        />
      )}
    </Page>
  );
}

/** The actor of an account's name; anything else as it is. */
function byName(given: string | undefined, names: ReadonlyMap<number, string>): string | undefined {
  const found = [...names].find(([, name]) => name === given);
  return found ? `user:${found[0]}` : given;
}
