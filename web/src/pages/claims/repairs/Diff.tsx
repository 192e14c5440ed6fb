/** Changes of a claim as a diff: the old value struck, the new one after it; and what the rules say then. */

import type { Schemas } from "../../../api/client";
import { words } from "../../../ui/format";
import { Status, toneOf } from "../../../ui/Status";
import { Withheld } from "../../../ui/Withheld";
import { changeText, partedChanges } from "./leaving";

type Change = Schemas["Proposals"]["repairs"][number]["changes"][number];
type After = Schemas["ShownTrial"]["after"];

/** @property removed service lines that leave, each told in one row */
type Props = { changes: readonly Change[]; removed?: readonly number[] };

export function Diff({ changes, removed = [] }: Props) {
  const { stays, leaving } = partedChanges(changes, removed);
  if (changes.length === 0) return <p className="dim">Nothing would change.</p>;
  return (
    <table className="plain diff">
      <thead className="unseen">
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Change</th>
        </tr>
      </thead>
      <tbody>
        {stays.map((change, index) => (
          <tr key={`${change.field} ${change.line} ${change.position} ${index}`}>
            <td title={change.meaning}>
              {words(change.field)}
              {change.line === null ? "" : `, line ${change.line}`}
              {change.position === null ? "" : `, no. ${change.position}`}
            </td>
            <td>
              {change.withheld ? (
                <Withheld why={change.withheld} />
              ) : (
                <>
                  {change.old === null ? <span className="dim">nothing</span> : <del>{changeText(change.old)}</del>} <span aria-hidden="true">→</span>{" "}
                  {change.new === null ? <span className="dim">removed</span> : <ins>{changeText(change.new)}</ins>}
                </>
              )}
            </td>
          </tr>
        ))}
        {leaving.map(({ line, texts }) => (
          <tr key={line}>
            <td>Service line {line} leaves</td>
            <td><del>{texts.join(" · ")}</del></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What the rules say of the claim as it would be. */
export function After({ after }: { after: After }) {
  return (
    <div className="after">
      <Group title="Goes away" found={after.gone} tone="done" />
      <Group title="New" found={after.new} />
      <Group title="Stays" found={after.left} />
      <div>
        {after.blocks ? (
          <Status tone="loss">It would add a finding that blocks the claim</Status>
        ) : after.route === "production" ? (
          <Status tone="done">By the rules it could be sent</Status>
        ) : (
          <Status tone="person">It would still wait for a person</Status>
        )}
      </div>
    </div>
  );
}

/** The code alone tells a person little: what it finds stands beside it, and what of the claim it is about. */
function Group({ title, found, tone }: { title: string; found: After["gone"]; tone?: "done" }) {
  if (found.length === 0) return null;
  return (
    <div>
      <span className="dim">{title}:</span>
      <ul className="after-list">
        {found.map((each, index) => (
          <li key={`${each.code} ${each.line} ${index}`}>
            <Status tone={tone ?? toneOf(each.severity)}>{each.line === null ? each.code : `${each.code} line ${each.line}`}</Status> {each.title === each.code ? "" : each.title}
            {each.detail ? <span className="dim"> {each.detail}</span> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}
