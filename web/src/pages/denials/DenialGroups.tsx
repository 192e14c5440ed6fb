/** Open denials by cause and next step: one fix for many claims. */

import { Button } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client";
import { Empty } from "../../ui/Empty";
import { Facts } from "../../ui/Facts";
import { cents, count, day, daysLeft, dollars, sumCents, toCents, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { useAddress } from "../../ui/useAddress";
import { DenialStrip } from "./DenialStrip";

type Group = Schemas["WorkGroup"];
const keyOf = (group: Group): string => `${group.root_cause} ${group.next_step}`;

const COLUMNS: readonly Column<Group>[] = [
  { key: "cause", label: "Cause", width: "minmax(240px, 2fr)", render: (row) => <span title={row.name}>{row.name}</span> },
  { key: "step", label: "Next step", width: "minmax(150px, 1fr)", render: (row) => words(row.next_step) },
  { key: "claims", label: "Claims", width: "80px", numeric: true, render: (row) => count(row.claims) },
  { key: "denials", label: "Lines", width: "80px", numeric: true, meaning: "Denied lines; a claim denied as a whole is one", render: (row) => count(row.denials) },
  { key: "amount", label: "Denied", width: "120px", numeric: true, render: (row) => dollars(row.amount) },
  { key: "expected", label: "Expected", width: "120px", numeric: true, meaning: "Expected recovery", render: (row) => dollars(row.expected_recovery) },
  { key: "due", label: "First deadline", width: "190px", render: (row) => (row.first_due_on ? `${day(row.first_due_on)} (${daysLeft(row.first_due_on)})` : <span className="dim">no clock</span>) },
  { key: "preventable", label: "Preventable", width: "110px", meaning: "Whether a check before submission could have prevented it", render: (row) => (row.preventable === null ? "" : row.preventable ? "Yes" : "No") },
];

type Props = { tabs: ReactNode; groups: UseQueryResult<Group[]> };

export function DenialGroups({ tabs, groups }: Props) {
  const [search, setSearch] = useAddress();
  const rows = groups.data ?? [];
  const at = typeof search["at"] === "string" ? search["at"] : null;
  const current = rows.find((row) => keyOf(row) === at);
  const open = (row: Group): void => setSearch({ view: undefined, cause: row.root_cause, step: row.next_step, at: undefined });
  return (
    <Page
      title="Denials" summary={groups.isSuccess ? `${count(rows.length)} fixes for ${cents(sumCents(rows.map((row) => toCents(row.amount))))}` : ""}
      filters={tabs} panel={current ? <GroupSummary group={current} onOpen={() => open(current)} /> : undefined} panelTitle={current?.name ?? ""}
      onClosePanel={() => setSearch({ at: undefined })}
    >
      <DenialStrip groups={rows} />
      {groups.isError ? <ProblemNote problem={groups.error} onRetry={() => void groups.refetch()} /> : null}
      {groups.isLoadingError ? null : (
        <Grid
          label="Causes of denials" columns={COLUMNS} rows={rows} keyOf={keyOf} at={at} isLoading={groups.isPending} onAt={(row) => setSearch({ at: keyOf(row) })}
          onOpen={open} onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={<Empty title="No open denials">Denials with the same cause and the same next step stand here together.</Empty>}
        />
      )}
    </Page>
  );
}

function GroupSummary({ group, onOpen }: { group: Group; onOpen: () => void }) {
  return (
    <>
      <p>{group.fix}</p>
      <Facts
        of={[
          ["Next step", words(group.next_step)],
          ["Claims", `${count(group.claims)}, ${count(group.denials)} denied lines`],
          ["Denied", dollars(group.amount)],
          ["Expected recovery", dollars(group.expected_recovery)],
          ["First deadline", group.first_due_on ? `${day(group.first_due_on)} (${daysLeft(group.first_due_on)})` : "No clock is known"],
        ]}
      />
      <Button onClick={onOpen}>{`Show these ${count(group.denials)} denials`}</Button>
    </>
  );
}
