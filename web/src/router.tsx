/** The addresses of the pages. Each page is a file of its own that is fetched when it is first asked for. */

import { Button } from "@mantine/core";
import { createRootRoute, createRoute, createRouter, type ErrorComponentProps, redirect, retainSearchParams } from "@tanstack/react-router";
import { SCOPE } from "./shell/scope";
import { forgetFailures, NotFetchedError, page } from "./shell/page";
import { Shell } from "./shell/Shell";
import { ProblemNote } from "./ui/ProblemNote";
import type { Search } from "./ui/search";

function searchOf(given: Record<string, unknown>): Search {
  const kept: Search = {};
  for (const [name, value] of Object.entries(given))
    if (typeof value === "string" || typeof value === "number") kept[name] = value;
  return kept;
}

/** A page that failed. The words of the browser for code that it could not fetch help nobody. */
function Failed({ error, reset }: ErrorComponentProps) {
  const isCode = error instanceof NotFetchedError || (error instanceof Error && /dynamically imported module|module script/.test(error.message));
  return (
    <>
      <ProblemNote problem={isCode ? new NotFetchedError() : error} onRetry={() => (forgetFailures(), reset())} />
      {isCode ? <Button size="xs" variant="subtle" mx="md" onClick={() => window.location.reload()}>Load the app anew</Button> : null}
    </>
  );
}

const root = createRootRoute({
  component: Shell, validateSearch: searchOf,
  // Links keep the facility and the period of the top bar.
  search: { middlewares: [retainSearchParams<Search>([...SCOPE])] },
  notFoundComponent: page(() => import("./pages/nowhere/NoPage"), "NoPage"),
  errorComponent: Failed,
});

const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/overview" });
  },
});

