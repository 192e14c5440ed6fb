"""Payer decisions on claims, and which of them each rate counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .catalogue import Encoding, Level
from .categories import CATEGORIES, DETAILS
from .encoding import Whole, frame_of
from .facts import Facts

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Answers:
    """Payer decisions on claims; for training and for history.

    Attributes:
        denied: whether any line of the claim was denied; one per claim.
        reasons: bit n is set if a line of the claim was denied for category n; one per claim.
        line_reason: category of the line's denial, -1 if it was paid; by position in the batch's lines.
        answered_day: day on which the decision arrived, in days since 1970; -1 if there is none; one per
            claim.
        line_cause: what would have answered the line's denial, as a number of `steps.causes_of`; by position
            in the batch's lines; None if not known.
        line_detail: what the denial is about, as a position in `DETAILS`, -1 if it does not say; by position
            in the batch's lines; None if not known.
        line_row: the claim of each of these lines.
    """

    denied: Flags
    reasons: Whole
    line_reason: npt.NDArray[np.int8]
    answered_day: Whole
    line_cause: npt.NDArray[np.int8] | None = None
    line_detail: npt.NDArray[np.int8] | None = None
    line_row: Whole | None = None

    @classmethod
    def of(
        cls,
        line_row: Whole,
        line_reason: npt.NDArray[np.int8],
        answered_day: Whole,
        line_cause: npt.NDArray[np.int8] | None = None,
        line_detail: npt.NDArray[np.int8] | None = None,
    ) -> Answers:
        """Build from the claim and the reason of each line."""
        reasons: Whole = np.zeros(len(answered_day), dtype=np.int64)
        lost = line_reason >= 0
        np.bitwise_or.at(reasons, line_row[lost], np.int64(1) << line_reason[lost].astype(np.int64))
        return cls(reasons != 0, reasons, line_reason, answered_day, line_cause, line_detail, line_row)

    def for_details(self, details: Sequence[str], wanted: list[int]) -> tuple[Flags, Flags]:
        """Whether each line, and each claim, was denied for a category, and not for another detail of it."""
        lines: Flags = np.isin(self.line_reason, wanted)
        if self.line_detail is not None:
            lines &= (self.line_detail < 0) | np.isin(
                self.line_detail, [DETAILS.index(each) for each in details]
            )
        if self.line_row is None:
            mask = np.int64(sum(1 << number for number in wanted))
            return lines, (self.reasons & mask) != 0
        return lines, np.bincount(self.line_row, lines, len(self.denied)) > 0


def labels_of(facts: Facts, answers: Answers, encoding: Encoding) -> Flags:
    """Whether each row was denied for a reason that the encoding counts."""
    wanted = [CATEGORIES.index(reason) for reason in encoding.reasons]
    if encoding.details:
        of_lines, of_claims = answers.for_details(encoding.details, wanted)
        if encoding.level is Level.CLAIM:
            return of_claims
        at = frame_of(facts, encoding.level)["line_at"].to_numpy()
        of_rows: Flags = of_lines[at]
        return of_rows
    if encoding.level is Level.CLAIM:
        if not wanted:
            return answers.denied
        mask = np.int64(sum(1 << number for number in wanted))
        flags: Flags = (answers.reasons & mask) != 0
        return flags
    reason = answers.line_reason[frame_of(facts, encoding.level)["line_at"].to_numpy()]
    return np.isin(reason, wanted) if wanted else reason >= 0


def is_denied(facts: Facts, answers: Answers, encoding: Encoding) -> Flags:
    """Whether each row was denied, for any reason."""
    if encoding.level is Level.CLAIM:
        return answers.denied
    denied: Flags = answers.line_reason[frame_of(facts, encoding.level)["line_at"].to_numpy()] >= 0
    return denied
