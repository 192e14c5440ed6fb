/** Who saw and did what, and why; whether the log holds; alerts of unusual access. */

import { SegmentedControl } from "@mantine/core";
import { useMay } from "../../session/session";
import { useAddress } from "../../ui/useAddress";
import { Alerts } from "./Alerts";
import { Records } from "./Records";

export function AuditPage() {
  const may = useMay();
  const [search, setSearch] = useAddress();
  const view = search["view"] === "alerts" && may("alerts.read") ? "alerts" : "records";
  const views = may("alerts.read") ? (
    <SegmentedControl
      size="xs" aria-label="What to show" value={view} data={[{ value: "records", label: "Records" }, { value: "alerts", label: "Alerts" }]}
      onChange={(next) => setSearch({ view: next === "records" ? undefined : next, at: undefined })}
    />
  ) : null;
  return view === "alerts" ? <Alerts filters={views} /> : <Records filters={views} />;
}
