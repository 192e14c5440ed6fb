import { describe, expect, it } from "vitest";
import { IDLE_MS, idleAt } from "./idle";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

describe("idle", () => {
  it("ends a session without a person, whatever the page has fetched", () => {
    const idle = idleAt({ now: NOW, before: NOW - 1_000, acted: NOW - IDLE_MS, answered: NOW - 1_000 });
    expect(idle).toEqual({ isOver: true, left: null, isTouchDue: false });
  });
  it("warns two minutes before", () => {
    expect(idleAt({ now: NOW, before: NOW - 1_000, acted: NOW - 29 * MINUTE, answered: NOW }).left).toBe(MINUTE);
    expect(idleAt({ now: NOW, before: NOW - 1_000, acted: NOW - 27 * MINUTE, answered: NOW }).left).toBeNull();
  });
  it("tells the server of a person who only reads", () => {
    expect(idleAt({ now: NOW, before: NOW - 1_000, acted: NOW - 5_000, answered: NOW - 6 * MINUTE }).isTouchDue).toBe(true);
    expect(idleAt({ now: NOW, before: NOW - 1_000, acted: NOW - 3 * MINUTE, answered: NOW - 6 * MINUTE }).isTouchDue).toBe(false);
  });
  it("hears other windows first after a sleep", () => {
    expect(idleAt({ now: NOW, before: NOW - 3 * MINUTE, acted: NOW - IDLE_MS, answered: NOW }).isOver).toBe(false);
  });
});
