/** Nothing is shown before somebody is signed in; a session that ends covers the page and keeps it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Activity, type ReactNode, useCallback, useEffect, useState } from "react";
import { onSignedOut, Problem } from "../api/client";
import { ProblemNote } from "../ui/ProblemNote";
import { IdleWatch } from "./IdleWatch";
import { fetchSession, keepSessionOver, SESSION_KEY } from "./session";
import { SignIn } from "./SignIn";

export function Gate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [ended, setEnded] = useState(false);
  const session = useQuery({ queryKey: SESSION_KEY, queryFn: fetchSession, staleTime: Infinity, retry: false });
  const end = useCallback(() => {
    keepSessionOver(true);
    setEnded(true);
  }, []);

  useEffect(() => onSignedOut(end), [end]);

  async function begin(): Promise<void> {
    const before = session.data?.account_id;
    const now = await fetchSession();
    // Another person must not see what is on the page or in memory.
    if (before !== undefined && before !== now.account_id) {
      window.location.assign("/");
      return;
    }
    queries.setQueryData(SESSION_KEY, now);
    keepSessionOver(false);
    setEnded(false);
    await queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
  }

  if (session.data === undefined) {
    if (session.isPending) return null;
    if (session.error instanceof Problem && session.error.isSignedOut) return <SignIn onSignedIn={() => void begin()} />;
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
        <SignIn name={session.data.name} onSignedIn={() => void begin()} />
      ) : (
        <IdleWatch onEnded={end} />
      )}
    </>
  );
}
