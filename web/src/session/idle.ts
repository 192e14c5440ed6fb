/** When a session ends for want of a person: their pointer and keys count, what the page fetches by itself does not. */

/** As on the server (IDLE_MINUTES of its sessions). */
export const IDLE_MS = 30 * 60_000;
const WARN_MS = 2 * 60_000;
// The server counts requests: a person who only reads must not lose their session.
const TOUCH_MS = 5 * 60_000;
// A browser that slept first hears what its other windows have to say.
const SLEPT_MS = 90_000;

export type Clock = { now: number; before: number; acted: number; answered: number };
export type Idle = { isOver: boolean; left: number | null; isTouchDue: boolean };

/**
 * @param before when this was asked before
 * @param acted when the person last did something, in any window
 * @param answered when the server last answered a request of the session
 */
export function idleAt({ now, before, acted, answered }: Clock): Idle {
  const left = acted + IDLE_MS - now;
  const isOver = left <= 0 && now - before < SLEPT_MS;
  return {
    isOver, left: left <= WARN_MS && !isOver ? Math.max(0, left) : null,
    isTouchDue: now - acted < 60_000 && now - answered >= TOUCH_MS,
  };
}
