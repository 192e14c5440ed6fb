/** Waivers: findings that a named owner accepts for a time; those of one rule, or all of them. */

import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { Empty } from "../../ui/Empty";
import { day, daysLeft, isoDay } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Reason } from "../../ui/Reason";
import { Scrolls } from "../../ui/Scrolls";
import { Status } from "../../ui/Status";
import { RuleLink } from "../money/links";
import { useWaivers } from "./useCatalogue";

type Waiver = Schemas["StoredWaiver"];

export function WaiverTable({ code, name }: { code?: string; name?: string }) {
  const may = useMay();
  const queries = useQueryClient();
  const [ending, setEnding] = useState<Waiver | null>(null);
  const { query, rows } = useWaivers(may("waivers.read"));
  const shown = code === undefined ? rows : rows.filter((each) => each.rules.some((rule) => rule === code || rule === name));

  async function end(reason: string): Promise<void> {
    if (!ending) return;
    await api.POST("/api/v1/waivers/{waiver_id}/end", { params: { path: { waiver_id: ending.waiver_id } }, body: { reason } });
    await queries.invalidateQueries({ queryKey: ["waivers"] });
  }

  if (query.isLoadingError) return <ProblemNote problem={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return null;
  if (shown.length === 0) {
    return code === undefined ? (
      <Empty title="No waivers">A waiver accepts the findings of a rule until a day, with an owner who answers for it. Add one here or on the page of a rule.</Empty>
    ) : (
      <p className="dim">None.</p>
    );
  }
  return (
    <>
      <Scrolls label="Waivers">
        <table className="plain">
          <thead>
            <tr>
              <th>Waiver</th>
              <th>State</th>
              {code === undefined ? <th>Rules</th> : null}
              <th>Covers</th>
              <th>From</th>
              <th>To</th>
              <th>Owner</th>
              <th>Reason</th>
              <th><span className="unseen">Acts</span></th>
            </tr>
          </thead>
          <tbody>
            {shown.map((each) => (
              <tr key={each.waiver_key}>
                <td>{each.waiver_id}</td>
                <td><StateOf waiver={each} /></td>
                {code === undefined ? <td><Rules of={each.rules} /></td> : null}
                <td>{coverage(each)}</td>
                <td>{day(each.valid_from)}</td>
                <td>{day(each.valid_to)}{isOver(each) ? "" : ` (${daysLeft(each.valid_to)})`}</td>
                <td>{each.owner}</td>
                <td>{each.reason}</td>
                <td>
                  {!isOver(each) && may("waivers.change") ? (
                    <Button size="compact-xs" variant="default" onClick={() => setEnding(each)}>End</Button>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      {query.hasNextPage ? (
        <Button size="xs" variant="subtle" mt="xs" onClick={() => void query.fetchNextPage()}>Show more</Button>
      ) : null}
      {ending ? (
        <Reason
          title={`End the waiver of ${ending.rules.join(", ")}`} verb="End the waiver" onClose={() => setEnding(null)} onReason={end}
          what="Findings that it covered stay waived. Runs from now on apply the rule again."
          usual={["The payer has corrected its edit", "The waiver was added in error"]}
        />
      ) : null}
    </>
  );
}

function Rules({ of }: { of: readonly string[] }) {
  return (
    <>
      {of.map((each, index) => (
        <span key={each}>
          {index ? ", " : ""}
          {/^[A-Z]{2,4}\d{3}$/.test(each) ? <RuleLink code={each} /> : each}
        </span>
      ))}
    </>
  );
}

function isOver(waiver: Waiver): boolean {
  return waiver.ended_at !== null || waiver.valid_to < isoDay();
}

function StateOf({ waiver }: { waiver: Waiver }) {
  if (waiver.ended_at) return <Status tone="plain">{`Ended ${day(waiver.ended_at)}`}</Status>;
  return isOver(waiver) ? <Status tone="plain">Expired</Status> : <Status tone="person">In force</Status>;
}

function coverage(waiver: Waiver): string {
  const parts = [
    waiver.claim_filing.length ? `filing ${waiver.claim_filing.join(", ")}` : "",
    waiver.payer_ids.length ? `payer ${waiver.payer_ids.join(", ")}` : "",
    waiver.providers.length ? `NPI ${waiver.providers.join(", ")}` : "",
  ].filter(Boolean);
  return parts.length ? parts.join("; ") : "All payers and providers";
}
