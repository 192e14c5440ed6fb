/** Files of claims: brought in, checked without storing, and the list of those that came. */

import { Anchor, Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { asked, useScope } from "../../shell/scope";
import { Empty } from "../../ui/Empty";
import { age, bytes, count, moment } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { useList } from "../../ui/useList";
import { useOrder } from "../../ui/useOrder";
import { FileSummary } from "./FileSummary";
import { Intake } from "./Intake";

type Listed = Schemas["ListedFile"];
const SORTS = ["-file_id", "file_id", "-claims", "claims", "-faults", "faults"] as const;

const COLUMNS: readonly Column<Listed>[] = [
  { key: "file", label: "File", width: "80px", sort: "file_id", render: (row) => row.file_id },
  { key: "facility", label: "Facility", width: "minmax(120px, 1fr)", render: (row) => row.facility },
  { key: "received", label: "Received", width: "190px", render: (row) => `${moment(row.received_at)} (${age(row.received_at)})` },
  { key: "size", label: "Size", width: "90px", numeric: true, render: (row) => bytes(row.size) },
  { key: "claims", label: "Claims", width: "90px", numeric: true, sort: "claims", meaning: "Claims that were read in the file", render: (row) => count(row.claims) },
  { key: "staged", label: "Taken", width: "90px", numeric: true, meaning: "Claims that were stored and go to the next run", render: (row) => count(row.staged) },
  {
    key: "refused", label: "Refused", width: "100px", numeric: true, meaning: "Claims that repeat one of before and were not stored",
    render: (row) => (row.refused ? <Status tone="person">{count(row.refused)}</Status> : ""),
  },
  {
    key: "faults", label: "Faults", width: "100px", numeric: true, sort: "faults", meaning: "Structural findings: what breaks the rules of X12 or of its guide",
    render: (row) => (row.faults ? <Status tone="person">{count(row.faults)}</Status> : ""),
  },
];

export function FilesPage() {
  const may = useMay();
  const [search, setSearch] = useAddress();
  const navigate = useNavigate();
  const chooser = useRef<HTMLInputElement>(null);
  const scope = useScope();
  const { sort, order, onOrder } = useOrder(SORTS);
  const isFiltered = scope.facility !== undefined || scope.days !== null;
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const { query, rows } = useList<Listed>(["files", scope.facility, scope.days, sort], async (cursor) =>
    dataOf(
      await api.GET("/api/v1/files", {
        params: { query: { limit: 200, ...(cursor ? { cursor } : {}), ...(sort ? { sort } : {}), ...asked(scope, "received_from", "received_to") } },
      }),
    ),
  );
  const current = rows.find((row) => row.file_id === at);
  const mayBring = may("files.upload") || may("checks.run");

  return (
    <Page
      title="Files"
      summary={query.isSuccess ? `${count(rows.length)}${query.hasNextPage ? " and more" : ""}` : ""}
      actions={
        mayBring ? (
          <Button size="xs" onClick={() => chooser.current?.click()}>
            Choose files
          </Button>
        ) : null
      }
      panel={current ? <FileSummary file={current} /> : undefined}
      panelTitle={current ? `File ${current.file_id}` : ""}
      onClosePanel={() => setSearch({ at: undefined })}
    >
      {mayBring ? <Intake chooser={chooser} facilities={[...new Set(rows.map((row) => row.facility))]} /> : null}
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Files" columns={COLUMNS} rows={rows} keyOf={(row) => row.file_id} at={at} order={order} onOrder={onOrder} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          onAt={(row) => setSearch({ at: row.file_id })}
          onOpen={(row) => void navigate({ to: "/files/$fileId", params: { fileId: String(row.file_id) } })}
          onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={
            isFiltered ? (
              <Empty title="No file of this facility and period">
                <Anchor component="button" onClick={() => setSearch({ facility: undefined, period: undefined, at: undefined })}>Clear both</Anchor> to see every file.
              </Empty>
            ) : (
              <Empty title="No files yet">
                Each 837 that comes in stands here with what became of its claims.{" "}
                {mayBring ? "Drop one above to begin." : "Somebody whose role brings files in can add the first."}
              </Empty>
            )
          }
        />
      )}
    </Page>
  );
}
