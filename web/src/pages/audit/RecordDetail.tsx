/** One record in full. */

import { Anchor, Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Facts } from "../../ui/Facts";
import { moment, words } from "../../ui/format";
import { type Row, subjectLink, whoIs } from "./records";

type Props = { row: Row; names: ReadonlyMap<number, string>; onAsk: (change: Record<string, string>) => void };

export function RecordDetail({ row, names, onAsk }: Props) {
  const link = subjectLink(row.subject);
  const detail = Object.entries(row.detail).filter(([name]) => name !== "reason");
  return (
    <>
      <Facts
        of={[
          ["When", `${moment(row.at)} (${row.at})`],
          ["Who", whoIs(row.actor, names)],
          ["Action", <span key="action" className="code">{row.action}</span>],
          ["About", link ? <SubjectLink key="about" to={link.to} id={link.key} label={row.subject} /> : <span key="about" className="code">{row.subject}</span>],
          ["Why", row.reason],
          ["Purpose", words(row.purpose)],
          ["Came by", row.origin === "api" ? "API or web app" : row.origin],
          ["Request", <span key="request" className="code">{row.correlation}</span>],
        ]}
      />
      {detail.length > 0 ? (
        <>
          <h3>Detail</h3>
          <Facts of={detail.map(([name, value]) => [words(name), typeof value === "string" ? value : Array.isArray(value) ? value.join(", ") : JSON.stringify(value)] as const)} />
        </>
      ) : null}
      <div className="acts">
        <Button size="xs" variant="default" onClick={() => onAsk({ actor: row.actor })}>All of this person</Button>
        <Button size="xs" variant="default" onClick={() => onAsk({ subject: row.subject })}>All about this</Button>
      </div>
    </>
  );
}

function SubjectLink({ to, id, label }: { to: NonNullable<ReturnType<typeof subjectLink>>["to"]; id: string; label: string }) {
  return (
    <Anchor
      className="code"
      renderRoot={(given) => {
        if (to === "/claims/$claimKey") return <Link to={to} params={{ claimKey: id }} {...given} />;
        if (to === "/operations/$runId") return <Link to={to} params={{ runId: id }} {...given} />;
        if (to === "/models/$modelId") return <Link to={to} params={{ modelId: id }} {...given} />;
        return <Link to={to} params={{ fileId: id }} {...given} />;
      }}
    >
      {label}
    </Anchor>
  );
}
