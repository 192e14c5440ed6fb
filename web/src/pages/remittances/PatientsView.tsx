/** What patients owe, most first. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client";
import { Empty } from "../../ui/Empty";
import { cents, count, counted, sumCents } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Table } from "../../ui/Table";
import { ClaimLink } from "../money/links";

const MOST = 1_000;

export function PatientsView() {
  const query = useQuery({
    queryKey: ["patients-owe"], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/second-payers/patients", { params: { query: { limit: MOST } } })),
  });
  if (query.isLoadingError) return <ProblemNote problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return null;
  const rows = query.data;
  if (rows.length === 0) {
    return (
      <Empty title="No patient owes anything">
        What a payer leaves to the patient appears here when its remittance is posted, unless a second payer is to be billed first.
      </Empty>
    );
  }
  const sum = cents(sumCents(rows.map((row) => row.amount_cents)));
  return (
    <div className="read wide">
      <p className="dim">
        {rows.length >= MOST ? `The largest ${count(rows.length)} come to ${sum}. There may be more. ` : `${sum} on ${counted(rows.length, "claim")}. `}
        Claims without a second payer, or whose second payer has answered.
      </p>
      <Table
        label="What patients owe" headings={["Claim", "Facility", { label: "Owed", numeric: true }]}
        rows={rows.map((row) => ({
          key: row.account_key, cells: [<ClaimLink key="claim" claimKey={row.claim_key} />, row.facility, cents(row.amount_cents)],
        }))}
      />
    </div>
  );
}
