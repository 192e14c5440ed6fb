/** A plain table that scrolls within itself on a narrow screen, by keyboard as well. */

import type { ReactNode } from "react";
import { Scrolls } from "./Scrolls";

type Heading = string | { label: string; numeric?: boolean; hidden?: boolean; meaning?: string };
export type TableRow = { key: string | number; cells: readonly ReactNode[] };

export function Table({ label, headings, rows }: { label: string; headings: readonly Heading[]; rows: readonly TableRow[] }) {
  const columns = headings.map((each) => (typeof each === "string" ? { label: each } : each));
  const side = (index: number): string | undefined => (columns[index]?.numeric ? "num" : undefined);
  return (
    <Scrolls label={label}>
      <table className="plain">
        <thead>
          <tr>
            {columns.map((each, index) => (
              <th key={each.label} className={side(index)} title={each.meaning}>
                {each.hidden ? <span className="unseen">{each.label}</span> : each.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              {row.cells.map((cell, index) => (
                <td key={columns[index]?.label ?? index} className={side(index)}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}
