/** Who is signed in, as the server says; nothing of it is kept in the browser's storage. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, dataOf, keepCsrf, onForged, type Schemas } from "../api/client";

export type Session = Schemas["CurrentSession"];

export const SESSION_KEY = ["session"] as const;

// Whose page this is.
let person: string | null = null;

/** The session of the browser. If it is another person's by now, the page goes: they must neither see nor use what is on it. */
export async function fetchSession(): Promise<Session> {
  const session = dataOf(await api.GET("/api/v1/session"));
  const who = `${session.account_id} ${session.tenant}`;
  if (person !== null && person !== who) {
    window.location.assign("/");
    return new Promise<Session>(() => undefined);
  }
  person = who;
  keepCsrf(session.csrf_token);
  return session;
}

// Another window may have signed in anew.
onForged(fetchSession);

/** The session; the shell shows no page before there is one. */
export function useSession(): Session {
  const { data } = useQuery({ queryKey: SESSION_KEY, queryFn: fetchSession, staleTime: Infinity, retry: false });
  if (!data) throw new Error("used outside of a session");
  return data;
}

let isOver = false;

/** Whether the session has ended: its page is hidden, not left, and is there again when the person signs in. */
export function isSessionOver(): boolean {
  return isOver;
}

export function keepSessionOver(value: boolean): void {
  isOver = value;
}

/** Whether the person may do something; the server decides again at each request. */
export function useMay(): (action: string) => boolean {
  const { actions } = useSession();
  return useMemo(() => {
    const mine = new Set(actions);
    return (action) => mine.has(action);
  }, [actions]);
}
