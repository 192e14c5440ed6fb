/** Everything that an opened claim says, by the dictionary's meaning; what is withheld stands in its place. */

import type { Schemas } from "../../api/client";
import { words } from "../../ui/format";
import { Scrolls } from "../../ui/Scrolls";
import { Withheld } from "../../ui/Withheld";
import { groupsOf, LEVELS, type Told, withheldAt } from "./content";
import { type Dictionary, labelOf, type Row, useDictionary, valueText } from "./dictionary";

type Shown = Schemas["ShownClaim"];

export function ClaimContent({ shown }: { shown: Shown }) {
  const dictionary = useDictionary();
  if (!dictionary) return null;
  return (
    <>
      <WithheldNote withheld={shown.withheld} />
      <Lines rows={shown.content["lines"] ?? []} dictionary={dictionary} withheld={withheldAt(shown, dictionary, "lines")} />
      {LEVELS.map(([level, title]) => (
        <Level
          key={level} level={level} title={title} rows={shown.content[level] ?? []} dictionary={dictionary}
          withheld={withheldAt(shown, dictionary, level)}
        />
      ))}
      <div className="groups">
        {groupsOf(shown, dictionary).map((group) => (
          <section key={group.title}>
            <h2>{group.title}</h2>
            <dl className="facts">
              {group.told.map((each) => (
                <Pair key={each.name} told={each} />
              ))}
            </dl>
          </section>
        ))}
      </div>
    </>
  );
}

function Pair({ told }: { told: Told }) {
  return (
    <>
      <dt title={told.name}>{told.label}</dt>
      <dd>
        {told.why === null ? told.text : <Withheld why={told.why} />}
        {told.more ? <div className="dim small">{told.more}</div> : null}
      </dd>
    </>
  );
}

/** What is withheld, once above all: its kind, its reason, how many fields. */
function WithheldNote({ withheld }: { withheld: Shown["withheld"] }) {
  if (withheld.length === 0) return null;
  return (
    <section className="note">
      <h2>Withheld from you</h2>
      <ul className="plain-list">
        {withheld.map((each) => (
          <li key={each.kind}>
            <strong>{words(each.kind)}</strong>: {each.fields.length === 1 ? "1 field" : `${each.fields.length} fields`}. {words(each.reason)}.
          </li>
        ))}
      </ul>
    </section>
  );
}

// Columns of the table of lines; what else a line says stands below it.
const OF_A_LINE = [
  "procedure", "modifier_1", "modifier_2", "modifier_3", "modifier_4", "revenue_code", "service_from_on", "service_to_on",
  "line_place_of_service", "diagnosis_pointer_1", "diagnosis_pointer_2", "diagnosis_pointer_3", "diagnosis_pointer_4",
  "units", "unit_basis", "line_charge", "line", "assigned_number", "procedure_qualifier",
];

function Lines({ rows, dictionary, withheld }: { rows: readonly Row[]; dictionary: Dictionary; withheld: readonly Told[] }) {
  if (rows.length === 0) return null;
  const text = (row: Row, ...names: string[]): string =>
    names.map((name) => valueText(row[name], dictionary.get(name)?.kind)).filter(Boolean).join(" ");
  const hasRevenue = rows.some((row) => row["revenue_code"]);
  return (
    <section>
      <h2>Lines</h2>
      <Scrolls label="Lines">
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Line</th>
              {hasRevenue ? <th scope="col">Revenue</th> : null}
              <th scope="col">Procedure</th>
              <th scope="col">Modifiers</th>
              <th scope="col">Service</th>
              <th scope="col">Place</th>
              <th scope="col">Diagnoses</th>
              <th scope="col" className="num">Units</th>
              <th scope="col" className="num">Charge</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <LineRow key={String(row["line"])} row={row} text={text} hasRevenue={hasRevenue} dictionary={dictionary} />
            ))}
          </tbody>
        </table>
      </Scrolls>
      <WithheldHere withheld={withheld} />
    </section>
  );
}

type LineProps = { row: Row; text: (row: Row, ...names: string[]) => string; hasRevenue: boolean; dictionary: Dictionary };

function LineRow({ row, text, hasRevenue, dictionary }: LineProps) {
  const rest = Object.keys(row).filter((name) => !OF_A_LINE.includes(name));
  const until = row["service_to_on"] && row["service_to_on"] !== row["service_from_on"] ? ` to ${text(row, "service_to_on")}` : "";
  return (
    <tr>
      <td>{text(row, "line")}</td>
      {hasRevenue ? <td className="code">{text(row, "revenue_code")}</td> : null}
      <td>
        <span className="code">{text(row, "procedure")}</span>
        {rest.length > 0 ? (
          <div className="dim">{rest.map((name) => `${labelOf(dictionary.get(name), name).label}: ${text(row, name)}`).join(" · ")}</div>
        ) : null}
      </td>
      <td className="code">{text(row, "modifier_1", "modifier_2", "modifier_3", "modifier_4")}</td>
      <td>
        {text(row, "service_from_on")}
        {until}
      </td>
      <td>{text(row, "line_place_of_service")}</td>
      <td>{text(row, "diagnosis_pointer_1", "diagnosis_pointer_2", "diagnosis_pointer_3", "diagnosis_pointer_4")}</td>
      <td className="num">{text(row, "units")} <span className="dim">{text(row, "unit_basis")}</span></td>
      <td className="num">{text(row, "line_charge")}</td>
    </tr>
  );
}

type LevelProps = { level: string; title: string; rows: readonly Row[]; dictionary: Dictionary; withheld: readonly Told[] };

/** Any other level: a row each, a column for every field that one of them has. */
function Level({ level, title, rows, dictionary, withheld }: LevelProps) {
  if (rows.length === 0 && withheld.length === 0) return null;
  const number = level === "other_payers" ? "other_payer" : level === "line_adjudications" ? "adjudication" : "position";
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== "position" && name !== number);
  return (
    <section>
      <h2>{title}</h2>
      {rows.length > 0 ? (
        <Scrolls label={title}>
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">No.</th>
                {names.map((name) => (
                  <th key={name} scope="col" title={dictionary.get(name)?.meaning}>{name === "line" ? "Line" : labelOf(dictionary.get(name), name).label}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={index}>
                  <td>{String(row[number] ?? index + 1)}</td>
                  {names.map((name) => (
                    <td key={name}>{valueText(row[name], dictionary.get(name)?.kind)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      ) : null}
      <WithheldHere withheld={withheld} />
    </section>
  );
}

function WithheldHere({ withheld }: { withheld: readonly Told[] }) {
  if (withheld.length === 0) return null;
  return (
    <p className="dim">
      {withheld.map((each) => (
        <span key={each.name}>
          {each.label}: <Withheld why={each.why ?? ""} />.{" "}
        </span>
      ))}
    </p>
  );
}
