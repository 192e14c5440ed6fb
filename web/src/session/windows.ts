/** What the windows of a browser tell each other: they share one session. */

export type Told = "acted" | "signed in" | "signed out";

const NAME = "claimwright-activity";

/** Hear what other windows tell, and tell them; nothing of it comes back to the window that told it. */
export function openWindows(onTold: (told: Told) => void): { tell: (told: Told) => void; close: () => void } {
  const channel = new BroadcastChannel(NAME);
  channel.onmessage = (event: MessageEvent<Told>) => onTold(event.data);
  return { tell: (told) => channel.postMessage(told), close: () => channel.close() };
}

/** Tell the other windows that the session they share is over: what is on them is covered at once. */
export function tellSignedOut(): void {
  const windows = openWindows(() => undefined);
  windows.tell("signed out");
  windows.close();
}
