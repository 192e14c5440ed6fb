/** A paper explanation of benefits as it is typed: what it adds up to, what is wrong with it, and how it is sent. */

import type { Schemas } from "../../../api/client";
import { isoOf, sumCents, toCents } from "../../../ui/format";

export type Line = { id: number; procedure: string; modifiers: string; serviceOn: string; charge: string; adjustments: string; paid: string; remarks: string };
export type Claim = {
  id: number; number: string; payerNumber: string; status: string; lastName: string; firstName: string; memberId: string;
  charge: string; paid: string; adjustments: string; lines: readonly Line[];
};
export type Payment = {
  payer: string; payerId: string; trace: string; method: string; paidOn: string; amount: string; provider: string; claims: readonly Claim[];
};

let last = 0;
export const newLine = (): Line => ({ id: (last += 1), procedure: "", modifiers: "", serviceOn: "", charge: "", adjustments: "", paid: "", remarks: "" });
export const newClaim = (): Claim => ({
  id: (last += 1), number: "", payerNumber: "", status: "1", lastName: "", firstName: "", memberId: "", charge: "", paid: "", adjustments: "", lines: [newLine()],
});
export const newPayment = (): Payment => ({ payer: "", payerId: "", trace: "", method: "CHK", paidOn: "", amount: "", provider: "", claims: [newClaim()] });

export const isEmptyLine = (line: Line): boolean => Object.entries(line).every(([name, value]) => name === "id" || value === "");
/** Lines that say something: one that was added and left empty is none. */
export const linesOf = (claim: Claim): Line[] => claim.lines.filter((line) => !isEmptyLine(line));

/** Whether anything was typed that leaving would lose. */
export function isTouched(payment: Payment): boolean {
  const { claims, method: _, ...head } = payment;
  return Object.values(head).some(Boolean) || claims.length > 1 || claims.some((claim) => linesOf(claim).length > 0 || [claim.number, claim.charge, claim.paid, claim.lastName].some(Boolean));
}

type Adjustment = { said: string; cents: number };
const OF_CLAIM = /^((?:CO|PR|OA|PI|CR)-[A-Z0-9]{1,5})\s+(\S+)$/;
const OF_PROVIDER = /^([A-Z0-9]{2})\s+(\S+)$/;

/** "CO-45 20, PR-2 16.00" as adjustments; null where one of them is none. */
export function adjustmentsOf(text: string, kind: "claim" | "provider" = "claim"): Adjustment[] | null {
  const found: Adjustment[] = [];
  for (const part of text.split(/[,;\n]/).map((each) => each.trim().toUpperCase()).filter(Boolean)) {
    const [, code, amount] = (kind === "claim" ? OF_CLAIM : OF_PROVIDER).exec(part) ?? [];
    const cents = toCents(amount);
    if (code === undefined || cents === null) return null;
    found.push({ said: `${code} ${plain(cents)}`, cents });
  }
  return found;
}

/** Whole cents as the API takes dollars: "-16.00". */
function plain(cents: number): string {
  const whole = Math.abs(cents);
  return `${cents < 0 ? "-" : ""}${Math.trunc(whole / 100)}.${String(whole % 100).padStart(2, "0")}`;
}

const adjusted = (text: string): number => sumCents((adjustmentsOf(text) ?? []).map((each) => each.cents));

export type LineSums = { charge: number | null; paid: number | null; adjusted: number; off: number };
/** A line's sums; `off` is by how much charge less adjustments is not what was paid. */
export function sumsOfLine(line: Line): LineSums {
  const [charge, paid] = [toCents(line.charge), toCents(line.paid)];
  const taken = adjusted(line.adjustments);
  return { charge, paid, adjusted: taken, off: charge === null || paid === null ? 0 : charge - taken - paid };
}

export type ClaimSums = { charge: number | null; paid: number | null; adjusted: number; off: number; offLines: number };
/** A claim's sums: what is left empty is what its lines add up to. `offLines`: its charge less those of its lines. */
export function sumsOfClaim(claim: Claim): ClaimSums {
  const lines = linesOf(claim).map(sumsOfLine);
  const sum = (name: "charge" | "paid"): number | null => (lines.length ? sumCents(lines.map((line) => line[name])) : null);
  const charge = claim.charge ? toCents(claim.charge) : sum("charge");
  const paid = claim.paid ? toCents(claim.paid) : sum("paid");
  const taken = adjusted(claim.adjustments) + sumCents(lines.map((line) => line.adjusted));
  return {
    charge, paid, adjusted: taken, off: charge === null || paid === null ? 0 : charge - taken - paid,
    offLines: lines.length && charge !== null ? charge - (sum("charge") ?? 0) : 0,
  };
}

