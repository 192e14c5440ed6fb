/** The state of a page in its address: back works, and a link opens the same view. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Search } from "./search";
import { SCOPE } from "../shell/scope";

const KEPT: ReadonlySet<string> = new Set(SCOPE);

export function useAddress(): [Search, (change: Search) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const change = useCallback(
    (changes: Search) => {
      void navigate({
        to: ".",
        search: ((before: Search) => {
          const next: Search = { ...before, ...changes };
          // What links keep is taken away by naming it.
          for (const name of Object.keys(next)) if ((next[name] === undefined || next[name] === "") && !KEPT.has(name)) delete next[name];
          return next;
        }) as never,
        // The cursor's movement is no step that "back" should undo.
        replace: Object.keys(changes).every((name) => name === "at"),
      });
    },
    [navigate],
  );
  return [search, change];
}
