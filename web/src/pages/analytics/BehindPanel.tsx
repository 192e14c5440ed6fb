/** The claims behind a number, page by page; their amounts add up to it. */

import { Anchor, Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, dataOf } from "../../api/client";
import type { Scope } from "../../shell/scope";
import { cents, count, day } from "../../ui/format";
import { usePayerNames } from "../../ui/payers";
import { ProblemNote } from "../../ui/ProblemNote";
import { daysAsked, facilityOf } from "./useKpi";
import { named, type Sheet } from "./views";

type Props = { sheet: Sheet; where: string | undefined; scope: Scope };

export function BehindPanel({ sheet, where, scope }: Props) {
  const days = daysAsked(scope);
  const { data, error, fetchNextPage, hasNextPage, isFetching, refetch } = useInfiniteQuery({
    queryKey: ["kpi-claims", sheet.name, where, scope.facility, days.from, days.to], initialPageParam: "",
    queryFn: async ({ pageParam }) =>
      dataOf(
        await api.GET("/api/v1/analytics/kpis/{name}/claims", {
          params: {
            path: { name: sheet.name },
            query: { ...days, where: [...facilityOf(scope), ...(where ? [where] : [])], limit: 100, ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = data?.pages.flatMap((page) => page.items) ?? [];
  const payer = usePayerNames();
  const groupName = (group: string): string => {
    const value = group.slice(group.indexOf(":") + 1);
    return group.startsWith("payer:") ? payer(value) : named(value);
  };
  const isMoney = /sum\((net_)?cents\)/.test(sheet.numerator.sql);
  const shown = (amount: number): string => (isMoney ? cents(amount) : count(amount));
  const sum = rows.reduce((total, row) => total + row.amount, 0);
  if (error) return <ProblemNote problem={error} onRetry={() => void refetch()} />;
  return (
    <>
      <p className="dim">
        {sheet.numerator.words} {where ? `Only ${named(where.split(":")[0] ?? "")} ${groupName(where)}. ` : ""}
        {sheet.numerator.over === "balance" ? `At the end of ${day(days.to)}.` : `${day(days.from)} to ${day(days.to)}.`}
      </p>
      {rows.length === 0 && !isFetching ? <p>No claims are behind it.</p> : null}
      {rows.length ? (
        <table className="plain">
          <thead>
            <tr><th scope="col">Claim</th><th scope="col">Facility</th><th scope="col">Day</th><th scope="col" className="num">{isMoney ? "Dollars" : "Adds"}</th></tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <td>
                  {row.claim_key === null ? `item ${row.item_id}` : (
                    <Anchor renderRoot={(given) => <Link to="/claims/$claimKey" params={{ claimKey: String(row.claim_key) } as never} {...given} />}>{row.claim_key}</Anchor>
                  )}
                </td>
                <td>{row.facility}</td>
                <td>{day(row.valid_on)}</td>
                <td className="num">{shown(row.amount)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot><tr><td colSpan={3}>{hasNextPage ? `Sum of ${count(rows.length)} so far` : `Sum of ${count(rows.length)}`}</td><td className="num">{shown(sum)}</td></tr></tfoot>
        </table>
      ) : null}
      {hasNextPage ? <Button variant="default" size="xs" loading={isFetching} onClick={() => void fetchNextPage()}>More</Button> : null}
    </>
  );
}
