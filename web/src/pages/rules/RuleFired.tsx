/** The claims that a rule found something on. A finding names a field and never its value. */

import { Button } from "@mantine/core";
import { useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { dollars, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Scrolls } from "../../ui/Scrolls";
import { Status, toneOf } from "../../ui/Status";
import { useList } from "../../ui/useList";
import { ClaimLink } from "../money/links";

export function RuleFired({ code }: { code: string }) {
  const hash = useLocation({ select: (location) => location.hash });
  const place = useRef<HTMLElement>(null);
  const { query, rows } = useList<Schemas["StoredFinding"]>(["rule-findings", code], async (cursor) =>
    dataOf(await api.GET("/api/v1/findings", { params: { query: { code, limit: 25, ...(cursor ? { cursor } : {}) } } })),
  );
  useEffect(() => {
    if (hash === "fired" && query.isSuccess) place.current?.scrollIntoView();
  }, [hash, query.isSuccess]);

  return (
    <section ref={place}>
      <h2>Claims that have the finding</h2>
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isSuccess && rows.length === 0 ? <p className="dim">No claim has it.</p> : null}
      {rows.length > 0 ? (
        <Scrolls label="Claims that have the finding">
          <table className="plain">
            <thead>
              <tr>
                <th>Claim</th>
                <th>Line</th>
                <th>Severity</th>
                <th>Field</th>
                <th>Detail</th>
                <th className="num">Amount</th>
                <th>Waiver</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={`${row.claim_key} ${row.line} ${index}`}>
                  <td>
                    {row.claim_key === null ? "file" : <ClaimLink claimKey={row.claim_key} />}
                  </td>
                  <td>{row.line}</td>
                  <td><Status tone={toneOf(row.severity)}>{words(row.severity)}</Status></td>
                  <td>{words(row.field)}</td>
                  <td>{row.detail}</td>
                  <td className="num">{dollars(row.amount)}</td>
                  <td>{row.waiver}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      ) : null}
      {query.hasNextPage ? (
        <Button size="xs" variant="subtle" mt="xs" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
    </section>
  );
}
