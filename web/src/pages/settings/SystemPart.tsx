/** Every setting in force, and where its value came from. Values of secrets are not sent. */

import { Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf } from "../../api/client";
import { counted } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Table } from "../../ui/Table";

export function SystemPart() {
  const [wanted, setWanted] = useState("");
  const [changed, setChanged] = useState(false);
  const settings = useQuery({ queryKey: ["settings"], queryFn: async () => dataOf(await api.GET("/api/v1/settings")) });
  const rows = (settings.data ?? []).filter((each) => each.name.includes(wanted.trim().toLowerCase()) && !(changed && each.origin === "default"));
  if (settings.isLoadingError) return <ProblemNote problem={settings.error} onRetry={() => void settings.refetch()} />;
  return (
    <div className="read wide">
      <div className="filter-row">
        <TextInput size="xs" label="Search" placeholder="pipeline" value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />
        <Switch size="xs" mb={6} label="Only what was set" checked={changed} onChange={(event) => setChanged(event.currentTarget.checked)} />
        <span className="dim">{counted(rows.length, "setting")}</span>
      </div>
      <Table
        label="Settings in force" headings={["Setting", "Value", "From"]}
        rows={rows.map((each) => ({ key: each.name, cells: [<span key="name" className="code">{each.name}</span>, <span key="value" className="code">{each.value}</span>, each.origin === "default" ? <span key="origin" className="dim">default</span> : each.origin] }))}
      />
    </div>
  );
}