// One block a page: the repetition gives the router its types, and each page a file of its own.
const overview = createRoute({
  getParentRoute: () => root, path: "/overview", validateSearch: searchOf,
  component: page(() => import("./pages/overview/OverviewPage"), "OverviewPage"),
});
const queue = createRoute({
  getParentRoute: () => root, path: "/queue", validateSearch: searchOf,
  component: page(() => import("./pages/queue/QueuePage"), "QueuePage"),
});
const claims = createRoute({
  getParentRoute: () => root, path: "/claims", validateSearch: searchOf,
  component: page(() => import("./pages/claims/ClaimsPage"), "ClaimsPage"),
});
const claim = createRoute({
  getParentRoute: () => root, path: "/claims/$claimKey", validateSearch: searchOf,
  component: page(() => import("./pages/claims/ClaimPage"), "ClaimPage"),
});
const files = createRoute({
  getParentRoute: () => root, path: "/files", validateSearch: searchOf,
  component: page(() => import("./pages/files/FilesPage"), "FilesPage"),
});
const file = createRoute({
  getParentRoute: () => root, path: "/files/$fileId", validateSearch: searchOf,
  component: page(() => import("./pages/files/FilePage"), "FilePage"),
});
const remittances = createRoute({
  getParentRoute: () => root, path: "/remittances", validateSearch: searchOf,
  component: page(() => import("./pages/remittances/RemittancesPage"), "RemittancesPage"),
});
const unmatched = createRoute({
  getParentRoute: () => root, path: "/remittances/waiting", validateSearch: searchOf,
  component: page(() => import("./pages/remittances/WaitingPage"), "WaitingPage"),
});
const paper = createRoute({
  getParentRoute: () => root, path: "/remittances/paper", validateSearch: searchOf,
  component: page(() => import("./pages/remittances/paper/PaperPage"), "PaperPage"),
});
const payments = createRoute({
  getParentRoute: () => root, path: "/payments", validateSearch: searchOf,
  component: page(() => import("./pages/payments/PaymentsPage"), "PaymentsPage"),
});
const payment = createRoute({
  getParentRoute: () => root, path: "/payments/$paymentId", validateSearch: searchOf,
  component: page(() => import("./pages/payments/PaymentPage"), "PaymentPage"),
});
const denials = createRoute({
  getParentRoute: () => root, path: "/denials", validateSearch: searchOf,
  component: page(() => import("./pages/denials/DenialsPage"), "DenialsPage"),
});
const appeals = createRoute({
  getParentRoute: () => root, path: "/appeals", validateSearch: searchOf,
  component: page(() => import("./pages/appeals/AppealsPage"), "AppealsPage"),
});
const experiments = createRoute({
  getParentRoute: () => root, path: "/appeals/experiments", validateSearch: searchOf,
  component: page(() => import("./pages/appeals/ExperimentsPage"), "ExperimentsPage"),
});
const appeal = createRoute({
  getParentRoute: () => root, path: "/appeals/$caseId", validateSearch: searchOf,
  component: page(() => import("./pages/appeals/AppealPage"), "AppealPage"),
});
const denial = createRoute({
  getParentRoute: () => root, path: "/denials/$denialId", validateSearch: searchOf,
  component: page(() => import("./pages/denials/DenialPage"), "DenialPage"),
});
const underpayments = createRoute({
  getParentRoute: () => root, path: "/underpayments", validateSearch: searchOf,
  component: page(() => import("./pages/underpayments/UnderpaymentsPage"), "UnderpaymentsPage"),
});
const analytics = createRoute({
  getParentRoute: () => root, path: "/analytics", validateSearch: searchOf,
  component: page(() => import("./pages/analytics/AnalyticsPage"), "AnalyticsPage"),
});
const alerts = createRoute({
  getParentRoute: () => root, path: "/alerts", validateSearch: searchOf,
  component: page(() => import("./pages/alerts/AlertsPage"), "AlertsPage"),
});
const alert = createRoute({
  getParentRoute: () => root, path: "/alerts/$alertId", validateSearch: searchOf,
  component: page(() => import("./pages/alerts/AlertPage"), "AlertPage"),
});
const rules = createRoute({
  getParentRoute: () => root, path: "/rules", validateSearch: searchOf,
  component: page(() => import("./pages/rules/RulesPage"), "RulesPage"),
});
const rule = createRoute({
  getParentRoute: () => root, path: "/rules/$code", validateSearch: searchOf,
  component: page(() => import("./pages/rules/RulePage"), "RulePage"),
});
const models = createRoute({
  getParentRoute: () => root, path: "/models", validateSearch: searchOf,
  component: page(() => import("./pages/models/ModelsPage"), "ModelsPage"),
});
const model = createRoute({
  getParentRoute: () => root, path: "/models/$modelId", validateSearch: searchOf,
  component: page(() => import("./pages/models/ModelPage"), "ModelPage"),
});
const operations = createRoute({
  getParentRoute: () => root, path: "/operations", validateSearch: searchOf,
  component: page(() => import("./pages/operations/OperationsPage"), "OperationsPage"),
});
const run = createRoute({
  getParentRoute: () => root, path: "/operations/$runId", validateSearch: searchOf,
  component: page(() => import("./pages/operations/RunPage"), "RunPage"),
});
const audit = createRoute({
  getParentRoute: () => root, path: "/audit", validateSearch: searchOf,
  component: page(() => import("./pages/audit/AuditPage"), "AuditPage"),
});
const settings = createRoute({
  getParentRoute: () => root, path: "/settings", validateSearch: searchOf,
  component: page(() => import("./pages/settings/SettingsPage"), "SettingsPage"),
});
const settingsPart = createRoute({
  getParentRoute: () => root, path: "/settings/$part", validateSearch: searchOf,
  component: page(() => import("./pages/settings/SettingsPage"), "SettingsPage"),
});
const help = createRoute({
  getParentRoute: () => root, path: "/help", validateSearch: searchOf,
  component: page(() => import("./pages/help/HelpPage"), "HelpPage"),
});
const helpPage = createRoute({
  getParentRoute: () => root, path: "/help/$page", validateSearch: searchOf,
  component: page(() => import("./pages/help/HelpPage"), "HelpPage"),
});

const tree = root.addChildren([
  start, overview, queue, claims, claim, files, file, remittances, unmatched, paper, payments, payment, denials,
  denial, appeals, experiments, appeal, underpayments, analytics, alerts, alert, rules, rule, models, model, operations, run, audit, settings, settingsPart, help, helpPage,
]);

export const router = createRouter({
  routeTree: tree, defaultPreload: "intent",
  // Within the frame: the rail and what else is open stay.
  defaultErrorComponent: Failed,
  // What is pending for a moment must not flash.
  defaultPendingMs: 300,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
