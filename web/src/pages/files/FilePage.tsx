/** One file: what became of its claims, which were refused and why, and what is wrong of the file as a whole. */

import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { count, counted, words } from "../../ui/format";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Reason } from "../../ui/Reason";
import { useList } from "../../ui/useList";
import { FindingList } from "../claims/FindingList";
import { ClaimLink } from "../money/links";
import { FileFacts } from "./FileSummary";

const USUAL_REASONS = ["Sent under the wrong facility", "The sender asked for it back", "Sent by mistake, a test file"] as const;

export function FilePage() {
  const fileId = Number(useParams({ strict: false }).fileId);
  const may = useMay();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [returns, setReturns] = useState(false);
  const path = { params: { path: { file_id: fileId } } };
  const file = useQuery({
    queryKey: ["file", fileId], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/files/{file_id}", path)),
  });
  const findings = useQuery({
    queryKey: ["file-findings", fileId],
    queryFn: async () => dataOf(await api.GET("/api/v1/files/{file_id}/findings", path)),
  });

  async function giveBack(reason: string): Promise<void> {
    const done = dataOf(await api.POST("/api/v1/files/{file_id}/return", { ...path, body: { reason } }));
    void queries.invalidateQueries({ queryKey: ["files"] });
    notifications.show({
      color: "green", title: `File ${fileId} returned`,
      message: `${counted(done.returned, "claim")} taken out${done.staying ? `, ${count(done.staying)} stay since a run has processed them` : ""}.`,
    });
    if (done.is_whole) void navigate({ to: "/files" });
    else void file.refetch();
  }

  if (!file.data)
    return (
      <Page title={`File ${fileId}`}>
        {file.isError ? <ProblemNote problem={file.error} onRetry={() => void file.refetch()} /> : null}
      </Page>
    );
  return (
    <Page
      title={`File ${fileId}`} summary={counted(file.data.claims, "claim")}
      actions={
        <>
          <Button
            size="xs" variant="default" renderRoot={(given) => <Link to="/claims" search={{ file: fileId }} {...given} />}
          >
            Its claims
          </Button>
          {may("files.return") ? (
            <Button size="xs" variant="default" onClick={() => setReturns(true)}>
              Return the file
            </Button>
          ) : null}
        </>
      }
    >
      <div className="read">
        <section>
          <FileFacts file={file.data} />
        </section>
        <section>
          <h2>File-level errors</h2>
          {findings.isLoadingError ? <ProblemNote problem={findings.error} /> : null}
          {findings.data?.length === 0 ? (
            <p className="dim">Nothing. Faults of single claims stand with the claims.</p>
          ) : findings.data ? (
            <FindingList findings={findings.data} />
          ) : null}
        </section>
        <section>
          <h2>Refused claims</h2>
          <Refusals fileId={fileId} />
        </section>
      </div>
      {returns ? (
        <Reason
          title={`Return file ${fileId}`} verb="Return the file" usual={USUAL_REASONS}
          what="Claims of the file that no run has processed are deleted, and their numbers can be used again. Processed claims stay. This can't be undone; the same file can be sent again."
          onClose={() => setReturns(false)} onReason={giveBack}
        />
      ) : null}
    </Page>
  );
}

function Refusals({ fileId }: { fileId: number }) {
  const { query, rows } = useList<Schemas["Refusal"]>(["file-refusals", fileId], async (cursor) =>
    dataOf(
      await api.GET("/api/v1/files/{file_id}/refusals", {
        params: { path: { file_id: fileId }, query: { limit: 100, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  if (query.isLoadingError) return <ProblemNote problem={query.error} />;
  if (query.isSuccess && rows.length === 0) return <p className="dim">None: no claim of the file repeats one of before.</p>;
  return (
    <>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Claim of the file</th>
            <th scope="col">Why</th>
            <th scope="col">Repeats</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.position}>
              <td>{count(row.position)}</td>
              <td>{words(row.reason)}</td>
              <td>
                {row.first_key === null ? (
                  ""
                ) : (
                  <ClaimLink claimKey={row.first_key} label={`Claim ${row.first_key}`} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {query.hasNextPage ? (
        <Button mt="sm" size="xs" variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
    </>
  );
}
