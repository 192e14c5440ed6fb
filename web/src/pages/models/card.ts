/** A model's card, read with care: its content is free, so what has not the expected form is left out. */

type Json = Record<string, unknown>;

export type Measures = { name: string; prAuc: number; recall90: number; recall95: number; brier: number; slope: number; gap: number };
export type Period = { name: string; from: string; to: string; claims: number; denied: number };
export type Payer = { payer: string; claims: number; predicted: number; observed: number; gap: number; enough: boolean };
export type Bin = { predicted: number; observed: number; claims: number };
export type Operating = { payer: string; claims: number; threshold: number; reviewed: number; caught: number; worthCents: number };

const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const record = (value: unknown): Json => (isRecord(value) ? value : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const number = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);
const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

export const cardText = (card: Json, name: string): string => text(card[name]);
export const cardNumber = (card: Json, name: string): number => number(card[name]);

/** Whether it learned from claims that were made up, as its source says. */
export function isSynthetic(card: Json): boolean {
  return /synthetic|made up|denial world/i.test(text(card["source"]));
}

export function measuresOf(card: Json): Measures[] {
  const own = text(card["kind"]);
  const place = (name: string): number => (name === own ? 0 : name === "Bayes-optimal" ? 2 : 1);
  return Object.entries(record(card["measures"]))
    .map(([name, given]) => {
      const at = record(given);
      return {
        name, prAuc: number(at["pr_auc"]), recall90: number(at["recall_at_90"]), recall95: number(at["recall_at_95"]),
        brier: number(at["brier"]), slope: number(at["calibration_slope"]), gap: number(at["expected_calibration_error"]),
      };
    })
    .sort((a, b) => place(a.name) - place(b.name) || (a.name < b.name ? -1 : 1));
}

export function periodsOf(card: Json): Period[] {
  return Object.entries(record(card["periods"]))
    .map(([name, given]) => {
      const at = record(given);
      return { name, from: text(at["from"]), to: text(at["to"]), claims: number(at["claims"]), denied: number(at["denied"]) };
    })
    .sort((a, b) => (a.from < b.from ? -1 : 1));
}

export function payersOf(card: Json): Payer[] {
  return list(card["by_payer"])
    .map(record)
    .map((at) => ({
      payer: text(at["group"]), claims: number(at["claims"]), predicted: number(at["predicted"]),
      observed: number(at["observed"]), gap: number(at["gap"]), enough: at["enough"] === true,
    }))
    .sort((a, b) => Math.abs(b.gap) - Math.abs(a.gap));
}

export function binsOf(card: Json): Bin[] {
  return list(card["reliability"]).flatMap((each) => {
    const [predicted, observed, claims] = list(each);
    const bin = { predicted: number(predicted), observed: number(observed), claims: number(claims) };
    return Number.isNaN(bin.predicted + bin.observed) ? [] : [bin];
  });
}

/** Shares of held-out groups, answers and payers that were inside of the intervals of chance, days and dollars. */
export function intervalsOf(card: Json): { probability: number; days: number; dollars: number } {
  const at = record(card["intervals"]);
  const of = (name: string): number => number(record(at[name])["coverage"]);
  return { probability: of("probability"), days: of("days"), dollars: of("dollars") };
}

/** Terms of the model, most weight first. */
export function termsOf(card: Json, most = 12): { term: string; weight: number }[] {
  return list(card["importance"]).map(record).map((at) => ({ term: text(at["term"]), weight: number(at["log_odds"]) })).slice(0, most);
}

export type GainPoint = { payer: string; claims: number; fromCents: number; reviewed: number; averted: number; worthCents: number };
export type StepStanding = { kind: string; offers: number; precision: number; recall: number; denials: number; isOffered: boolean };

/** For each payer: the expected gain from which claims are reviewed; none if the model has no evidence of any step. */
export function gainPointsOf(card: Json): GainPoint[] {
  return Object.entries(record(record(card["remedies"])["points"])).map(([payer, given]) => {
    const at = record(given);
    return {
      payer, claims: number(at["claims"]), fromCents: number(at["from_cents"]), reviewed: number(at["reviewed"]),
      averted: number(at["averted"]), worthCents: number(at["worth_cents"]),
    };
  });
}

/** Kinds of steps, with how they did on later claims. */
export function standingOf(card: Json): StepStanding[] {
  return Object.entries(record(record(card["remedies"])["steps"])).map(([kind, given]) => {
    const at = record(given);
    return {
      kind, offers: number(at["offers"]), precision: number(at["precision"]), recall: number(at["recall"]),
      denials: number(at["denials"]), isOffered: at["is_offered"] === true,
    };
  });
}

/** For each payer: the probability from which a review pays off most, and what it comes to in the calibration period. */
export function operatingOf(card: Json): Operating[] {
  const costs = record(card["economics"]);
  const [review, rework, avoidable, recovered] = ["review_cents", "rework_cents", "avoidable", "recovered"].map((name) => number(costs[name])) as [number, number, number, number];
  return Object.entries(record(card["review_curves"])).flatMap(([payer, given]) => {
    const at = record(given);
    const [reviewed, caught, stake] = [list(at["reviewed"]), list(at["caught"]), list(at["stake_cents"])];
    const [claims, denied] = [number(at["claims"]), number(at["denied"])];
    const worth = reviewed.map((each, index) =>
      Math.round(avoidable * (number(caught[index]) * rework + number(stake[index]) * (1 - recovered))) - number(each) * review,
    );
    // The highest of thresholds that are equally good; none where no review pays off.
    const best = worth.reduce((found, each, index) => (each >= (worth[found] ?? -Infinity) ? index : found), 0);
    const most = worth[best];
    if (most === undefined || Number.isNaN(most)) return [];
    if (most <= 0) return [{ payer, claims, threshold: 1, reviewed: 0, caught: 0, worthCents: 0 }];
    const threshold = (best + 1) / (worth.length + 1);
    return [{ payer, claims, threshold, reviewed: number(reviewed[best]) / claims, caught: number(caught[best]) / denied, worthCents: most }];
  });
}
