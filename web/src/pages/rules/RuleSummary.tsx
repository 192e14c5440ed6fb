/** The side panel of a rule. */

import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useRule } from "../claims/FindingList";
import type { Entry } from "./catalogue";
import { RuleNumbers, RuleWords } from "./RuleText";

export function RuleSummary({ entry }: { entry: Entry }) {
  const rule = useRule(entry.code);
  const navigate = useNavigate();
  return (
    <>
      <p>
        <strong>{entry.title}</strong>
      </p>
      {rule ? <RuleWords rule={rule} /> : null}
      <h3>What it came to</h3>
      <RuleNumbers entry={entry} />
      <Button mt="md" onClick={() => void navigate({ to: "/rules/$code", params: { code: entry.code } })}>
        Open the rule
      </Button>
    </>
  );
}
