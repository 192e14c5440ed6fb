/** Whether no record was changed, removed or cut off. It reads the whole log, so it is asked for. */

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf } from "../../api/client";
import { Dialog } from "../../ui/Dialog";
import { count } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";

export function Chain() {
  const [showsFaults, setShowsFaults] = useState(false);
  const verify = useMutation({ mutationFn: async () => dataOf(await api.GET("/api/v1/audit/verification")), onError: () => setShowsFaults(true) });
  const verdict = verify.data;
  return (
    <>
      <span aria-live="polite" className="beside-button">
        {verdict?.holds ? <Status tone="done">{`The log holds: ${count(verdict.records)} records`}</Status> : null}
      </span>
      {verdict && !verdict.holds ? (
        <Button size="xs" color="red" variant="outline" onClick={() => setShowsFaults(true)}>{`${count(verdict.faults.length)} faults in the log`}</Button>
      ) : null}
      <Button size="xs" variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>Verify the log</Button>
      {showsFaults ? (
        <Dialog opened onClose={() => setShowsFaults(false)} title="The audit log does not verify" size="lg">
          {verify.isError ? <ProblemNote problem={verify.error} /> : null}
          <p>Do not run retention, and keep the database as it is. Compare with the checkpoints; the runbook says how.</p>
          <ul className="plain-list">{verdict?.faults.map((each) => <li key={each}>{each}</li>)}</ul>
        </Dialog>
      ) : null}
    </>
  );
}
