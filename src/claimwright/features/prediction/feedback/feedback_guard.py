"""Blocks retraining on drift or suspicious feedback until a person approves.

People's corrections and outcomes from remittances become training examples, each with its source. Too many
corrections by one person, or for one payer, could bias a model; such a batch is held. A candidate is
evaluated only on remittances, so that corrections can't promote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from claimwright.engines.prediction import FEATURES, NAMES, Model
from claimwright.engines.prediction.catalogue import Source
from claimwright.engines.prediction.drift import PSI_ACT, label_shift
from claimwright.engines.prediction.encoding import Real
from claimwright.engines.prediction.measures import calibration_line
from claimwright.features.prediction.scoring import SLOPES
from claimwright.features.prediction.training import Flags, History, HistoryError

from .csv_files import read_columns

# A correction or an outcome: source, label and time. `label` is whether any line was or will be denied.
FEEDBACK: dict[str, pl.DataType] = {
    "claim_id": pl.String(),
    "payer": pl.String(),
    "label": pl.Boolean(),
    "source": pl.String(),
    "by": pl.String(),
    "at": pl.String(),
}
REMITTANCE, CORRECTION = "remittance", "correction"

# In a team of ten, one person makes about a tenth of the corrections. A third or more, and at least fifty,
# must be approved.
_SHARE_OF_ONE, _LEAST_OF_ONE = 1 / 3, 50
# Corrections that payers contradict: an occasional error is normal, one in ten is not.
_CONTRADICTED = 0.10
# Corrections differ from decisions, because people correct what is wrong; not by as much as this.
_ONE_SIDED = 0.40
# A shift of the denial rate beyond four standard errors is not chance.
_LABEL_SHIFT = 4.0
# With fewer decided claims, outcomes are not compared.
_FEWEST_ANSWERED = 100


@dataclass(frozen=True)
class Hold:
    """A reason that blocks retraining, and the number behind it."""

    what: str
    words: str
    value: float


def drift_of(model: Model, history: History, columns: Real) -> list[Hold]:
    """How present claims differ from the training claims."""
    answered = history.answered
    scores = model.terms.scored(columns[answered])[1]
    payer = model.evidence.words.codes("payer", history.facts.claims["payer"])[answered]
    return drift_holds(
        model, model.profile.stability(columns), model.probability(scores, payer), history.denied[answered]
    )


def drift_holds(model: Model, stability: Real, probability: Real, denied: Flags) -> list[Hold]:
    """The drift of claims since training: of features, and of outcomes if there are any."""
    holds = [
        Hold("stability", f"{NAMES[number]} is distributed differently (PSI {value:.2f})", float(value))
        for number, value in enumerate(stability)
        # Recent rates are expected to change; the labels show why.
        if value >= PSI_ACT and FEATURES[number].source is not Source.RECENT
    ]
    if len(denied) < _FEWEST_ANSWERED:
        return holds
    shift = label_shift(model.base_rate, float(denied.mean()), len(denied))
    if abs(shift) >= _LABEL_SHIFT:
        holds.append(
            Hold("labels", f"{denied.mean():.1%} are denied, {model.base_rate:.1%} in training", shift)
        )
    if denied.any() and not denied.all():
        slope, _ = calibration_line(probability, denied)
        if not SLOPES[0] <= slope <= SLOPES[1]:
            holds.append(Hold("calibration", f"calibration slope {slope:.2f}", slope))
    return holds


def suspicious(feedback: pl.DataFrame) -> list[Hold]:
    """Corrections (columns of `FEEDBACK`) that a person has to approve before training."""
    corrections = feedback.filter(pl.col("source") == CORRECTION)
    holds = []
    for column, words in (("by", "one person"), ("payer", "one payer")):
        counted = corrections.group_by(column).len().sort("len", column, descending=True).head(1)
        if counted.height:
            most = int(counted["len"][0])
            share = most / corrections.height
            if most >= _LEAST_OF_ONE and share >= _SHARE_OF_ONE:
                holds.append(
                    Hold(
                        f"volume by {column}",
                        f"{most:,} of {corrections.height:,} corrections are of {words}",
                        share,
                    )
                )  # fmt: skip
    holds += _one_sided(corrections, feedback.filter(pl.col("source") == REMITTANCE))
    holds += _contradictions(corrections, feedback.filter(pl.col("source") == REMITTANCE))
    return holds


def _one_sided(corrections: pl.DataFrame, outcomes: pl.DataFrame) -> list[Hold]:
    """Corrections of claims without an answer that shift the share of denials far from what payers decide."""
    waiting = corrections.join(outcomes.select("claim_id"), on="claim_id", how="anti")
    if waiting.height < _LEAST_OF_ONE or outcomes.height < _LEAST_OF_ONE:
        return []
    said, happened = (float(each["label"].sum()) / each.height for each in (waiting, outcomes))
    if abs(said - happened) <= _ONE_SIDED:
        return []
    return [
        Hold(
            "one-sided",
            f"{said:.0%} of {waiting.height:,} corrections say denied, payers deny {happened:.0%}",
            said - happened,
        )
    ]


def _contradictions(corrections: pl.DataFrame, outcomes: pl.DataFrame) -> list[Hold]:
    answered = corrections.join(outcomes.select("claim_id", outcome="label"), on="claim_id", how="inner")
    everybody = answered.select(wrong=(pl.col("label") != pl.col("outcome")).mean(), seen=pl.len()).row(0)
    if everybody[1] >= _LEAST_OF_ONE and everybody[0] > _CONTRADICTED:
        # Many accounts with few corrections each stay below what is asked of one person.
        return [
            Hold(
                "contradicted",
                f"payers contradict {everybody[0]:.0%} of {everybody[1]:,} corrections, of "
                f"{answered['by'].n_unique():,} people together",
                everybody[0],
            )
        ]
    wrong = (
        answered.group_by("by")
        .agg(wrong=(pl.col("label") != pl.col("outcome")).mean(), seen=pl.len())
        .filter((pl.col("seen") >= 20) & (pl.col("wrong") > _CONTRADICTED))
        .sort("by")
    )
    return [
        Hold(
            "contradicted",
            f"payers contradict {row['wrong']:.0%} of {row['seen']:,} corrections of one person",
            row["wrong"],
        )
        for row in wrong.iter_rows(named=True)
    ]  # fmt: skip


def accepted(feedback: pl.DataFrame, *, looked_at: bool = False) -> pl.DataFrame:
    """Training labels, one per claim: the payer's decision, or otherwise what people agree on.

    A payer's decision overrides any correction. Corrections of undecided claims are used if nothing blocks
    the batch, or if a person has approved it; otherwise they wait.
    """
    outcomes = feedback.filter(pl.col("source") == REMITTANCE).unique(
        "claim_id", keep="last", maintain_order=True
    )
    corrections = feedback.filter(pl.col("source") == CORRECTION)
    if suspicious(feedback) and not looked_at:
        corrections = corrections.clear()
    agreed = (
        corrections.join(outcomes, on="claim_id", how="anti")
        .group_by("claim_id", maintain_order=True)
        .agg(
            pl.col("label").n_unique().alias("answers"),
            *(pl.col(name).last() for name in FEEDBACK if name != "claim_id"),
        )
        .filter(pl.col("answers") == 1)
        .select(*FEEDBACK)
    )  # fmt: skip
    return pl.concat([outcomes.select(*FEEDBACK), agreed])


def with_labels(history: History, labels: pl.DataFrame) -> History:
    """The history with the labels of accepted feedback, by claim number; other claims keep their labels.

    A denial without a payer's reason code is put into the category of other reasons.
    """
    from claimwright.engines.prediction import Answers
    from claimwright.engines.prediction.categories import OTHER

    said = history.claim_id.to_frame("claim_id").join(
        labels.select("claim_id", "label"), on="claim_id", how="left", maintain_order="left"
    )["label"]
    lines = history.facts.lines
    row: np.ndarray = np.zeros(len(history.answers.line_reason), dtype=np.int64)
    row[lines["line_at"].to_numpy()] = lines["row"].to_numpy()
    of_line = said.gather(row)
    reason = history.answers.line_reason.copy()
    reason[(of_line == False).fill_null(False).to_numpy()] = -1  # noqa: E712 - null is neither
    newly = of_line.fill_null(False).to_numpy() & ~history.denied[row]
    reason[newly] = OTHER
    return replace(history, answers=Answers.of(row, reason, history.answers.answered_day))


def with_corrections(history: History, labels: pl.DataFrame) -> History:
    """The history with people's labels for claims without a payer decision; the others keep their labels.

    Such claims are used for training, but not for calibration or evaluation, which use only payer decisions.
    """
    unanswered = history.claim_id.filter(pl.Series(~history.answered))
    own = labels.filter(pl.col("claim_id").is_in(unanswered.implode()))
    said = history.claim_id.is_in(own["claim_id"].implode()).to_numpy()
    return replace(with_labels(history, own), answered=history.answered | said, said=said)


def read_feedback(path: Path) -> pl.DataFrame:
    """Feedback from a CSV with the columns of `FEEDBACK`; `source` is correction or remittance.

    Raises:
        HistoryError: it can't be read, a column is missing, or a value is unknown.
    """
    frame = read_columns(path, FEEDBACK, HistoryError)
    labels = pl.col("label").str.to_lowercase().replace_strict(
        {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
    )  # fmt: skip
    found = frame.select(*FEEDBACK).with_columns(labels)
    bad = found["label"].is_null() | ~found["source"].is_in([REMITTANCE, CORRECTION]).fill_null(False)
    if bad.any():
        row = bad.arg_max()
        raise HistoryError(
            f"{path}, row {(row or 0) + 1}: `label` must be true or false, `source` correction or remittance."
        )
    return found


def describe_holds(holds: Sequence[Hold]) -> str:
    """The holds as one line for a person."""
    return "; ".join(hold.words for hold in holds) if holds else "nothing blocks retraining"
