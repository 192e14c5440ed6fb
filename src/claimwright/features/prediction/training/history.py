"""Claim histories: past claims with payer decisions, from any source, for training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import (
    Answers,
    Facts,
    Fingerprints,
    category_numbers,
    detail_numbers,
    facts_of,
    fingerprints,
)
from claimwright.engines.prediction.steps import causes_of
from claimwright.foundation.errors import InputError

Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# One row per service line with a payer decision. `carc` is the denial reason; null if the line was paid.
# `rarc` are its remarks, separated by blanks; null if there are none.
ANSWERED_LINES: dict[str, pl.DataType] = {
    "claim": pl.Int64(),
    "line": pl.Int32(),
    "carc": pl.String(),
    "rarc": pl.String(),
    "charge_cents": pl.Int64(),
    "paid_cents": pl.Int64(),
    "answered_on": pl.Date(),
}


class HistoryError(InputError):
    """A history can't be used for training. The message says what is missing and what to do."""


@dataclass(frozen=True)
class History:
    """Claims in order of sending, with the outcome of each.

    Attributes:
        facts: the data of the claims.
        claim: the number of each claim in its batch.
        claim_id: the provider's number of each claim (CLM01).
        fingerprint: identifies a claim, regardless of its source.
        answers: the payer decisions.
        answered: whether there is a decision.
        days: days from sending to the decision; NaN if there is none.
        charge_cents, paid_cents, denied_cents: of the decided lines of each claim.
        source: the source of the history, for the model card.
        said: whether the label comes from a person instead of a payer; None if no claim has such a label.
    """

    facts: Facts
    claim: pl.Series
    claim_id: pl.Series
    fingerprint: Fingerprints
    answers: Answers
    answered: Flags
    days: npt.NDArray[np.float64]
    charge_cents: Whole
    paid_cents: Whole
    denied_cents: Whole
    source: str
    said: Flags | None = None

    @property
    def by_payers(self) -> Flags:
        """Whether a payer decided the claim; only such claims are used for calibration and evaluation."""
        return self.answered if self.said is None else self.answered & ~self.said

    def __len__(self) -> int:
        """How many claims."""
        return len(self.facts)

    @property
    def sent_day(self) -> Whole:
        """Sending date, in days since 1970."""
        days: Whole = self.facts.claims["submitted_on"].cast(pl.Int32).to_numpy().astype(np.int64)
        return days

    @property
    def denied(self) -> Flags:
        """Whether any line was denied."""
        return self.answers.denied


def history_of(
    batch: ClaimBatch,
    submitted_on: pl.Series,
    answered: pl.DataFrame,
    *,
    source: str,
    must_be_answered: bool = True,
) -> History:
    """The history of a batch that was sent on these dates; `answered` has the columns of `ANSWERED_LINES`.

    Raises:
        HistoryError: there are no claims, or decisions are required and there are none.
    """
    if not len(batch):
        raise HistoryError("it contains no claims. Give the 837 files that were sent.")
    order = pl.DataFrame({"day": submitted_on, "claim": batch.claims["claim"]}).sort("day", "claim")
    ordered = _reordered(batch, order["claim"])
    facts = facts_of(ordered, order["day"])
    lines = ordered.lines.select("claim", "line").join(
        answered.unique(["claim", "line"], keep="first", maintain_order=True),
        on=["claim", "line"],
        how="left",
        maintain_order="left",
    )
    # Answers from before remarks were kept have none.
    remarks = lines["rarc"] if "rarc" in lines.columns else pl.Series([None] * lines.height, dtype=pl.String)
    reason = category_numbers(lines["carc"], remarks).to_numpy()
    row = _rows(ordered, lines["claim"])
    day = _answer_days(lines, row, len(ordered))
    if must_be_answered and not (day >= 0).any():
        raise HistoryError(
            "no remittance matches any of its claims. Give the 835 files that the payers returned."
        )
    sent = order["day"].cast(pl.Int32).to_numpy().astype(np.int64)
    charge = lines["charge_cents"].fill_null(0).to_numpy()
    return History(
        facts=facts,
        claim=ordered.claims["claim"],
        claim_id=ordered.claims["claim_id"],
        fingerprint=fingerprints(ordered),
        answers=Answers.of(
            row,
            reason,
            day,
            causes_of(lines["carc"], remarks),
            detail_numbers(lines["carc"], remarks).to_numpy(),
        ),
        answered=day >= 0,
        days=np.where(day >= 0, day - sent, np.nan),
        charge_cents=_summed(row, charge, len(ordered)),
        paid_cents=_summed(row, lines["paid_cents"].fill_null(0).to_numpy(), len(ordered)),
        denied_cents=_summed(row, np.where(reason >= 0, charge, 0), len(ordered)),
        source=source,
    )


def _reordered(batch: ClaimBatch, claims: pl.Series) -> ClaimBatch:
    """The batch with its claims, and their lines, in this order."""
    if batch.claims["claim"].equals(claims):
        return batch
    place = pl.DataFrame({"claim": claims}).with_row_index("place")

    def ordered(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(place, on="claim", how="left", maintain_order="left").sort(
            "place", maintain_order=True
        ).drop("place")  # fmt: skip

    return ClaimBatch(
        claims=ordered(batch.claims),
        lines=ordered(batch.lines),
        diagnoses=ordered(batch.diagnoses),
        attachments=batch.attachments,
    )


def _rows(batch: ClaimBatch, claims: pl.Series) -> Whole:
    places = batch.claims.select("claim").with_row_index("row")
    rows = claims.to_frame().join(places, on="claim", how="left", maintain_order="left")["row"]
    found: Whole = rows.to_numpy().astype(np.int64)
    return found


def _answer_days(lines: pl.DataFrame, row: Whole, count: int) -> Whole:
    day = lines["answered_on"].cast(pl.Int32).fill_null(-1).to_numpy().astype(np.int64)
    latest: Whole = np.full(count, -1, dtype=np.int64)
    np.maximum.at(latest, row, day)
    return latest


def _summed(row: Whole, amounts: Sequence[int] | npt.NDArray[np.int64], count: int) -> Whole:
    found: Whole = np.zeros(count, dtype=np.int64)
    np.add.at(found, row, np.asarray(amounts, dtype=np.int64))
    return found
