/**
 * The first requests of a page, sent while the app's code is still on its way: the session, and once it is known what the
 * person may do, what the frame and the page ask for. The client takes each answer once, in place of a request of its own.
 * Who is not signed in asks for the session only. What a page asks for here and not itself, a test reports.
 */

/** An address of the API, and what the person must be allowed to do: nothing is asked for that would be refused. */
type First = readonly [address: string, ...needs: string[]];

const SESSION = "/api/v1/session";
// What nobody took by then is asked for anew.
const KEPT_MS = 10_000;

const OF_FRAME: readonly First[] = [
  ["/api/v1/own/views"],
  ["/api/v1/facilities"],
  ["/api/v1/own/waiting"],
];
const PAYERS: First = ["/api/v1/payers", "claims.list"];
/** By the path of the page; `KEY` is the number in it. */
const OF_PAGES: Readonly<Record<string, readonly First[]>> = {
  "/overview": [["/api/v1/overview", "claims.list"]],
  "/queue": [["/api/v1/queue?sort=priority&limit=200", "queue.list"], ["/api/v1/queue/summary?trend=false", "queue.list"], PAYERS],
  "/claims": [["/api/v1/claims?limit=200&sort=-claim_key", "claims.list"], PAYERS],
  "/claims/KEY": [
    ["/api/v1/claims/KEY", "claims.list"],
    ["/api/v1/claims/KEY/findings", "findings.list"],
    ["/api/v1/claims/KEY/history", "claims.list"],
    ["/api/v1/claims/KEY/prices", "claims.list"],
    ["/api/v1/remittances/answers?claim_key=KEY&limit=100", "remittances.list"],
    ["/api/v1/denials?claim_key=KEY&state=all", "denials.list"],
    ["/api/v1/queue/people", "queue.list"],
    PAYERS,
  ],
  "/denials": [["/api/v1/denials/work?limit=200", "denials.list"], ["/api/v1/denials/groups", "denials.list"], PAYERS],
  "/alerts": [
    ["/api/v1/analytics/alerts?only_open=true", "analytics.read"],
    ["/api/v1/analytics/alerts/definitions", "analytics.read"],
    ["/api/v1/analytics/kpis", "analytics.read"],
    ["/api/v1/analytics/alerts/targets", "analytics.read"],
    PAYERS,
  ],
};

const sent = new Map<string, Promise<Response | null>>();

/** The answer to a first request, once; null where there is none. A request that failed is sent again by the client. */
export async function takeFirst(url: string): Promise<Response | null> {
  const answer = sent.get(url);
  sent.delete(url);
  return (await answer) ?? null;
}

/** What is asked for at an address of the app, the page's own before what the frame shows of others. */
function firstOf(path: string, search: string): readonly First[] {
  const key = /^\/claims\/(\d+)$/.exec(path)?.[1];
  // Filters and the scope are in the address: the page knows what they ask for.
  const own = search === "" ? (OF_PAGES[key === undefined ? path : "/claims/KEY"] ?? []) : [];
  return [...own, ...OF_FRAME].map(([address, ...needs]) => [address.replaceAll("KEY", key ?? ""), ...needs]);
}

/** The whole answer: what is not read waits on its connection, which others need. */
async function received(url: string): Promise<Response> {
  const answer = await fetch(url);
  return new Response(await answer.blob(), answer);
}

function send(address: string): Promise<Response | null> {
  const url = new URL(address, document.baseURI).href;
  const answer = received(url).catch(() => null);
  sent.set(url, answer);
  return answer;
}

/** Send the session's request, and the others when it is answered. */
async function sendFirst(path: string, search: string): Promise<void> {
  window.setTimeout(() => sent.clear(), KEPT_MS);
  const session = await send(SESSION);
  if (!session?.ok) return;
  const { actions } = (await session.clone().json()) as { actions: string[] };
  for (const [address, ...needs] of firstOf(path, search)) if (needs.every((each) => actions.includes(each))) void send(address);
}

// A page without a session, or a server that can't be reached: the app says so. Unit tests have no page.
if (typeof document !== "undefined") sendFirst(window.location.pathname, window.location.search).catch(() => undefined);
