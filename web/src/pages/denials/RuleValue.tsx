/** Which findings at submission predicted which denials: what each rule is worth. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { Empty } from "../../ui/Empty";
import { Facts } from "../../ui/Facts";
import { count, dollars, percent } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { useAddress } from "../../ui/useAddress";
import { useRule } from "../claims/FindingList";
import { RuleLink } from "../money/links";

type Value = Schemas["RuleValue"];

const COLUMNS: readonly Column<Value>[] = [
  { key: "rule", label: "Rule", width: "minmax(100px, 1fr)", render: (row) => <RuleLink code={row.code} /> },
  { key: "findings", label: "Findings", width: "90px", numeric: true, meaning: "Claims with a finding of the rule at submission", render: (row) => count(row.findings) },
  { key: "answered", label: "Answered", width: "90px", numeric: true, meaning: "Of these, claims that a payer has answered", render: (row) => count(row.answered) },
  { key: "denied", label: "Denied", width: "90px", numeric: true, meaning: "Of the answered, denied for any reason", render: (row) => count(row.denied) },
  { key: "precision", label: "Precision", width: "90px", numeric: true, meaning: "Denied of answered", render: (row) => percent(row.precision) },
  { key: "dollars", label: "Dollars denied", width: "120px", numeric: true, render: (row) => dollars(row.dollars_denied) },
  { key: "named", label: "For this cause", width: "110px", numeric: true, meaning: "Denied for a cause of which the rule is one", render: (row) => count(row.named) },
  { key: "missed", label: "Missed", width: "90px", numeric: true, meaning: "Claims denied for such a cause without a finding of the rule", render: (row) => count(row.missed) },
  { key: "missedDollars", label: "Dollars missed", width: "120px", numeric: true, render: (row) => dollars(row.dollars_missed) },
  { key: "corrected", label: "Corrected", width: "90px", numeric: true, meaning: "Claims that did not leave with the finding", render: (row) => count(row.corrected) },
  { key: "prevented", label: "Prevented", width: "120px", numeric: true, meaning: "An estimate: the amount of corrected claims by the precision", render: (row) => dollars(row.dollars_prevented) },
];

export function RuleValue({ tabs }: { tabs: ReactNode }) {
  const [search, setSearch] = useAddress();
  const navigate = useNavigate();
  const query = useQuery({
    queryKey: ["rule-value"], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/denials/rule-value")),
  });
  const rows = query.data ?? [];
  const at = typeof search["at"] === "string" ? search["at"] : null;
  const current = rows.find((row) => row.code === at);
  return (
    <Page
      title="Denials" summary={query.isSuccess ? `${count(rows.length)} rules` : ""} filters={tabs} panel={current ? <ValueSummary value={current} /> : undefined}
      panelTitle={current?.code ?? ""} onClosePanel={() => setSearch({ at: undefined })}
    >
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isLoadingError ? null : (
        <Grid
          label="What rules predicted" columns={COLUMNS} rows={rows} keyOf={(row) => row.code} at={at} isLoading={query.isPending}
          onAt={(row) => setSearch({ at: row.code })} onOpen={(row) => void navigate({ to: "/rules/$code", params: { code: row.code } })}
          onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={<Empty title="Nothing to compare yet">Once payers have answered claims, each rule shows here how many of its findings were denied.</Empty>}
        />
      )}
    </Page>
  );
}

function ValueSummary({ value }: { value: Value }) {
  const rule = useRule(value.code);
  return (
    <>
      <p>{rule?.title ?? ""}</p>
      <Facts
        of={[
          ["Findings", `${count(value.findings)}, of which ${count(value.answered)} are answered`],
          ["Denied", `${count(value.denied)} (${percent(value.precision)}), ${dollars(value.dollars_denied)}`],
          ["For this cause", `${count(value.named)}, ${dollars(value.dollars_named)}`],
          ["Missed", `${count(value.missed)}, ${dollars(value.dollars_missed)}`],
          ["Corrected in time", `${count(value.corrected)}, ${dollars(value.dollars_corrected)}`],
          ["Prevented, estimated", dollars(value.dollars_prevented)],
        ]}
      />
      {rule?.fix ? <p>{rule.fix}</p> : null}
      <Anchor renderRoot={(given) => <Link to="/rules/$code" params={{ code: value.code }} {...given} />}>Open the rule</Anchor>
    </>
  );
}
