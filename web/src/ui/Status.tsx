/** A state as a word with its sign; colour is never alone. */

export type Tone = "loss" | "person" | "done" | "plain";

const SIGN: Record<Tone, string> = { loss: "✕", person: "!", done: "✓", plain: "" };

export function Status({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={`status status-${tone}`}>
      {SIGN[tone] ? <span aria-hidden="true">{SIGN[tone]} </span> : null}
      {children}
    </span>
  );
}

const TONES: Record<string, Tone> = {
  // Red is only what blocks or loses money.
  block: "loss", blocked: "loss", dead: "loss", failed: "loss", denied: "loss", overdue: "loss", ended: "plain",
  // A person is needed.
  warn: "person", review: "person", waiting: "person", held: "person", returned: "person", open: "person",
  awaiting_approval: "person", high: "person", stale: "person",
  // Done.
  production: "done", posted: "done", finished: "done", completed: "done", paid: "done", verified: "done",
  champion: "done", active: "done", resolved: "done", closed: "done", current: "done",
};

export function toneOf(state: string | null | undefined): Tone {
  return (state && TONES[state]) || "plain";
}
