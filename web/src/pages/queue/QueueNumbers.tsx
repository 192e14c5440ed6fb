/** The summary of the filtered queue: what is open, what is late, whose it is, and the last 30 days. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf } from "../../api/client";
import type { Search } from "../../ui/search";
import { Bars } from "../../ui/Bars";
import { Cards } from "../../ui/Cards";
import { cents, count, isoDay, words } from "../../ui/format";

type Props = { filters: Record<string, string | string[]>; onFilter: (change: Search) => void };

export function QueueNumbers({ filters, onFilter }: Props) {
  const [showsTrend, setShowsTrend] = useState(false);
  const { data } = useQuery({
    queryKey: ["queue-summary", filters, showsTrend], meta: { live: true }, placeholderData: (before) => before,
    // The days are counted where they are shown.
    queryFn: async () => dataOf(await api.GET("/api/v1/queue/summary", { params: { query: { ...filters, trend: showsTrend } } })),
  });
  if (!data) return <div className="cards-space" />;
  return (
    <>
      <Cards
        of={[
          { label: "Open", value: count(data.open), meaning: "Items that still need a person" },
          { label: "Expected recovery", value: cents(data.expected_cents), meaning: "Dollars at stake times the chance that the work brings them" },
          { label: "Overdue", value: count(data.overdue), tone: data.overdue ? "loss" : undefined, meaning: "Past their legal or service-level day", onOpen: () => onFilter({ due_before: isoDay(-1) }) },
          { label: "Unassigned", value: count(data.unassigned), meaning: "Not assigned to anybody", onOpen: () => onFilter({ assignee: "nobody" }) },
          { label: "Mine", value: count(data.mine), meaning: "Assigned to me", onOpen: () => onFilter({ assignee: "me" }) },
          { label: "Awaiting approval", value: count(data.awaiting_approval), tone: data.awaiting_approval ? "person" : undefined, meaning: "Proposed by one person, to be approved by another", onOpen: () => onFilter({ state: "awaiting_approval" }) },
          { label: "Closed today", value: count(data.closed_today), tone: "done", meaning: "Items that were closed or went through today" },
        ]}
      />
      <div className="categories">
        {data.categories.slice(0, 6).map((each) => (
          <button key={each.name ?? ""} type="button" className="chip" title={`${cents(each.stake_cents)} at stake`} onClick={() => onFilter({ category: each.name ?? undefined })}>
            {words(each.name)} <strong>{count(each.items)}</strong>
          </button>
        ))}
        <button type="button" className="link" aria-expanded={showsTrend} onClick={() => setShowsTrend(!showsTrend)}>
          {showsTrend ? "Hide the last 30 days" : "The last 30 days"}
        </button>
      </div>
      {showsTrend && data.trend.length > 0 ? (
        <Bars
          title="Items opened and closed by day" first="opened" second="closed"
          bars={data.trend.map((each) => ({ day: each.day, first: each.opened, second: each.closed }))}
        />
      ) : null}
    </>
  );
}
