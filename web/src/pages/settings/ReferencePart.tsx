/** Reference data: which edition of each dataset is in force, how old it is, and the load of another. */

import { Button, Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { count, day, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { Table } from "../../ui/Table";
import { EditionForm } from "./EditionForm";

type Dataset = Schemas["Dataset"];

export function ReferencePart() {
  const may = useMay();
  const [wanted, setWanted] = useState("");
  const [stale, setStale] = useState(false);
  const [loads, setLoads] = useState<Dataset | null>(null);
  const datasets = useQuery({ queryKey: ["reference"], queryFn: async () => dataOf(await api.GET("/api/v1/reference")) });
  const all = datasets.data ?? [];
  const old = all.filter((each) => each.is_current === false).length;
  const rows = all.filter((each) => `${each.dataset} ${each.title}`.toLowerCase().includes(wanted.trim().toLowerCase()) && !(stale && each.is_current !== false));
  if (datasets.isLoadingError) return <ProblemNote problem={datasets.error} onRetry={() => void datasets.refetch()} />;
  return (
    <div className="read wide">
      <div className="filter-row">
        <TextInput size="xs" label="Search" placeholder="MUE, ICD-10, fee schedule" value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />
        <Switch size="xs" mb={6} label="Only stale ones" checked={stale} onChange={(event) => setStale(event.currentTarget.checked)} />
        <span className="dim">{datasets.isSuccess ? `${count(rows.length)} datasets, ${count(old)} stale` : ""}</span>
      </div>
      <Table
        label="Reference data"
        headings={["Dataset", "State", "Edition", { label: "Rows", numeric: true }, "From", "To", { label: "Age", numeric: true }, "Source", { label: "Acts", hidden: true }]}
        rows={rows.map((each) => ({
          key: each.dataset,
          cells: [
            <span key="title"><strong>{each.title}</strong><br /><span className="code dim">{each.dataset}</span></span>,
            <StateOf key="state" dataset={each} />, <span key="edition" className="nowrap">{each.version}</span>, count(each.rows), day(each.effective_from), day(each.effective_to),
            each.age_days === null ? "" : `${count(each.age_days)} d`,
            <span key="source" title={each.source ?? ""}>{each.origin === "package" ? "Shipped" : each.origin === "store" ? "Loaded here" : ""}</span>,
            may("reference.load") ? <Button key="load" size="compact-xs" variant="default" onClick={() => setLoads(each)}>Load</Button> : null,
          ],
        }))}
      />
      {loads ? <EditionForm dataset={loads} onClose={() => setLoads(null)} /> : null}
    </div>
  );
}

function StateOf({ dataset }: { dataset: Dataset }) {
  if (dataset.version === null) return <Status tone="person">Nothing loaded</Status>;
  if (dataset.is_current === false) return <Status tone="person">Stale</Status>;
  return dataset.coverage === "full" ? <Status tone="done">In force</Status> : <Status tone="person">{words(dataset.coverage)}</Status>;
}
