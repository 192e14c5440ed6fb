/** Says across the page that the server can't be reached, and that it can again; then what is shown is fetched anew. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { connectionFails, useConnection } from "../api/connection";

const TOLD_MS = 5_000;

export function ConnectionBar() {
  const queries = useQueryClient();
  const state = useConnection();
  const [isBack, setBack] = useState(false);
  const wasLost = useRef(false);

  useEffect(() => {
    window.addEventListener("offline", connectionFails);
    return () => window.removeEventListener("offline", connectionFails);
  }, []);

  useEffect(() => {
    if (state === "offline") {
      wasLost.current = true;
      setBack(false);
      return undefined;
    }
    if (!wasLost.current) return undefined;
    wasLost.current = false;
    setBack(true);
    // What changed meanwhile, and what could not be fetched.
    void queries.invalidateQueries({ predicate: (query) => query.meta?.["live"] === true || query.state.status === "error" });
    const timer = window.setTimeout(() => setBack(false), TOLD_MS);
    return () => window.clearTimeout(timer);
  }, [state, queries]);

  return (
    <div role="status" className={state === "offline" ? "connection is-lost" : isBack ? "connection is-back" : "connection"}>
      {state === "offline" ? (
        <>
          <strong>! No connection to the server.</strong> What you see may be out of date. What you typed stays on the page. It is tried again every few seconds.
        </>
      ) : isBack ? (
        <>✓ Connected again. The page is up to date.</>
      ) : null}
    </div>
  );
}
