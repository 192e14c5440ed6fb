/** People of the tenant: add with a link shown once, change, disable, end sessions, give a new link. */

import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay, useSession } from "../../session/session";
import { Confirm } from "../../ui/Confirm";
import { count, day, moment, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { Table } from "../../ui/Table";
import { useList } from "../../ui/useList";
import { Once } from "./Once";
import { useAct } from "./useAct";
import { UserForm } from "./UserForm";

type Account = Schemas["Account"];
type Asked = { kind: "link" | "sessions" | "factor"; account: Account };

const WORDS = {
  link: { title: "Give a new link", verb: "Make the link", what: "sets a new password with it. The current password works until then. The link is shown this once, and can be used once." },
  sessions: { title: "End every session", verb: "End them", what: "is signed out everywhere, now." },
  factor: { title: "Reset second factor", verb: "Reset it", what: "loses authenticator, recovery codes and passkeys, and sets up new ones. Be sure of who asks." },
} as const;

export function UsersPart() {
  const may = useMay();
  const session = useSession();
  const [edited, setEdited] = useState<Account | "new" | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [link, setLink] = useState<{ name: string; link: string } | null>(null);
  const { act } = useAct("accounts");
  const { query, rows } = useList<Account>(["accounts"], async (cursor) =>
    dataOf(await api.GET("/api/v1/accounts", { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } } })), { live: false },
  );
  const mayChange = may("accounts.change");

  async function carryOut({ kind, account }: Asked): Promise<void> {
    const given = { params: { path: { account_id: account.account_id } } };
    if (kind === "link") {
      const made = dataOf(await api.POST("/api/v1/accounts/{account_id}/link", given));
      setLink({ name: account.name, link: made["link"] ?? "" });
    } else if (kind === "sessions") await api.DELETE("/api/v1/accounts/{account_id}/sessions", given);
    else await act(() => api.DELETE("/api/v1/accounts/{account_id}/factor", given));
  }

  if (query.isLoadingError) return <ProblemNote problem={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className="read wide">
      <Group mb="sm">
        <span className="dim">{query.isSuccess ? `${count(rows.length)}${query.hasNextPage ? " and more" : ""} accounts` : ""}</span>
        {mayChange ? <Button size="xs" onClick={() => setEdited("new")}>Add a user</Button> : null}
      </Group>
      <Table
        label="Users" headings={["Name", "State", "Roles", "Facilities", "Second factor", "Since", { label: "Acts", hidden: true }]}
        rows={rows.map((each) => ({
          key: each.account_id,
          cells: [
            each.account_id === session.account_id ? `${each.name} (you)` : each.name,
            <StateOf key="state" account={each} />, each.roles.map(words).join(", "), each.facilities?.join(", ") ?? "All",
            factorOf(each), day(each.created_at),
            mayChange ? (
              <Group key="acts" gap={4} wrap="nowrap">
                <Button size="compact-xs" variant="default" onClick={() => setEdited(each)}>Change</Button>
                <Button size="compact-xs" variant="default" onClick={() => setAsked({ kind: "link", account: each })}>New link</Button>
                <Button size="compact-xs" variant="default" onClick={() => setAsked({ kind: "sessions", account: each })}>End sessions</Button>
                {each.has_second_factor || each.passkeys ? (
                  <Button size="compact-xs" variant="default" onClick={() => setAsked({ kind: "factor", account: each })}>Reset factor</Button>
                ) : null}
              </Group>
            ) : null,
          ],
        }))}
      />
      {query.hasNextPage ? <Button size="xs" variant="subtle" mt="xs" onClick={() => void query.fetchNextPage()}>Show more</Button> : null}
      {edited ? <UserForm account={edited === "new" ? null : edited} onClose={() => setEdited(null)} onLink={(name, made) => setLink({ name, link: made })} /> : null}
      {asked ? (
        <Confirm title={WORDS[asked.kind].title} verb={WORDS[asked.kind].verb} what={`${asked.account.name} ${WORDS[asked.kind].what}`} onClose={() => setAsked(null)} onYes={() => carryOut(asked)} />
      ) : null}
      {link ? (
        <Once title={`Link for ${link.name}`} secret={link.link} onClose={() => setLink(null)}>
          Give it to {link.name} in person or by a safe way. With it and the name, the password is set on the page for signing in.
          It is not shown again.
        </Once>
      ) : null}
    </div>
  );
}

function StateOf({ account }: { account: Account }) {
  if (account.state !== "active") return <Status tone="plain">Disabled</Status>;
  if (account.locked_until && Date.parse(account.locked_until) > Date.now()) return <Status tone="person">{`Locked until ${moment(account.locked_until)}`}</Status>;
  return <Status tone="done">Active</Status>;
}

function factorOf(account: Account): string {
  const found = [account.has_second_factor ? "authenticator" : "", account.passkeys ? `${count(account.passkeys)} passkeys` : ""].filter(Boolean);
  return found.length ? words(found.join(", ")) : "None";
}
