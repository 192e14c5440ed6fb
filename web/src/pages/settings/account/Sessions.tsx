/** One's sessions that have not ended. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, dataOf } from "../../../api/client";
import { moment, words } from "../../../ui/format";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Table } from "../../../ui/Table";
import { useAct } from "../useAct";

export function Sessions() {
  const { act, problem } = useAct("own-sessions");
  const sessions = useQuery({ queryKey: ["own-sessions"], queryFn: async () => dataOf(await api.GET("/api/v1/own/sessions")) });
  return (
    <section>
      <h2>Sessions</h2>
      {sessions.isError ? <ProblemNote problem={sessions.error} onRetry={() => void sessions.refetch()} /> : null}
      {problem ? <ProblemNote problem={problem} /> : null}
      <Table
        label="Sessions" headings={["From", "Signed in with", "Begun", "Last seen", { label: "Acts", hidden: true }]}
        rows={(sessions.data ?? []).map((each) => ({
          key: each.session_id,
          cells: [
            each.address, each.factors.map(words).join(", "), moment(each.created_at), moment(each.seen_at),
            each.is_this ? "This one" : (
              <Button key="end" size="compact-xs" variant="default" onClick={() => void act(() => api.DELETE("/api/v1/own/sessions/{session_id}", { params: { path: { session_id: each.session_id } } }))}>
                End
              </Button>
            ),
          ],
        }))}
      />
    </section>
  );
}
