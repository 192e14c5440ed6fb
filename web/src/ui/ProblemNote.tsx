/** What went wrong, what was kept and what to do, with the number that support needs. */

import { Alert, Anchor, Button, Group, List, Text } from "@mantine/core";
import { Problem } from "../api/client";
import { sentence } from "./format";

export function ProblemNote({ problem, onRetry }: { problem: unknown; onRetry?: () => void }) {
  const known = problem instanceof Problem ? problem : null;
  // An address that no link of ours has: what the API says of its form helps nobody.
  const isNowhere = known?.details.some((each) => each.field?.startsWith("path.")) ?? false;
  const isMissing = known?.status === 404 && !isNowhere;
  const message = isNowhere ? "Nothing has this address. Check it, or search for what you need." : problem instanceof Error ? problem.message : "Something unexpected happened.";
  return (
    <Alert color="red" role="alert" title={isNowhere ? "Not found" : titleOf(known)} m="md">
      <Text size="sm">{sentence(message)}</Text>
      {isMissing ? <Text size="sm" mt="xs">It may have been removed, or belong to a facility that you do not see. Check the number, or search for it ( / ).</Text> : null}
      {known && known.status >= 500 && known.requestId ? <Text size="sm" mt="xs">Try again in a minute. If it fails again, tell an administrator the number of the request.</Text> : null}
      {known && known.details.length > 0 && !isNowhere ? (
        <List size="sm" mt="xs">
          {known.details.map((each) => (
            <List.Item key={`${each.field ?? ""}${each.message}`}>
              {each.field ? `${each.field}: ` : ""}
              {each.message}
            </List.Item>
          ))}
        </List>
      ) : null}
      {known?.code === "second_factor_needed" ? (
        <Text size="sm" mt="xs">
          <Anchor href="/settings/account" inherit underline="always">Set up a second factor</Anchor>
        </Text>
      ) : null}
      <Group mt="sm" gap="sm">
        {onRetry && !isNowhere ? (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        ) : null}
        {known?.requestId ? (
          <Text size="xs">
            Request {known.requestId}
          </Text>
        ) : null}
      </Group>
    </Alert>
  );
}

function titleOf(problem: Problem | null): string {
  if (problem === null) return "This page failed";
  if (problem.status === 0) return "No connection";
  if (problem.status === 403) return "Not permitted";
  if (problem.status === 404) return "Not found";
  if (problem.code === "changed_meanwhile") return "Somebody was quicker";
  return problem.status >= 500 ? "The server failed" : "Not done";
}
