/** A rule in words, and in numbers. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { count, dollars, percent, words } from "../../ui/format";
import { Linked } from "../../ui/Linked";
import { Status, toneOf } from "../../ui/Status";
import { SHORT_FORMS } from "../claims/forms/names";
import type { Entry } from "./catalogue";

type Rule = Schemas["RuleInFull"];

export function RuleWords({ rule }: { rule: Rule }) {
  return <Facts of={[["What", rule.what], ["Why", rule.why], ["Fix", rule.fix]]} />;
}

export function RuleFacts({ rule }: { rule: Rule }) {
  return (
    <Facts
      of={[
        ["What", rule.what],
        ["Why", rule.why],
        ["Fix", rule.fix],
        ["Severity", <Status key="severity" tone={toneOf(rule.severity)}>{words(rule.severity)}</Status>],
        ["Name", <span key="name" className="code">{rule.name}</span>],
        ["Level", words(rule.level)],
        ["SNIP type", rule.snip],
        ["Forms", rule.forms.length ? rule.forms.map((each) => SHORT_FORMS[each] ?? each).join(", ") : "All"],
        ["Denied with (CARC)", rule.carc.join(", ")],
        ["Remarks (RARC)", rule.rarc.join(", ")],
        ["Fields", <span key="fields" className="code">{rule.fields.join(", ")}</span>],
      ]}
    />
  );
}

export function Authority({ of }: { of: readonly string[] }) {
  return (
    <ul className="plain-list">
      {of.map((each) => (
        <li key={each}>
          <Linked>{each}</Linked>
        </li>
      ))}
    </ul>
  );
}

/** Every number leads to the claims behind it, where there is a list of them. */
export function RuleNumbers({ entry }: { entry: Entry }) {
  const { fired, value } = entry;
  if (!fired && !value) return <p className="dim">It found nothing yet.</p>;
  const claims = fired ? `${count(fired.claims)} ${fired.claims === 1 ? "claim" : "claims"}` : "";
  return (
    <Facts
      of={[
        ["Found on", fired ? (
          <Anchor key="claims" inherit renderRoot={(given) => <Link to="/rules/$code" params={{ code: entry.code }} hash="fired" {...given} />}>
            {claims}
          </Anchor>
        ) : "no claim"],
        fired ? ["Findings", `${count(fired.findings)}${fired.waived ? `, ${count(fired.waived)} of them waived` : ""}`] : null,
        fired && Number(fired.amount) ? ["Dollars in the findings", dollars(fired.amount)] : null,
        value ? ["Answered by payers", count(value.answered)] : null,
        value?.answered ? ["Denied of these", `${count(value.denied)} (${percent(value.precision)}), ${dollars(value.dollars_denied)}`] : null,
        value ? ["Denied for what it warns of", `${count(value.named)}, ${dollars(value.dollars_named)}`] : null,
        value?.missed ? ["Denied so without a finding", `${count(value.missed)}, ${dollars(value.dollars_missed)}`] : null,
        value?.corrected ? ["Corrected before they left", `${count(value.corrected)}, ${dollars(value.dollars_corrected)}`] : null,
        value?.dollars_prevented ? ["Denials prevented, estimated", dollars(value.dollars_prevented)] : null,
      ]}
    />
  );
}
