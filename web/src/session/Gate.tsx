/** Nothing is shown before somebody is signed in; a session that ends covers the page and keeps it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Activity, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { onSignedOut, Problem } from "../api/client";
import { ProblemNote } from "../ui/ProblemNote";
import { IdleWatch } from "./IdleWatch";
import { fetchSession, isSessionOver, keepSessionOver, type Session, SESSION_KEY } from "./session";
import { SignIn } from "./SignIn";
import { openWindows } from "./windows";

export function Gate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [ended, setEnded] = useState(false);
  const session = useQuery({ queryKey: SESSION_KEY, queryFn: fetchSession, staleTime: Infinity, retry: false });
  const end = useCallback(() => {
    keepSessionOver(true);
    setEnded(true);
  }, []);

  useEffect(() => onSignedOut(end), [end]);

  /** Take up the browser's session, if it is a new one. */
  const begin = useCallback(async (): Promise<void> => {
    const before = queries.getQueryData<Session>(SESSION_KEY);
    const now = await fetchSession();
    // Another person must not see what is on the page or in memory.
    if (before !== undefined && before.account_id !== now.account_id) {
      window.location.assign("/");
      return;
    }
    if (before?.csrf_token === now.csrf_token && !isSessionOver()) return;
    queries.setQueryData(SESSION_KEY, now);
    keepSessionOver(false);
    setEnded(false);
    void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
  }, [queries]);

  // Signed in in one window, the others have the new session as well.
  const tell = useRef<() => void>(() => undefined);
  useEffect(() => {
    const windows = openWindows((told) => {
      // What fails here is said at the next request.
      if (told === "signed in") begin().catch(() => undefined);
      else if (told === "signed out" && queries.getQueryData<Session>(SESSION_KEY) !== undefined) end();
    });
    tell.current = () => windows.tell("signed in");
    return () => windows.close();
  }, [begin, end, queries]);
  const token = ended ? undefined : session.data?.csrf_token;
  useEffect(() => {
    if (token !== undefined) tell.current();
  }, [token]);

  if (session.data === undefined) {
    if (session.isPending) return null;
    if (session.error instanceof Problem && session.error.isSignedOut) return <SignIn onSignedIn={begin} />;
    return <ProblemNote problem={session.error} onRetry={() => void session.refetch()} />;
  }
  return (
    <>
      {/* What is hidden keeps what was typed, and hears no key: dialogs are portals of the node within. */}
      <Activity mode={ended ? "hidden" : "visible"}>
        <div className="page-root">
          {children}
          <div id="dialogs" />
        </div>
      </Activity>
      {ended ? (
        <SignIn known={session.data} onSignedIn={begin} />
      ) : (
        <IdleWatch onEnded={end} />
      )}
    </>
  );
}
