/** Credentials of services, and the tokens of people. */

import { Button, Group } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { Empty } from "../../ui/Empty";
import { ProblemNote } from "../../ui/ProblemNote";
import { useList } from "../../ui/useList";
import { useNames } from "../audit/useAudit";
import { Once } from "./Once";
import { TokenForm } from "./TokenForm";
import { TokenTable } from "./TokenTable";

type Token = Schemas["Token"];

export function TokensPart() {
  const may = useMay();
  const queries = useQueryClient();
  const names = useNames();
  const [issuing, setIssuing] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const { query, rows } = useList<Token>(["tokens"], async (cursor) =>
    dataOf(await api.GET("/api/v1/tokens", { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } } })), { live: false },
  );
  const owner = (token: Token): string => token.client_name ?? (token.account_id === null ? "" : names.get(token.account_id) ?? `user:${token.account_id}`);

  async function revoke(token: Token): Promise<void> {
    await api.DELETE("/api/v1/tokens/{token_id}", { params: { path: { token_id: token.token_id } } });
    await queries.invalidateQueries({ queryKey: ["tokens"] });
  }

  if (query.isLoadingError) return <ProblemNote problem={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className="read wide">
      {may("tokens.issue") ? <Group mb="sm"><Button size="xs" onClick={() => setIssuing(true)}>Issue credentials</Button></Group> : null}
      {query.isSuccess && rows.length === 0 ? (
        <Empty title="No tokens">A service that sends claims or reads results signs in with credentials of its own. People make tokens under Your account.</Empty>
      ) : (
        <TokenTable tokens={rows} owner={owner} onRevoke={may("accounts.change") ? revoke : undefined} />
      )}
      {query.hasNextPage ? <Button size="xs" variant="subtle" mt="xs" onClick={() => void query.fetchNextPage()}>Show more</Button> : null}
      {issuing ? (
        <TokenForm
          service onClose={() => setIssuing(false)}
          onIssue={async (wanted) => setSecret(dataOf(await api.POST("/api/v1/tokens", { body: wanted })).secret ?? null)}
        />
      ) : null}
      {secret ? <Once title="The secret of the service" secret={secret} onClose={() => setSecret(null)}>Put it where the service keeps its secrets. It is not shown again.</Once> : null}
    </div>
  );
}
