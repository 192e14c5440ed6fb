/** The parts of a model's card. */

import { cents, count, day, percent, words } from "../../ui/format";
import { Facts } from "../../ui/Facts";
import { Status } from "../../ui/Status";
import { Table } from "../../ui/Table";
import { binsOf, cardNumber, cardText, gainPointsOf, intervalsOf, isSynthetic, measuresOf, operatingOf, payersOf, periodsOf, standingOf, termsOf } from "./card";

type Card = { [name: string]: unknown };
const PERIODS: Record<string, string> = { train: "Training", calibrate: "Calibration", judge: "Held out" };
const decimal = (value: number): string => (Number.isNaN(value) ? "unknown" : value.toFixed(3));
const share = (value: number): string => (Number.isNaN(value) ? "unknown" : percent(value, 1));

export function Source({ card }: { card: Card }) {
  return (
    <Facts
      of={[
        ["Learned from", cardText(card, "source")],
        isSynthetic(card) ? ["Synthetic", <span key="synthetic"><Status tone="person">Made-up claims.</Status> Its numbers say nothing of your payers.</span>] : null,
        ["Kind", words(cardText(card, "kind"))],
      ]}
    />
  );
}

export function Quality({ card }: { card: Card }) {
  const own = measuresOf(card)[0];
  if (!own) return <p className="dim">The card has no measures.</p>;
  const intervals = intervalsOf(card);
  return (
    <Facts
      of={[
        ["PR-AUC", decimal(own.prAuc)],
        ["Denials found at 90% precision", share(own.recall90)],
        ["Calibration slope", decimal(own.slope)],
        ["Mean calibration gap", share(own.gap)],
        ["Intervals of the chance that held", `${share(intervals.probability)} (made for 90%)`],
        ["Intervals of days that held", `${share(intervals.days)} (made for 90%)`],
        ["Intervals of dollars that held", `${share(intervals.dollars)} (made for 90%)`],
      ]}
    />
  );
}

export function Measures({ card }: { card: Card }) {
  return (
    <Table
      label="Measures"
      headings={[
        "", { label: "PR-AUC", numeric: true, meaning: "Area under precision and recall; higher is better" },
        { label: "Found at 90% precision", numeric: true }, { label: "At 95%", numeric: true },
        { label: "Brier", numeric: true, meaning: "Mean squared error; lower is better" },
        { label: "Slope", numeric: true, meaning: "1 is perfect; below 1, it is overconfident" },
      ]}
      rows={measuresOf(card).map((each) => ({
        key: each.name,
        cells: [words(each.name), decimal(each.prAuc), share(each.recall90), share(each.recall95), decimal(each.brier), decimal(each.slope)],
      }))}
    />
  );
}

export function Periods({ card }: { card: Card }) {
  return (
    <Table
      label="Periods" headings={["Period", "From", "To", { label: "Claims", numeric: true }, { label: "Denied", numeric: true }, { label: "Share", numeric: true }]}
      rows={periodsOf(card).map((each) => ({
        key: each.name,
        cells: [PERIODS[each.name] ?? words(each.name), day(each.from), day(each.to), count(each.claims), count(each.denied), share(each.denied / each.claims)],
      }))}
    />
  );
}

export function Bins({ card }: { card: Card }) {
  return (
    <Table
      label="Calibration" headings={[{ label: "Claims", numeric: true }, { label: "Predicted", numeric: true }, { label: "Denied", numeric: true }, { label: "Difference", numeric: true }]}
      rows={binsOf(card).map((bin, index) => ({
        key: index, cells: [count(bin.claims), share(bin.predicted), share(bin.observed), share(bin.predicted - bin.observed)],
      }))}
    />
  );
}

export function Payers({ card }: { card: Card }) {
  return (
    <Table
      label="By payer"
      headings={["Payer", { label: "Claims", numeric: true }, { label: "Predicted", numeric: true }, { label: "Denied", numeric: true }, { label: "Difference", numeric: true }, ""]}
      rows={payersOf(card).map((each) => ({
        key: each.payer,
        cells: [each.payer, count(each.claims), share(each.predicted), share(each.observed), share(each.gap), each.enough ? "" : <span className="dim">too few claims to tell</span>],
      }))}
    />
  );
}

export function Thresholds({ card }: { card: Card }) {
  const points = gainPointsOf(card);
  return points.length > 0 ? <Gains card={card} /> : <Probabilities card={card} />;
}

function Gains({ card }: { card: Card }) {
  return (
    <>
      <p>
        A claim is reviewed if its best step is expected to bring more than the work costs, by the costs used in training. A review policy in the settings takes
        precedence.
      </p>
      <Table
        label="Thresholds"
        headings={[
          "Payer", { label: "Claims", numeric: true }, { label: "Reviewed from", numeric: true, meaning: "The expected gain from which claims are reviewed" },
          { label: "Reviewed", numeric: true }, { label: "Averted", numeric: true, meaning: "Of the denials that a step would have averted" },
          { label: "Worth", numeric: true, meaning: "Benefit of the reviews less their cost, in the calibration period" },
        ]}
        rows={gainPointsOf(card).map((each) => ({
          key: each.payer,
          cells: [each.payer || "All", count(each.claims), each.reviewed > 0 ? cents(each.fromCents) : "never", share(each.reviewed), share(each.averted), cents(each.worthCents)],
        }))}
      />
      <h3>Steps</h3>
      <Table
        label="Steps"
        headings={[
          "Step", "Offered", { label: "Precision", numeric: true, meaning: "Of its offers on later claims, those that were right" },
          { label: "Recall", numeric: true, meaning: "Of the later denials that lacked it, those for which it was offered" }, { label: "Denials", numeric: true },
        ]}
        rows={standingOf(card).map((each) => ({
          key: each.kind,
          cells: [words(each.kind), each.isOffered ? "yes" : "no", share(each.precision), share(each.recall), count(each.denials)],
        }))}
      />
    </>
  );
}

function Probabilities({ card }: { card: Card }) {
  const threshold = cardNumber(card, "threshold");
  return (
    <>
      <p>
        {Number.isNaN(threshold) ? "The card names no threshold." : `By the costs used in training, claims are reviewed from ${percent(threshold)} on.`} A review
        policy in the settings takes precedence.
      </p>
      <Table
        label="Thresholds"
        headings={[
          "Payer", { label: "Claims", numeric: true }, { label: "Reviewed from", numeric: true, meaning: "The probability from which a review pays off most" },
          { label: "Reviewed", numeric: true }, { label: "Denials caught", numeric: true }, { label: "Worth", numeric: true, meaning: "Benefit of the reviews less their cost, in the calibration period" },
        ]}
        rows={operatingOf(card).map((each) => ({
          key: each.payer,
          cells: [each.payer || "All others", count(each.claims), each.threshold >= 1 ? "never" : percent(each.threshold), share(each.reviewed), share(each.caught), cents(each.worthCents)],
        }))}
      />
    </>
  );
}

export function Terms({ card }: { card: Card }) {
  return (
    <Table
      label="Terms" headings={["Term", { label: "Weight", numeric: true, meaning: "Mean size of its contribution, in log odds" }]}
      rows={termsOf(card).map((each) => ({ key: each.term, cells: [words(each.term), decimal(each.weight)] }))}
    />
  );
}
