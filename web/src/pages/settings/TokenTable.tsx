/** Tokens without their secrets, one's own or everybody's. */

import { Button } from "@mantine/core";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { Confirm } from "../../ui/Confirm";
import { day, daysLeft, moment } from "../../ui/format";
import { Status } from "../../ui/Status";
import { Table } from "../../ui/Table";

type Token = Schemas["Token"];
type Props = { tokens: readonly Token[]; owner?: (token: Token) => string; onRevoke?: ((token: Token) => Promise<unknown>) | undefined };

export function TokenTable({ tokens, owner, onRevoke }: Props) {
  const [asked, setAsked] = useState<Token | null>(null);
  return (
    <>
      <Table
        label="Tokens" headings={["Label", ...(owner ? ["Whose"] : []), "State", "May", "Facilities", "Issued", "Used", { label: "Acts", hidden: true }]}
        rows={tokens.map((each) => ({
          key: each.token_id,
          cells: [
            each.label, ...(owner ? [owner(each)] : []), <StateOf key="state" token={each} />, each.scopes.join(", "),
            each.facilities?.join(", ") ?? "All", day(each.created_at), each.used_at ? moment(each.used_at) : "Never",
            onRevoke && isAlive(each) ? <Button key="revoke" size="compact-xs" variant="default" onClick={() => setAsked(each)}>Revoke</Button> : null,
          ],
        }))}
      />
      {asked && onRevoke ? (
        <Confirm title={`Revoke ${asked.label}`} verb="Revoke" what="Whatever uses it is refused from now on. It can't be brought back." onClose={() => setAsked(null)} onYes={() => onRevoke(asked)} />
      ) : null}
    </>
  );
}

function isAlive(token: Token): boolean {
  return token.revoked_at === null && Date.parse(token.expires_at) > Date.now();
}

function StateOf({ token }: { token: Token }) {
  if (token.revoked_at) return <Status tone="plain">{`Revoked ${day(token.revoked_at)}`}</Status>;
  return isAlive(token) ? <Status tone="done">{`Valid, ${daysLeft(token.expires_at)}`}</Status> : <Status tone="plain">Expired</Status>;
}
