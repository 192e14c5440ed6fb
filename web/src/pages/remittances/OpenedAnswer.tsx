/** An answer opened for a reason. What was opened lives in this component only, and is gone with it. */

import { Button } from "@mantine/core";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { Facts } from "../../ui/Facts";
import { cents, day, words } from "../../ui/format";
import { Reason } from "../../ui/Reason";
import { Withheld } from "../../ui/Withheld";

type Shown = Schemas["ShownAnswer"];

export function OpenedAnswer({ answerId }: { answerId: number }) {
  const may = useMay();
  const [isAsking, setAsking] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  if (!may("remittances.read")) return null;
  if (shown) return <Content shown={shown} onClose={() => setShown(null)} />;
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        Open names, numbers and services
      </Button>
      {isAsking ? (
        <Reason
          title="Open what the payer sent" verb="Open" usual={["Matching it to its claim", "Comparing the lines with the claim"]}
          what="Shows the names and numbers that the payer sent, with the lines of service." onClose={() => setAsking(false)}
          onReason={async (reason) =>
            setShown(
              dataOf(
                await api.POST("/api/v1/remittances/answers/{answer_id}/opening", { params: { path: { answer_id: answerId } }, body: { reason } }),
              ),
            )
          }
        />
      ) : null}
    </>
  );
}

function Content({ shown, onClose }: { shown: Shown; onClose: () => void }) {
  const hidden = new Map(shown.withheld.flatMap((kind) => kind.fields.map((field) => [field, kind.reason] as const)));
  const isHidden = (field: string, value: string | null) => {
    const why = hidden.get(field);
    return value === null && why ? <Withheld why={why} /> : (value ?? "");
  };
  const names = [...Object.keys(shown.identity), ...[...hidden.keys()].filter((field) => !(field in shown.identity) && !IN_LINES.has(field))];
  // What the payer adjusted of the claim itself, and whatever names a line that it did not send.
  const positions = new Set(shown.lines.map((line) => line.position));
  const ofClaim = shown.adjustments.filter((each) => each.position === null || !positions.has(each.position));
  return (
    <section className="opened" aria-label="What the payer sent">
      <h3>
        What the payer sent{" "}
        <Button size="compact-xs" variant="subtle" onClick={onClose}>
          Close
        </Button>
      </h3>
      <Facts of={names.map((name) => [words(name), isHidden(name, shown.identity[name] ?? null)] as const)} />
      <table className="plain">
        <thead>
          <tr>
            <th>Line</th>
            <th>Service</th>
            <th className="num">Charge</th>
            <th>Adjustments</th>
            <th className="num">Paid</th>
          </tr>
        </thead>
        <tbody>
          {ofClaim.length > 0 ? (
            <tr>
              <td colSpan={3}>Whole claim</td>
              <td><Adjustments of={ofClaim} /></td>
              <td />
            </tr>
          ) : null}
          {shown.lines.map((line) => (
            <tr key={line.position}>
              <td>{line.line ?? line.position}</td>
              <td>
                {isHidden("procedure", line.procedure)} {line.modifiers ?? ""}
                <div className="dim">{isHidden("service_from_on", line.service_from_on ? day(line.service_from_on) : null)}</div>
              </td>
              <td className="num">{cents(line.charge_cents)}</td>
              <td>
                <Adjustments of={shown.adjustments.filter((each) => each.position === line.position)} />
                {line.remarks ? <div className="code">{line.remarks}</div> : null}
              </td>
              <td className="num">{cents(line.paid_cents)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Adjustments({ of }: { of: Shown["adjustments"] }) {
  return (
    <>
      {of.map((each, index) => (
        <div key={index}>
          <span className="code">
            {each.group_code}-{each.carc}
          </span>{" "}
          {cents(each.amount_cents)}
        </div>
      ))}
    </>
  );
}

const IN_LINES = new Set(["procedure", "modifiers", "original_procedure", "revenue_code", "remarks", "service_from_on"]);