/** The payment's sums: what claims pay, what the payer keeps back, and by how much the check is not the rest. */
export function sumsOf(payment: Payment): { claims: number; kept: number; amount: number | null; off: number } {
  const claims = sumCents(payment.claims.map((claim) => sumsOfClaim(claim).paid));
  const kept = sumCents((adjustmentsOf(payment.provider, "provider") ?? []).map((each) => each.cents));
  const amount = toCents(payment.amount);
  return { claims, kept, amount, off: amount === null ? 0 : claims - kept - amount };
}

/** What is wrong, in the order of the page; nothing of it names a patient. */
export function problemsOf(payment: Payment): string[] {
  const found: string[] = [];
  const need = (is: boolean, said: string): void => void (is || found.push(said));
  need(payment.payer.trim() !== "", "Payer is missing.");
  need(payment.trace.trim() !== "", "Check or EFT number is missing.");
  need(isoOf(payment.paidOn) !== null, "Day paid: write it as MM/DD/YYYY.");
  need(toCents(payment.amount) !== null, "Amount of the check: write it as 125.00.");
  need(adjustmentsOf(payment.provider, "provider") !== null, "Provider adjustments: write them as WO 5.00.");
  payment.claims.forEach((claim, index) => {
    const at = `Claim ${index + 1}`;
    const sums = sumsOfClaim(claim);
    need(claim.number.trim() !== "", `${at}: its number is missing.`);
    need(sums.charge !== null, `${at}: charge: write it as 125.00.`);
    need(sums.paid !== null, `${at}: paid: write it as 125.00.`);
    need(adjustmentsOf(claim.adjustments) !== null, `${at}: adjustments: write them as CO-45 20.00.`);
    linesOf(claim).forEach((line, place) => {
      const where = `${at}, line ${place + 1}`;
      const ofLine = sumsOfLine(line);
      need(ofLine.charge !== null && ofLine.paid !== null, `${where}: charge and paid: write them as 125.00.`);
      need(line.serviceOn === "" || isoOf(line.serviceOn) !== null, `${where}: day of service: write it as MM/DD/YYYY.`);
      need(adjustmentsOf(line.adjustments) !== null, `${where}: adjustments: write them as CO-45 20.00.`);
      need(ofLine.off === 0, `${where}: charge less adjustments is not what was paid.`);
    });
    need(sums.offLines === 0, `${at}: its lines do not add up to its charge.`);
    need(sums.off === 0, `${at}: charge less adjustments is not what was paid.`);
  });
  need(sumsOf(payment).off === 0, "Claims less provider adjustments are not the amount of the check.");
  return found;
}

const split = (text: string): string[] => text.toUpperCase().split(/[\s,]+/).filter(Boolean);
const said = (text: string, kind: "claim" | "provider" = "claim"): string[] => (adjustmentsOf(text, kind) ?? []).map((each) => each.said);
const known = (text: string): string | null => text.trim() || null;

/** The payment as the API takes it; only where `problemsOf` has found nothing. */
export function bodyOf(payment: Payment): Schemas["PaperPayment"] {
  return {
    payer: payment.payer.trim(), payer_id: known(payment.payerId), trace_number: payment.trace.trim(), method: payment.method,
    paid_on: isoOf(payment.paidOn) ?? "", amount: plain(toCents(payment.amount) ?? 0), provider_adjustments: said(payment.provider, "provider"),
    claims: payment.claims.map((claim) => {
      const sums = sumsOfClaim(claim);
      const days = linesOf(claim).map((line) => isoOf(line.serviceOn)).filter((each) => each !== null).sort();
      return {
        claim_id: claim.number.trim(), payer_claim_number: known(claim.payerNumber), status: claim.status, charge: plain(sums.charge ?? 0), paid: plain(sums.paid ?? 0),
        patient_last_name: known(claim.lastName), patient_first_name: known(claim.firstName), patient_id: known(claim.memberId),
        service_from_on: days[0] ?? null, service_to_on: days.at(-1) ?? null, adjustments: said(claim.adjustments),
        lines: linesOf(claim).map((line) => ({
          procedure: known(line.procedure.toUpperCase()), modifiers: split(line.modifiers), service_on: line.serviceOn ? isoOf(line.serviceOn) : null,
          charge: plain(toCents(line.charge) ?? 0), paid: plain(toCents(line.paid) ?? 0), adjustments: said(line.adjustments), remarks: split(line.remarks),
        })),
      };
    }),
  };
}
