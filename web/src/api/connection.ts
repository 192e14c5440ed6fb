/** Whether the server can be reached, as the requests of the page say. While it can't, a small one is sent again and again. */

import { useSyncExternalStore } from "react";

const AGAIN_MS = 4_000;

type Connection = "online" | "offline";
let state: Connection = "online";
let timer: ReturnType<typeof setTimeout> | undefined;
const hearers = new Set<() => void>();

export function connectionNow(): Connection {
  return state;
}

/** The connection is there again: a request was answered. */
export function connectionWorks(): void {
  clearTimeout(timer);
  set("online");
}

/** A request was not answered at all. */
export function connectionFails(): void {
  if (state === "offline") return;
  set("offline");
  timer = setTimeout(ask, AGAIN_MS);
}

async function ask(): Promise<void> {
  try {
    await fetch("/health/live", { cache: "no-store" });
    connectionWorks();
  } catch {
    timer = setTimeout(ask, AGAIN_MS);
  }
}

function set(next: Connection): void {
  if (state === next) return;
  state = next;
  for (const hear of hearers) hear();
}

function hearWith(hear: () => void): () => void {
  hearers.add(hear);
  return () => void hearers.delete(hear);
}

export function useConnection(): Connection {
  return useSyncExternalStore(hearWith, connectionNow);
}
