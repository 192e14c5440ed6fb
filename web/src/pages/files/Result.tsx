/** What became of a file that was sent: its claims as stored, or what a check without storing found. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { count, counted, dollars, words } from "../../ui/format";
import { Scrolls } from "../../ui/Scrolls";
import { Status, toneOf } from "../../ui/Status";
import { useRule } from "../claims/FindingList";
import type { Outcome } from "./transfer";

export function Result({ outcome }: { outcome: Outcome }) {
  return "taken" in outcome ? <Taken taken={outcome.taken} /> : <Checked check={outcome.check} />;
}

function FileLink({ id, children }: { id: number; children: string }) {
  return <Anchor underline="always" renderRoot={(given) => <Link to="/files/$fileId" params={{ fileId: String(id) }} {...given} />}>{children}</Anchor>;
}

function Taken({ taken }: { taken: Schemas["FileTaken"] }) {
  if (taken.earlier !== null)
    return (
      <p>
        <Status tone="person">Nothing new</Status> The same content came before as{" "}
        <FileLink id={taken.earlier}>{`file ${taken.earlier}`}</FileLink>.
      </p>
    );
  if (taken.file_id === null) return null;
  if (taken.claims === 0)
    return (
      <p>
        <Status tone="loss">No claim in it</Status> The file is kept with its errors:{" "}
        <FileLink id={taken.file_id}>{`file ${taken.file_id}`}</FileLink>.
      </p>
    );
  return (
    <p>
      <Status tone="done">Taken in</Status> as <FileLink id={taken.file_id}>{`file ${taken.file_id}`}</FileLink>:{" "}
      {counted(taken.claims, "claim")} read, {count(taken.staged)} stored
      {taken.refused ? `, ${count(taken.refused)} refused since they repeat earlier ones` : ""}
      {taken.faults ? `, ${counted(taken.faults, "structural fault")}` : ""}. The next run checks them.
    </p>
  );
}

function Checked({ check }: { check: Schemas["CheckAnswer"] }) {
  const [showsAll, setShowsAll] = useState(false);
  if (check.claims === 0)
    return (
      <p>
        <Status tone="loss">No claim in it</Status> Nothing of the file could be read as a claim. Nothing was stored.
      </p>
    );
  const wrong = check.checked.filter((each) => each.findings.length > 0);
  const shown = showsAll ? wrong : wrong.slice(0, 20);
  return (
    <>
      <p>
        Checked, nothing stored: {counted(check.claims, "claim")}, {count(check.clean)} clean
        {check.by_status["block"] ? `, ${count(check.by_status["block"])} blocked` : ""}
        {check.by_status["warn"] ? `, ${count(check.by_status["warn"])} warned` : ""}; charged {dollars(check.charged)}, expected{" "}
        {dollars(check.expected)}.
      </p>
      {shown.length > 0 ? (
        <>
          <Scrolls label="What is wrong">
            <table className="plain">
              <thead>
                <tr>
                  <th scope="col">Claim</th>
                  <th scope="col" className="num">Charge</th>
                  <th scope="col">What is wrong</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((claim) => (
                  <tr key={claim.claim}>
                    <td>{claim.claim}</td>
                    <td className="num">{dollars(claim.total_charge)}</td>
                    <td>
                      {claim.findings.map((finding, index) => (
                        <CheckedFinding key={index} finding={finding} />
                      ))}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scrolls>
          {wrong.length > shown.length ? (
            <Anchor component="button" type="button" onClick={() => setShowsAll(true)}>
              Show all {count(wrong.length)}
            </Anchor>
          ) : null}
          {check.is_cut ? <p className="dim">Only the worst claims are listed; the sums are of all.</p> : null}
        </>
      ) : null}
    </>
  );
}

function CheckedFinding({ finding }: { finding: { [name: string]: unknown } }) {
  const text = (name: string): string => (finding[name] === undefined ? "" : String(finding[name]));
  const rule = useRule(text("code"));
  const place = [
    text("line") ? `line ${text("line")}` : "", text("element") || text("segment_id"), text("segment") ? `segment ${text("segment")}` : "",
    words(text("field")).toLowerCase(), text("detail"),
  ];
  return (
    <div>
      <Status tone={toneOf(text("severity"))}>{text("code")}</Status> {rule?.title ?? ""}{" "}
      <span className="dim">{place.filter(Boolean).join(", ")}</span>
    </div>
  );
}
