/** The sections of the rail: what each is called, what it needs, and the keys that lead to it. */

/**
 * What the fields of the top bar limit on the list of a section: always the facility, and the days of `period`.
 * `needs` is the action without which days are withheld; `without` says what is shown where no period is chosen.
 */
export type ScopeOfSection = { period?: string; needs?: string; without?: string };
export type Section = { path: string; label: string; action: string; keys: string; does: string; scope?: ScopeOfSection };

export const SECTIONS: readonly Section[] = [
  { path: "/overview", label: "Overview", action: "claims.list", keys: "g o", does: "What happened, and what needs us", scope: { period: "day on which claims came and answers were paid", without: "Last 30 days" } },
  { path: "/queue", label: "Work queue", action: "review.list", keys: "g q", does: "What to work on first", scope: { period: "day on which the item was opened" } },
  { path: "/claims", label: "Claims", action: "claims.list", keys: "g c", does: "Every claim and where it stands", scope: { period: "day of service", needs: "claims.identity" } },
  { path: "/files", label: "Files", action: "files.list", keys: "g f", does: "Files that came in; upload", scope: { period: "day received" } },
  { path: "/remittances", label: "Remittances", action: "remittances.list", keys: "g r", does: "Remittances and what waits to be matched", scope: { period: "day received" } },
  { path: "/payments", label: "Payments", action: "remittances.list", keys: "g p", does: "Payments, claim by claim, to the cent", scope: { period: "day paid" } },
  { path: "/denials", label: "Denials", action: "denials.list", keys: "g d", does: "Open denials by recovery and deadline", scope: { period: "day denied" } },
  { path: "/appeals", label: "Appeals", action: "appeals.list", keys: "g e", does: "Letters, what is proven of them, outcomes" },
  { path: "/underpayments", label: "Underpayments", action: "underpayments.list", keys: "g u", does: "Paid less than the contract says", scope: {} },
  { path: "/analytics", label: "Analytics", action: "analytics.read", keys: "g n", does: "Why are we denied, who pays late, what is old, who does what", scope: { period: "days that figures count", without: "Last 90 days" } },
  { path: "/alerts", label: "Alerts", action: "analytics.read", keys: "g t", does: "Figures beyond their limits, and what is watched" },
  { path: "/rules", label: "Rules", action: "rules.read", keys: "g l", does: "The rulebook and how often each rule fires" },
  { path: "/models", label: "Model", action: "models.read", keys: "g m", does: "Denial prediction: cards, champion, shadow" },
  { path: "/operations", label: "Operations", action: "runs.list", keys: "g x", does: "Runs and dead letters" },
  { path: "/audit", label: "Audit", action: "audit.read", keys: "g a", does: "Who saw what, and why" },
  { path: "/settings", label: "Settings", action: "own.read", keys: "g s", does: "Your account, users, tokens, policies, reference data" },
];

/** The section that a path belongs to. */
export function sectionAt(path: string): Section | undefined {
  return SECTIONS.find((section) => path === section.path || path.startsWith(`${section.path}/`));
}
