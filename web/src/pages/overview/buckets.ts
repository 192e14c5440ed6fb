/** Days of a chart put together to weeks where they would be too many to read. */

import type { Schemas } from "../../api/client";

export type Day = Schemas["DayFigures"];
/** Some days: the first and the last, and their sums. */
export type Bucket = Omit<Day, "day"> & { from: string; to: string };

const MOST_BARS = 45;

/** One bucket a day, or a week of seven days that ends with the last day: the first one may be shorter. */
export function bucketsOf(days: readonly Day[]): { buckets: Bucket[]; isByWeek: boolean } {
  const size = days.length > MOST_BARS ? 7 : 1;
  const buckets: Bucket[] = [];
  for (let end = days.length; end > 0; end -= size) {
    const some = days.slice(Math.max(0, end - size), end);
    const sum = (name: "answers" | "denied" | "charge_cents" | "paid_cents"): number => some.reduce((all, each) => all + each[name], 0);
    buckets.unshift({
      from: some[0]?.day ?? "", to: some.at(-1)?.day ?? "", answers: sum("answers"), denied: sum("denied"), charge_cents: sum("charge_cents"), paid_cents: sum("paid_cents"),
    });
  }
  return { buckets, isByWeek: size > 1 };
}
