/** Every claim and where it stands. */

import { Anchor, Button, Select } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { asked, useScope } from "../../shell/scope";
import { Empty } from "../../ui/Empty";
import { age, count, day, dollars, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { StateOf } from "../../ui/StateOf";
import { stateWords } from "../../ui/stateWords";
import { type PayerNames, usePayerNames } from "../../ui/payers";
import { useAddress } from "../../ui/useAddress";
import { useList } from "../../ui/useList";
import { useOrder } from "../../ui/useOrder";
import { ClaimSummary } from "./ClaimSummary";
import { SHORT_FORMS } from "./forms/names";

type Claim = Schemas["ListedClaim"];
const PLACES = ["staged", "production", "review", "returned", "dead", "discarded"] as const;
type Place = (typeof PLACES)[number];
const SORTS = ["-claim_key", "claim_key", "-service_from_on", "service_from_on", "-total_charge", "total_charge"] as const;

const columnsOf = (payer: PayerNames, mayDays: boolean): readonly Column<Claim>[] => [
  { key: "claim", label: "Claim", width: "80px", sort: "claim_key", render: (row) => row.claim_key },
  { key: "place", label: "Status", width: "120px", render: (row) => <StateOf of="claim" name={row.place} /> },
  { key: "why", label: "Why", width: "minmax(110px, 1fr)", render: (row) => words(row.why) },
  { key: "worst", label: "Worst finding", width: "120px", render: (row) => <StateOf of="finding" name={row.severity} /> },
  { key: "facility", label: "Facility", width: "120px", extra: true, render: (row) => row.facility },
  { key: "payer", label: "Payer", width: "minmax(140px, 2fr)", render: (row) => <span title={row.payer_id ?? ""}>{payer(row.payer_id)}</span> },
  { key: "service", label: "Service", width: "150px", ...(mayDays ? { sort: "service_from_on" } : {}), render: (row) => (mayDays ? (row.service_from_on ? `${day(row.service_from_on)} (${age(row.service_from_on)})` : "") : <span className="withheld" title="Days of service are for those who may see who the patients are">withheld</span>) },
  { key: "form", label: "Form", width: "110px", extra: true, render: (row) => SHORT_FORMS[row.form] ?? row.form },
  { key: "charge", label: "Charge", width: "120px", numeric: true, sort: "total_charge", render: (row) => dollars(row.total_charge) },
];

export function ClaimsPage() {
  const [search, setSearch] = useAddress();
  const navigate = useNavigate();
  const place = PLACES.find((each) => each === search["place"]);
  const scope = useScope();
  const payer = usePayerNames();
  const mayDays = useMay()("claims.identity");
  const columns = useMemo(() => columnsOf(payer, mayDays), [payer, mayDays]);
  const days = mayDays ? scope.days : null;
  const fileId = typeof search["file"] === "number" ? search["file"] : undefined;
  const at = typeof search["at"] === "number" ? search["at"] : null;
  // Newest first: what came in today is what people look for.
  const { sort, order, onOrder } = useOrder(SORTS, "-claim_key");
  const { query, rows } = useList<Claim>(["claims", place, scope.facility, days, fileId, sort], async (cursor) =>
    dataOf(
      await api.GET("/api/v1/claims", {
        params: {
          query: {
            limit: 200, ...(sort ? { sort } : {}),
            ...(cursor ? { cursor } : {}), ...(place ? { place } : {}), ...asked({ ...scope, days }, "service_from", "service_to"),
            ...(fileId ? { file_id: fileId } : {}),
          },
        },
      }),
    ),
  );
  const current = rows.find((row) => row.claim_key === at);
  const isFiltered = place !== undefined || scope.facility !== undefined || days !== null || fileId !== undefined;

  return (
    <Page
      title="Claims"
      summary={query.isSuccess ? `${count(rows.length)}${query.hasNextPage ? " and more" : ""}` : ""}
      filters={
        <>
          <Select
            label="Status" clearable placeholder="All" data={PLACES.map((each) => ({ value: each, label: stateWords("claim", each) }))}
            value={place ?? null} onChange={(value) => setSearch({ place: (value as Place | null) ?? undefined, at: undefined })}
          />
          {isFiltered ? (
            <Button size="xs" variant="subtle" onClick={() => setSearch({ place: undefined, facility: undefined, period: undefined, file: undefined, at: undefined })}>
              Clear the filters
            </Button>
          ) : null}
        </>
      }
      panel={current ? <ClaimSummary claim={current} /> : undefined}
      panelTitle={current ? `Claim ${current.claim_key}` : ""}
      onClosePanel={() => setSearch({ at: undefined })}
    >
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="Claims" columns={columns} rows={rows} keyOf={(row) => row.claim_key} at={at} order={order} onOrder={onOrder} isLoading={query.isPending}
          hasMore={query.hasNextPage && !query.isError} onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          onAt={(row) => setSearch({ at: row.claim_key })}
          onOpen={(row) => void navigate({ to: "/claims/$claimKey", params: { claimKey: String(row.claim_key) } })}
          onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={
            isFiltered ? (
              <Empty title="No claim matches these filters">Clear the filters to see every claim.</Empty>
            ) : (
              <Empty title="No claims yet">
                Claims appear here when a file of them has been taken in.{" "}
                <Anchor renderRoot={(given) => <Link to="/files" {...given} />}>Upload an 837 file</Anchor>.
              </Empty>
            )
          }
        />
      )}
    </Page>
  );
}
