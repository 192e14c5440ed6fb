/** Remittances that were posted, deposits of the bank, and the way to answers that wait. */

import { Anchor, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useActorName } from "../../session/people";
import { useMay } from "../../session/session";
import { asked, useScope } from "../../shell/scope";
import { Empty } from "../../ui/Empty";
import { age, cents, count, moment, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { useList } from "../../ui/useList";
import { useOrder } from "../../ui/useOrder";
import { Views } from "../../ui/Views";
import { DepositsView } from "./DepositsView";
import { PatientsView } from "./PatientsView";
import { RemittanceSummary } from "./RemittanceSummary";
import { SecondPayersView } from "./SecondPayersView";
import { UploadDeposits } from "./UploadDeposits";
import { UploadRemittance } from "./UploadRemittance";
import { WaitingLink } from "./WaitingLink";

type Remittance = Schemas["ListedRemittance"];
const SORTS = ["-file_id", "file_id", "-claims", "claims"] as const;
const VIEWS = [
  { value: "files", label: "Remittances" },
  { value: "deposits", label: "Deposits" },
  { value: "second-payers", label: "Secondary claims" },
  { value: "patients", label: "Patient balances" },
];

const columnsOf = (nameOf: (actor: string) => string): readonly Column<Remittance>[] => [
  { key: "file", label: "File", width: "80px", sort: "file_id", render: (row) => row.file_id },
  { key: "received", label: "Received", width: "190px", render: (row) => `${moment(row.received_at)} (${age(row.received_at)})` },
  { key: "source", label: "Source", width: "80px", meaning: "835, a CSV by a mapping, or paper that was typed in", render: (row) => (row.source === "csv" ? "CSV" : words(row.source)) },
  { key: "by", label: "Entered by", width: "minmax(110px, 1fr)", extra: true, render: (row) => nameOf(row.entered_by) },
  { key: "payments", label: "Payments", width: "90px", numeric: true, render: (row) => count(row.payments) },
  { key: "answers", label: "Claims", width: "90px", numeric: true, sort: "claims", meaning: "Claims that the payers decided: one for each CLP", render: (row) => count(row.claims) },
  { key: "posted", label: "Posted", width: "90px", numeric: true, meaning: "Claims whose money is in the ledger", render: (row) => count(row.posted) },
  {
    key: "waiting", label: "Waiting", width: "100px", numeric: true, meaning: "Claims that need a person; their money is unapplied",
    render: (row) => (row.waiting ? <Status tone="person">{count(row.waiting)}</Status> : "0"),
  },
  { key: "neither", label: "Neither", width: "80px", extra: true, numeric: true, meaning: "Claims that were reversed, repeated, noted or dismissed", render: (row) => count(row.claims - row.posted - row.waiting) },
  { key: "amount", label: "Amount", width: "130px", numeric: true, meaning: "What the payments of the file add up to", render: (row) => cents(row.amount_cents) },
];

export function RemittancesPage() {
  const [search, setSearch] = useAddress();
  const may = useMay();
  const [upload, setUpload] = useState<"remittance" | "deposits" | null>(null);
  const view = VIEWS.find((each) => each.value === search["view"])?.value ?? "files";
  return (
    <>
      {view === "second-payers" || view === "patients" ? (
        <Page
          title={view === "patients" ? "Patient balances" : "Secondary claims"}
          filters={<Views label="Remittances and deposits" views={VIEWS} current={view} />}
        >
          {view === "patients" ? <PatientsView /> : <SecondPayersView />}
        </Page>
      ) : view === "deposits" ? (
        <Page
          title="Deposits" filters={<Views label="Remittances and deposits" views={VIEWS} current="deposits" />}
          actions={may("remittances.post") ? <Button size="xs" onClick={() => setUpload("deposits")}>Add deposits</Button> : null}
        >
          <DepositsView />
        </Page>
      ) : (
        <Files search={search} setSearch={setSearch} onUpload={may("remittances.post") ? () => setUpload("remittance") : undefined} />
      )}
      {upload === "remittance" ? <UploadRemittance onClose={() => setUpload(null)} /> : null}
      {upload === "deposits" ? <UploadDeposits onClose={() => setUpload(null)} /> : null}
    </>
  );
}

type Address = ReturnType<typeof useAddress>;

function Files({ search, setSearch, onUpload }: { search: Address[0]; setSearch: Address[1]; onUpload?: (() => void) | undefined }) {
  const navigate = useNavigate();
  const nameOf = useActorName();
  const scope = useScope();
  const { sort, order, onOrder } = useOrder(SORTS);
  const columns = useMemo(() => columnsOf(nameOf), [nameOf]);
  const at = typeof search["at"] === "number" ? search["at"] : null;
  const { query, rows } = useList<Remittance>(["remittances", scope.facility, scope.days, sort], async (cursor) =>
    dataOf(await api.GET("/api/v1/remittances", { params: { query: { limit: 200, ...(cursor ? { cursor } : {}), ...(sort ? { sort } : {}), ...asked(scope, "received_from", "received_to") } } })),
  );
  // A link leads to a file that may stand far down the list.
  const single = useQuery({
    queryKey: ["remittance", at], meta: { live: true }, enabled: at !== null && query.isSuccess && !rows.some((row) => row.file_id === at),
    queryFn: async () => dataOf(await api.GET("/api/v1/remittances/{file_id}", { params: { path: { file_id: at ?? 0 } } })),
  });
  const current = rows.find((row) => row.file_id === at) ?? (at === null ? undefined : single.data);
  return (
    <Page
      title="Remittances"
      summary={query.isSuccess ? `${count(rows.length)}${query.hasNextPage ? " and more" : ""}` : ""}
      actions={
        onUpload ? (
          <>
            <Button size="xs" variant="default" renderRoot={(given) => <Link to="/remittances/paper" {...given} />}>Enter a paper EOB</Button>
            <Button size="xs" onClick={onUpload}>Post an 835</Button>
          </>
        ) : null
      }
      filters={
        <>
          <Views label="Remittances and deposits" views={VIEWS} current="files" />
          <WaitingLink />
        </>
      }
      panel={current ? <RemittanceSummary remittance={current} /> : undefined}
      panelTitle={current ? `Remittance ${current.file_id}` : ""} onClosePanel={() => setSearch({ at: undefined })}
    >
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Remittances" columns={columns} rows={rows} keyOf={(row) => row.file_id} at={at} order={order} onOrder={onOrder} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          onAt={(row) => setSearch({ at: row.file_id })}
          onOpen={(row) => void navigate({ to: "/payments", search: { file: row.file_id } as never })}
          onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={
            scope.facility !== undefined || scope.days !== null ? (
              <Empty title="No remittance of this facility and period">
                <Anchor component="button" onClick={() => setSearch({ facility: undefined, period: undefined, at: undefined })}>Clear both</Anchor> to see every remittance.
              </Empty>
            ) : (
            <Empty title="No remittances yet">
              Post an 835 here, or let a watched folder take them in. Each payment is matched to its claims; what is not certain
              waits under{" "}
              <Anchor renderRoot={(given) => <Link to="/remittances/waiting" {...given} />}>Unmatched remittance claims</Anchor>.
            </Empty>
            )
          }
        />
      )}
    </Page>
  );
}
