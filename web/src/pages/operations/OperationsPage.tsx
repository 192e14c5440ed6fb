/** Runs, dead letters and live events; above them what waits, and whether every part responds. */

import { Anchor, SegmentedControl } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMay } from "../../session/session";
import { useWaitingCounts } from "../../shell/useWaitingCounts";
import { count, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { DeadLetters } from "./DeadLetters";
import { Events } from "./Events";
import { HealthView } from "./HealthView";
import { Runs } from "./Runs";
import { useHealth } from "./useOperations";

export function OperationsPage() {
  const may = useMay();
  const [search, setSearch] = useAddress();
  const views = [
    ["runs", "Runs"],
    ...(may("dead_letters.list") ? [["dead", "Dead letters"]] : []),
    ...(may("events.read") ? [["events", "Events"]] : []),
    ["health", "Health"],
  ] as const;
  const view = views.find(([name]) => name === search["view"])?.[0] ?? "runs";
  const filters = (
    <>
      <SegmentedControl
        size="xs" aria-label="What to show" value={view} data={views.map(([value, label]) => ({ value: String(value), label: String(label) }))}
        onChange={(next) => setSearch({ view: next === "runs" ? undefined : next, at: undefined })}
      />
      <Waiting />
    </>
  );
  if (view === "dead") return <DeadLetters filters={filters} />;
  if (view === "events") return <Events filters={filters} />;
  if (view === "health") return <HealthView filters={filters} />;
  return <Runs filters={filters} />;
}

/** Each number leads to what waits. */
function Waiting() {
  const waiting = useWaitingCounts();
  const health = useHealth();
  if (waiting.isLoadingError) return <ProblemNote problem={waiting.error} onRetry={() => void waiting.refetch()} />;
  const of = waiting.data;
  const failing = Object.entries(health.data?.checks ?? {}).filter(([, state]) => state !== "ok");
  return (
    <dl className="inline-facts">
      <Number label="Staged for a run" value={of?.staged} to="/claims" search={{ place: "staged" }} />
      {of?.chunks === null ? null : <Number label="Chunks for a worker" value={of?.chunks} />}
      <Number label="Dead letters" value={of?.dead_letters} to="/operations" search={{ view: "dead" }} />
      <Number label="In review" value={of?.review} to="/claims" search={{ place: "review" }} />
      <div>
        <dt>Health</dt>
        <dd>
          {health.isError ? <Status tone="loss">Unknown</Status> : null}
          {health.data ? (
            failing.length === 0 ? (
              <Status tone="done">{`${words(Object.keys(health.data.checks).join(", "))} respond`}</Status>
            ) : (
              <Status tone="loss">{failing.map(([name, state]) => `${name}: ${state}`).join("; ")}</Status>
            )
          ) : null}
        </dd>
      </div>
    </dl>
  );
}

type NumberProps = { label: string; value: number | undefined; to?: "/claims" | "/operations" | "/queue"; search?: Record<string, string> };

function Number({ label, value, to, search }: NumberProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {to && value ? (
          <Anchor size="sm" renderRoot={(given) => <Link to={to} search={search ?? {}} {...given} />}>{count(value)}</Anchor>
        ) : (
          count(value)
        )}
      </dd>
    </div>
  );
}
