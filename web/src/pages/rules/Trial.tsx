/** A trial of a rule: its own cases, and an 837 that is sent for it and not stored. */

import { Button, FileInput, Group, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { count, counted, dollars } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";

export function Trial({ code }: { code: string }) {
  const [file, setFile] = useState<File | null>(null);
  const [asOf, setAsOf] = useState("");
  const trial = useMutation({
    gcTime: 0,
    mutationFn: async () => {
      const claims = file ? await file.text() : null;
      return dataOf(await api.POST("/api/v1/rules/trial", { body: { code, ...(claims ? { claims } : {}), ...(asOf ? { as_of: asOf } : {}) } }));
    },
  });
  return (
    <section>
      <h2>Try it on claims</h2>
      <p className="dim">Runs the cases of the rule, and the rule over an 837 if you choose one. Nothing of the file is stored.</p>
      <Group align="end">
        <FileInput label="837 file" size="xs" placeholder="Choose a file" clearable value={file} onChange={setFile} miw={240} clearButtonProps={{ "aria-label": "Take the file away" }} />
        <TextInput label="Evaluation date" description="" size="xs" type="date" value={asOf} onChange={(event) => setAsOf(event.currentTarget.value)} />
        <Button size="xs" variant="default" loading={trial.isPending} onClick={() => trial.mutate()}>Try it</Button>
      </Group>
      <div aria-live="polite">
        {trial.isError ? <ProblemNote problem={trial.error} /> : null}
        {trial.data ? <Result tried={trial.data} /> : null}
      </div>
    </section>
  );
}

function Result({ tried }: { tried: Schemas["TriedRule"] }) {
  const failed = tried.cases.filter((each) => !each.passed);
  const replay = tried.replay;
  const beside = Object.entries(replay?.beside ?? {}).sort((a, b) => b[1] - a[1]).slice(0, 8);
  return (
    <>
      <p>
        {failed.length === 0 ? (
          <Status tone="done">{`All ${count(tried.cases.length)} cases hold.`}</Status>
        ) : (
          <Status tone="loss">{`${count(failed.length)} of ${count(tried.cases.length)} cases fail: ${failed.map((each) => each.name).join(", ")}.`}</Status>
        )}
      </p>
      {replay ? (
        <Facts
          of={[
            ["Claims in the file", `${count(replay.claims)}, ${count(replay.lines)} lines, ${dollars(replay.charged)} charged`],
            ["It finds something on", `${counted(replay.claims_found, "claim")}, ${dollars(replay.charged_found)} charged`],
            ["Findings", count(replay.findings)],
            ["Blocked by other rules as well", count(replay.blocked_otherwise)],
            ["With other findings", count(replay.found_otherwise)],
            ["Only found by this rule", count(replay.only_here)],
            ["Codes beside it", beside.map(([code, times]) => `${code} ${count(times)}`).join(", ")],
            ["Could not be decided", replay.undecided],
          ]}
        />
      ) : null}
    </>
  );
}
