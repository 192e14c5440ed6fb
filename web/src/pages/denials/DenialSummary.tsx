/** The side panel of a denial: enough to act on it. */

import { Button, Group, Skeleton } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { day, left } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { DenialActs } from "./DenialActs";
import { DenialFacts, useSheet, Worth } from "./sheet";

export function DenialSummary({ denialId }: { denialId: number }) {
  const navigate = useNavigate();
  const query = useSheet(denialId);
  if (query.isLoadingError) return <ProblemNote problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton height={160} className="slow-skeleton" />;
  const sheet = query.data;
  const clock = sheet.clocks.find((each) => each.clock === sheet.weighed.clock);
  return (
    <>
      <h3>{sheet.weighed.cause}</h3>
      <p>{sheet.fix}</p>
      <Worth sheet={sheet} />
      {clock ? (
        <p className="dim">
          {clock.name}: {day(clock.due_on)} ({left(clock.days_left)}), {clock.law}
        </p>
      ) : null}
      <Group gap="sm" mb="md">
        <Button size="xs" onClick={() => void navigate({ to: "/denials/$denialId", params: { denialId: String(denialId) } })}>Open the denial</Button>
        <DenialActs sheet={sheet} />
      </Group>
      <DenialFacts sheet={sheet} />
    </>
  );
}
