/** How many answers wait, as a link to them. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, dataOf } from "../../api/client";
import { cents, count, sumCents } from "../../ui/format";
import { Status } from "../../ui/Status";

export function useWaitingReasons() {
  return useQuery({
    queryKey: ["waiting-reasons"], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/remittances/waiting")),
  });
}

export function WaitingLink() {
  const { data } = useWaitingReasons();
  if (!data) return null;
  const answers = data.reduce((sum, each) => sum + each.answers, 0);
  if (answers === 0) return <span className="views-note"><Status tone="done">Nothing waits for a person</Status></span>;
  return (
    <span className="views-note">
      <Status tone="person">{`${count(answers)} ${answers === 1 ? "claim waits" : "claims wait"}`}</Status>
      {`, ${cents(sumCents(data.map((each) => each.paid_cents)))} unapplied: `}
      <Anchor renderRoot={(given) => <Link to="/remittances/waiting" {...given} />}>match them</Anchor>
    </span>
  );
}
