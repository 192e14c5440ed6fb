/** One's own tokens: they may do, of what one may oneself, what their scopes say. */

import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../../api/client";
import { ProblemNote } from "../../../ui/ProblemNote";
import { useList } from "../../../ui/useList";
import { Once } from "../Once";
import { TokenForm } from "../TokenForm";
import { TokenTable } from "../TokenTable";

type Token = Schemas["Token"];

export function OwnTokens() {
  const queries = useQueryClient();
  const [issuing, setIssuing] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const { query, rows } = useList<Token>(["own-tokens"], async (cursor) =>
    dataOf(await api.GET("/api/v1/own/tokens", { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } } })), { live: false },
  );
  async function revoke(token: Token): Promise<void> {
    await api.DELETE("/api/v1/own/tokens/{token_id}", { params: { path: { token_id: token.token_id } } });
    await queries.invalidateQueries({ queryKey: ["own-tokens"] });
  }
  return (
    <section>
      <h2>Your tokens</h2>
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {rows.length > 0 ? <TokenTable tokens={rows} onRevoke={revoke} /> : query.isSuccess ? <p className="dim">None. A token lets a program of yours use the API as you.</p> : null}
      <Button size="xs" variant="default" mt="xs" onClick={() => setIssuing(true)}>Issue a token</Button>
      {issuing ? (
        <TokenForm
          onClose={() => setIssuing(false)}
          onIssue={async ({ label, scopes, days }) => setSecret(dataOf(await api.POST("/api/v1/own/tokens", { body: { label, scopes, days } })).secret ?? null)}
        />
      ) : null}
      {secret ? <Once title="Your token" secret={secret} onClose={() => setSecret(null)}>Keep it where the program keeps its secrets. It is not shown again.</Once> : null}
    </section>
  );
}
