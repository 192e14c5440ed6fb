/** Money, days and counts as people in the field write them. */

const COUNT = new Intl.NumberFormat("en-US");
const DAY_MS = 86_400_000;

/** Text in dollars and cents ("1204.5") as "$1,204.50": exact, through a float only where it has more digits than cents. */
export function dollars(value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === "") return "";
  const text = typeof value === "number" ? value.toFixed(2) : value;
  const match = /^(-?)(\d+)(?:\.(\d{0,2}))?$/.exec(text);
  if (!match) return Math.abs(Number(text)) < 1e15 ? dollars(Number(text)) : text;
  return money(match[1] ?? "", (match[2] ?? "0").replace(/\B(?=(\d{3})+$)/g, ","), (match[3] ?? "").padEnd(2, "0"));
}

/** Whole cents as "$1,204.50". */
export function cents(value: number | null | undefined): string {
  if (value === null || value === undefined) return "";
  const whole = Math.abs(value);
  return money(value < 0 ? "-" : "", COUNT.format(Math.trunc(whole / 100)), String(whole % 100).padStart(2, "0"));
}

function money(sign: string, whole: string, part: string): string {
  return `${sign}$${whole}.${part}`;
}

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : COUNT.format(value);
}

/** "1 claim", "1,204 claims". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${COUNT.format(value)} ${value === 1 ? one : many}`;
}

/** "2026-11-03" as "11/03/2026". */
export function day(value: string | null | undefined): string {
  const match = value ? /^(\d{4})-(\d{2})-(\d{2})/.exec(value) : null;
  return match ? `${match[2]}/${match[3]}/${match[1]}` : "";
}

/** A day that a person typed, "11/3/2026" or "2026-11-03", as "2026-11-03"; null where it is none. */
export function isoOf(value: string): string | null {
  const typed = value.trim();
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(typed);
  const iso = match ? `${match[3]}-${pad(Number(match[1]))}-${pad(Number(match[2]))}` : typed;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(iso)) return null;
  const then = new Date(`${iso}T00:00:00Z`);
  // 02/30 is read as a day of March by some.
  return Number.isNaN(then.getTime()) || then.toISOString().slice(0, 10) !== iso ? null : iso;
}

/** An instant in the person's own time zone. */
export function moment(value: string | null | undefined): string {
  if (!value) return "";
  const when = new Date(value);
  const date = `${pad(when.getMonth() + 1)}/${pad(when.getDate())}/${when.getFullYear()}`;
  return `${date} ${pad(when.getHours())}:${pad(when.getMinutes())}`;
}

/** Days from a day until today: "41 d". */
export function age(value: string | null | undefined, now: Date = new Date()): string {
  const days = daysSince(value, now);
  return days === null ? "" : `${COUNT.format(days)} d`;
}

/** Days left until a day: "2 d", "today", "3 d late". */
export function daysLeft(value: string | null | undefined, now: Date = new Date()): string {
  const since = daysSince(value, now);
  return left(since === null ? null : -since);
}

/** A number of days that are left: "2 d", "today", "3 d late". */
export function left(days: number | null): string {
  if (days === null) return "";
  if (days === 0) return "today";
  return days > 0 ? `${COUNT.format(days)} d` : `${COUNT.format(-days)} d late`;
}

/** A day of the person's own time zone as "2026-11-03": today, or some days after it. */
export function isoDay(after = 0, now: Date = new Date()): string {
  const when = new Date(now.getFullYear(), now.getMonth(), now.getDate() + after);
  return `${when.getFullYear()}-${pad(when.getMonth() + 1)}-${pad(when.getDate())}`;
}

function daysSince(value: string | null | undefined, now: Date): number | null {
  const match = value ? /^(\d{4})-(\d{2})-(\d{2})/.exec(value) : null;
  if (!match) return null;
  const then = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  return Math.round((today - then) / DAY_MS);
}

/** 0.714 as "71%"; what is not known is nothing. */
export function percent(value: number | null | undefined, digits = 0): string {
  return value === null || value === undefined || Number.isNaN(value) ? "" : `${(value * 100).toFixed(digits)}%`;
}

/** "awaiting_approval" as "Awaiting approval". */
export function words(name: string | null | undefined): string {
  if (!name) return "";
  const text = name.replace(/[_.]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A text that goes on after a colon, as a sentence begins: "its payment is held" as "Its payment is held". */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Bytes as "1.2 MB". */
export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`;
  return value < 1_000_000 ? `${(value / 1_000).toFixed(1)} kB` : `${(value / 1_000_000).toFixed(1)} MB`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** Text in dollars ("1,204.5", "-0.05") as whole cents, exact; null where it is no amount, or has a third digit. */
export function toCents(value: string | null | undefined): number | null {
  const match = value ? /^(-?)\$?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?$/.exec(value.trim()) : null;
  if (!match) return null;
  const whole = Number((match[2] ?? "").replace(/,/g, ""));
  const sum = whole * 100 + Number((match[3] ?? "").padEnd(2, "0"));
  if (!Number.isSafeInteger(sum)) return null;
  return match[1] && sum > 0 ? -sum : sum;
}

/** The sum of amounts in whole cents; those that are not known count nothing. */
export function sumCents(values: Iterable<number | null | undefined>): number {
  let sum = 0;
  for (const value of values) sum += value ?? 0;
  return sum;
}
