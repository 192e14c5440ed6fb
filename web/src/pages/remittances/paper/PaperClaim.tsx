/** A claim of a paper: who it is of, its lines, and whether it adds up. */

import { Button, CloseButton, Select, TextInput } from "@mantine/core";
import { Status } from "../../../ui/Status";
import { cents } from "../../../ui/format";
import { type Claim, type Line, linesOf, newLine, sumsOfClaim, sumsOfLine } from "./paper";

const STATUSES = [
  { value: "1", label: "Processed as primary" }, { value: "2", label: "Processed as secondary" }, { value: "3", label: "Processed as tertiary" },
  { value: "4", label: "Denied" }, { value: "22", label: "Reversal" },
];
const LINE_FIELDS: readonly { name: Exclude<keyof Line, "id">; label: string; width: number; hint?: string; numeric?: boolean }[] = [
  { name: "procedure", label: "Procedure", width: 90 },
  { name: "modifiers", label: "Modifiers", width: 90 },
  { name: "serviceOn", label: "Service", width: 105, hint: "MM/DD/YYYY" },
  { name: "charge", label: "Charge", width: 95, hint: "0.00", numeric: true },
  { name: "adjustments", label: "Adjustments", width: 220, hint: "CO-45 20.00, PR-2 16.00" },
  { name: "paid", label: "Paid", width: 95, hint: "0.00", numeric: true },
  { name: "remarks", label: "Remarks", width: 90 },
];

type Props = { claim: Claim; number: number; onChange: (claim: Claim) => void; onRemove?: (() => void) | undefined };

export function PaperClaim({ claim, number, onChange, onRemove }: Props) {
  const sums = sumsOfClaim(claim);
  const hasLines = linesOf(claim).length > 0;
  const set = (part: Partial<Claim>): void => onChange({ ...claim, ...part });
  const setLine = (line: Line): void => set({ lines: claim.lines.map((each) => (each.id === line.id ? line : each)) });
  const text = (name: "number" | "payerNumber" | "lastName" | "firstName" | "memberId" | "charge" | "paid" | "adjustments", label: string, width: number, more: object = {}) => (
    <TextInput label={label} size="xs" w={width} value={claim[name]} onChange={(event) => set({ [name]: event.currentTarget.value })} {...more} />
  );
  return (
    <fieldset className={sums.off || sums.offLines ? "paper-claim is-off" : "paper-claim"}>
      <legend>
        Claim {number}
        {onRemove ? <CloseButton size="sm" aria-label={`Remove claim ${number}`} onClick={onRemove} /> : null}
      </legend>
      <div className="paper-row">
        {text("number", "Our claim number", 150, { required: true, maxLength: 38 })}
        {text("payerNumber", "Payer's claim number", 160, { maxLength: 50 })}
        {text("lastName", "Patient: last name", 130)}
        {text("firstName", "First name", 110)}
        {text("memberId", "Member ID", 120)}
        <Select label="Status" size="xs" allowDeselect={false} w={170} data={STATUSES} value={claim.status} onChange={(value) => set({ status: value ?? "1" })} />
      </div>
      <div className="scrolls">
        <table className="plain paper-lines" aria-label={`Lines of claim ${number}`}>
          <thead>
            <tr>
              {LINE_FIELDS.map((field) => <th key={field.name} scope="col" className={field.numeric ? "num" : undefined}>{field.label}</th>)}
              <th scope="col"><span className="unseen">Adds up</span></th>
            </tr>
          </thead>
          <tbody>
            {claim.lines.map((line, index) => {
              const { off } = sumsOfLine(line);
              return (
                <tr key={line.id}>
                  {LINE_FIELDS.map((field) => (
                    <td key={field.name}>
                      <TextInput
                        size="xs" w={field.width} aria-label={`${field.label}, line ${index + 1} of claim ${number}`} placeholder={field.hint} classNames={field.numeric ? { input: "num" } : {}}
                        value={line[field.name]} onChange={(event) => setLine({ ...line, [field.name]: event.currentTarget.value })}
                      />
                    </td>
                  ))}
                  <td className="paper-off">{off ? <Status tone="loss">{`off by ${cents(Math.abs(off))}`}</Status> : null}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <div className="paper-row">
        <Button size="xs" variant="default" onClick={() => set({ lines: [...claim.lines, newLine()] })}>Add a line</Button>
        {text("charge", "Claim: charge", 110, { placeholder: hasLines && sums.charge !== null ? cents(sums.charge) : "0.00", classNames: { input: "num" } })}
        {text("adjustments", "Adjustments of the whole claim", 250, { placeholder: "CO-45 20.00" })}
        {text("paid", "Paid", 110, { placeholder: hasLines && sums.paid !== null ? cents(sums.paid) : "0.00", classNames: { input: "num" } })}
        <span className="paper-sum" role="status">
          {sums.charge === null || sums.paid === null ? "" : `${cents(sums.charge)} charged less ${cents(sums.adjusted)} adjusted, ${cents(sums.paid)} paid. `}
          {sums.off ? <Status tone="loss">{`Off by ${cents(Math.abs(sums.off))}`}</Status> : null}
          {sums.offLines ? <Status tone="loss">{`Its lines charge ${cents(Math.abs(sums.offLines))} ${sums.offLines > 0 ? "less" : "more"}`}</Status> : null}
        </span>
      </div>
    </fieldset>
  );
}
