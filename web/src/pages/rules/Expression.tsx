/** Whether a condition can be used in a rule, and of which names it speaks. */

import { Anchor, Button, Group, Select, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, dataOf } from "../../api/client";
import { words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { useCatalogue } from "./useCatalogue";

export function Expression({ level: given, when: first }: { level: string; when: string }) {
  const { entries } = useCatalogue();
  const [level, setLevel] = useState(given);
  const [when, setWhen] = useState(first.trim());
  const levels = [...new Set([given, ...entries.map((each) => each.level)])].sort();
  const attempt = useMutation({
    mutationFn: async () => dataOf(await api.POST("/api/v1/rules/expression", { body: { level, when } })),
  });
  return (
    <section>
      <h2>Try a condition</h2>
      <p className="dim">
        Changes nothing. What it may call stands in{" "}
        <Anchor inherit underline="always" renderRoot={(props) => <Link to="/help/$page" params={{ page: "reference-functions" }} {...props} />}>the functions</Anchor>.
      </p>
      <Textarea
        label="Condition" autosize minRows={3} maxRows={14} value={when} classNames={{ input: "code" }} spellCheck={false}
        onChange={(event) => setWhen(event.currentTarget.value)}
      />
      <Group mt="xs" align="end">
        <Select label="Level" data={levels.map((each) => ({ value: each, label: words(each) }))} value={level} allowDeselect={false} onChange={(value) => value && setLevel(value)} />
        <Button size="xs" variant="default" loading={attempt.isPending} disabled={!when.trim()} onClick={() => attempt.mutate()}>Try it</Button>
      </Group>
      <div aria-live="polite">
        {attempt.isError ? <ProblemNote problem={attempt.error} /> : null}
        {attempt.data ? (
          <p>
            <Status tone="done">It can be used.</Status> It speaks of{" "}
            <span className="code">{attempt.data.names.join(", ") || "nothing"}</span>.
          </p>
        ) : null}
      </div>
    </section>
  );
}
