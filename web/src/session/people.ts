/** The people who work on items, and what an account is called. */

import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, dataOf, type Schemas } from "../api/client";
import { useMay } from "./session";

export type Person = Schemas["Worker"];

export function usePeople(enabled = true) {
  return useQuery({
    queryKey: ["queue-people"], enabled, queryFn: async () => dataOf(await api.GET("/api/v1/queue/people")),
  });
}

/** Who covers a facility; null of a person is every facility. */
export function coverOf(people: readonly Person[], facility: string | null): Person[] {
  return people.filter((each) => each.facilities === null || (facility !== null && each.facilities.includes(facility)));
}

/** "user:7" as the name of the account where it is known, else as "account 7"; a service as it is. */
export function actorName(actor: string | null | undefined, people: readonly Person[]): string {
  const account = /^user:(\d+)$/.exec(actor ?? "")?.[1];
  if (account === undefined) return actor ?? "";
  return people.find((each) => String(each.account_id) === account)?.name ?? `account ${account}`;
}

/** Names of accounts, as far as the person may see who works here. */
export function useActorName(): (actor: string | null | undefined) => string {
  const { data } = usePeople(useMay()("queue.list"));
  return useCallback((actor) => actorName(actor, data ?? []), [data]);
}
