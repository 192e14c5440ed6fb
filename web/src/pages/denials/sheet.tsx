/** The parts of a denial's sheet, for the side panel and the page. */

import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, dataOf, type Schemas } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { cents, day, left, words } from "../../ui/format";
import { nameAndId, usePayerNames } from "../../ui/payers";
import { StateOf } from "../../ui/StateOf";
import { Status } from "../../ui/Status";
import { Withheld } from "../../ui/Withheld";
import { ClaimLink, RuleLink } from "../money/links";
import { codesOf } from "./rows";

type Sheet = Schemas["DenialSheet"];
const CHANCE: Record<string, string> = { model: "our model", prior: "a published rate", cause: "the cause" };
const DAY_OF_SERVICE = "It starts with a day of service, a date of the patient that your roles may not see.";

export function useSheet(denialId: number) {
  return useQuery({
    queryKey: ["denial", denialId], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/denials/{denial_id}", { params: { path: { denial_id: denialId } } })),
  });
}

export function stateOf(state: string, full = true): ReactNode {
  return <StateOf of="denial" name={state} tone={state === "open" ? "person" : state === "won" ? "done" : state === "lost" ? "loss" : undefined} full={full} />;
}

export function DenialFacts({ sheet }: { sheet: Sheet }) {
  const { weighed } = sheet;
  const { denial } = weighed;
  const payer = usePayerNames();
  return (
    <Facts
      of={[
        ["State", denial.in_force ? stateOf(denial.state) : <>{stateOf(denial.state)} (no longer in force)</>],
        denial.state_reason ? ["Because", denial.state_reason] : null,
        ["Claim", <ClaimLink key="claim" claimKey={denial.claim_key} label={denial.claim_key === null ? "" : `${denial.claim_key}${denial.line === null ? ", as a whole" : `, line ${denial.line}`}`} />],
        ["Payer", nameAndId(payer, denial.payer_id)],
        ["Facility", denial.facility],
        ["Denied", `${cents(denial.amount_cents)}${denial.denied_on ? ` on ${day(denial.denied_on)}` : ""}`],
        ["Codes", <span key="codes" className="code">{codesOf(denial.group_code, denial.carc, denial.rarcs)}</span>],
        ["Responsible", words(denial.responsible)],
        ["Preventable", denial.preventable === null ? "" : denial.preventable ? "Yes, before submission" : "No"],
      ]}
    />
  );
}

export function Worth({ sheet }: { sheet: Sheet }) {
  const { weighed } = sheet;
  return (
    <Facts
      of={[
        ["Expected recovery", weighed.expected_cents === null ? "The amount is not known" : cents(weighed.expected_cents)],
        ["Odds", `${weighed.chance_percent}%, by ${CHANCE[weighed.chance_from] ?? weighed.chance_from}`],
        ["Source of the odds", weighed.chance_source],
        ["Next step", <strong key="step">{words(weighed.next_step)}</strong>],
        ["Why", weighed.step_reason],
        ["Deadline", weighed.due_on ? `${day(weighed.due_on)} (${left(weighed.days_left)})` : "No clock is known for this step"],
      ]}
    />
  );
}

export function Clocks({ sheet }: { sheet: Sheet }) {
  if (sheet.clocks.length === 0) return <p className="dim">{sheet.no_clock ?? "No clock is known."}</p>;
  return (
    <table className="plain">
      <thead>
        <tr>
          <th>Clock</th>
          <th>Starts with</th>
          <th>Last day</th>
          <th className="num">Left</th>
          <th>Law</th>
        </tr>
      </thead>
      <tbody>
        {sheet.clocks.map((clock) => (
          <tr key={clock.clock}>
            <td>
              {clock.clock === sheet.weighed.clock ? <strong>{clock.name}</strong> : clock.name}
              {clock.needs ? <div className="dim">Needs {clock.needs}</div> : null}
              {clock.is_below_minimum ? <div className="dim">{`Below the least amount of ${clock.minimum_amount ?? ""}`}</div> : null}
              <div className="dim">{clock.filed}</div>
            </td>
            <td>
              {clock.starts_with}
              <div className="dim">{clock.start_on ? day(clock.start_on) : <Withheld why={DAY_OF_SERVICE} />}</div>
            </td>
            <td>{day(clock.due_on)}</td>
            <td className="num">
              <Status tone={clock.is_lapsed ? "loss" : clock.days_left <= 14 ? "person" : "plain"}>{left(clock.days_left)}</Status>
            </td>
            <td>{clock.law}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function CauseWords({ sheet }: { sheet: Sheet }) {
  return (
    <>
      <p>{sheet.what}</p>
      <p>{sheet.why}</p>
      {sheet.authority.length ? (
        <p className="dim">
          {sheet.authority.join("; ")}
        </p>
      ) : null}
      {sheet.rules.length ? (
        <p>
          Our rules that look for it before submission:{" "}
          {sheet.rules.map((code, index) => (
            <span key={code}>
              {index ? ", " : ""}
              <RuleLink code={code} />
            </span>
          ))}
        </p>
      ) : null}
    </>
  );
}
