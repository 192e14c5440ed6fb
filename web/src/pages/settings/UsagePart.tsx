/** What the tenant used in a month, by identity, and what it may use. */

import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf } from "../../api/client";
import { csvOf, saveFile } from "../../ui/csv";
import { bytes, count, day, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { Table } from "../../ui/Table";
import { whoIs } from "../audit/records";
import { useNames } from "../audit/useAudit";

export function UsagePart() {
  const names = useNames();
  const [month, setMonth] = useState("");
  const isMonth = /^\d{4}-(0[1-9]|1[0-2])$/.test(month);
  const usage = useQuery({
    queryKey: ["usage", isMonth ? month : ""],
    queryFn: async () => dataOf(await api.GET("/api/v1/usage", { params: { query: isMonth ? { month } : {} } })),
  });
  const quotas = useQuery({ queryKey: ["quotas"], queryFn: async () => dataOf(await api.GET("/api/v1/usage/quotas")) });
  const rows = usage.data?.identities ?? [];
  const amount = (kind: string, value: number): string => (kind === "bytes" || kind === "storage" ? bytes(value) : count(value));
  return (
    <div className="read wide">
      <section>
        <div className="filter-row">
          <TextInput size="xs" type="month" label="Month" value={month || (usage.data?.month ?? "")} onChange={(event) => setMonth(event.currentTarget.value)} />
          <Button
            size="xs" variant="default" disabled={rows.length === 0}
            onClick={() => saveFile(`usage-${usage.data?.month ?? ""}.csv`, csvOf(["identity", "requests", "claims", "bytes received", "bytes stored"], rows.map((each) => [whoIs(each.identity, names), each.requests, each.claims, each.bytes_received, each.bytes_stored])))}
          >
            Export as CSV
          </Button>
        </div>
        {usage.isError ? <ProblemNote problem={usage.error} onRetry={() => void usage.refetch()} /> : null}
        {usage.isSuccess && rows.length === 0 ? <p className="dim">Nothing was used in this month.</p> : null}
        {rows.length > 0 ? (
          <Table
            label="Usage"
            headings={["Who", { label: "Requests", numeric: true }, { label: "Claims", numeric: true }, { label: "Received", numeric: true }, { label: "Stored", numeric: true }]}
            rows={rows.map((each) => ({ key: each.identity, cells: [whoIs(each.identity, names), count(each.requests), count(each.claims), bytes(each.bytes_received), bytes(each.bytes_stored)] }))}
          />
        ) : null}
      </section>
      <section>
        <h2>Quotas</h2>
        {quotas.isError ? <ProblemNote problem={quotas.error} onRetry={() => void quotas.refetch()} /> : null}
        {quotas.data?.length === 0 ? <p className="dim">None is set: usage is counted and not limited.</p> : null}
        {quotas.data && quotas.data.length > 0 ? (
          <Table
            label="Quotas" headings={["Of", { label: "Most", numeric: true }, { label: "Used", numeric: true }, "State", "Set", "By"]}
            rows={quotas.data.map((each) => ({
              key: each.kind,
              cells: [
                words(each.kind), amount(each.kind, each.most), amount(each.kind, each.used),
                each.used >= each.most ? <Status key="state" tone="loss">Used up</Status> : each.used > each.most * 0.8 ? <Status key="state" tone="person">Nearly used up</Status> : <Status key="state" tone="done">Within it</Status>,
                day(each.set_at), whoIs(each.set_by, names),
              ],
            }))}
          />
        ) : null}
      </section>
    </div>
  );
}
