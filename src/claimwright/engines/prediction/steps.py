"""Steps that an office can take before a claim is sent, and the payers' codes that say one was missing.

A step adds something that is true and was left out: an authorization number, a referring provider, an
attachment, or a modifier that states how a service was given. Modifiers for distinct services (25, 59, X) are
no steps: a payer that bundles two services is evidence about the record, not a way to be paid.

Sources: X12 adjustment reason codes (CARC) and remittance remark codes (RARC); which codes a step answers is
our reading of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import polars as pl

from .facts import Facts

Whole = npt.NDArray[np.int64]

# The state of a line for a step.
LACKS, HAS, NOT_APPLICABLE = 0, 1, 2


class Cause(StrEnum):
    """Why a payer denied a line, as far as a step could answer it."""

    AUTHORIZATION = "authorization"
    REFERRAL = "referral"
    RECORDS = "records"
    MODIFIER = "modifier"
    BUNDLING = "bundling"


# Denied for another cause, and not denied.
OTHER, NONE = len(Cause), -1
CAUSES: dict[Cause, int] = {cause: number for number, cause in enumerate(Cause)}

# By adjustment reason alone. 15, 197: no authorization. 252: records were required. 4: a required modifier is
# missing. 97, 236: included in another service.
_CARC: dict[Cause, str] = {
    Cause.AUTHORIZATION: "15 197",
    Cause.RECORDS: "252",
    Cause.MODIFIER: "4",
    Cause.BUNDLING: "97 236",
}
# By remark, with any adjustment reason: the remark says what CARC 16 leaves open. M62: authorization number.
# N285, N286: referring provider. M29-M31, M127, N706-N718: a record or report is missing. N822: a modifier.
_RARC: dict[Cause, str] = {
    Cause.AUTHORIZATION: "M62",
    Cause.REFERRAL: "N285 N286",
    Cause.RECORDS: "M29 M30 M31 M127 N706 N708 N710 N712 N714 N716 N718",
    Cause.MODIFIER: "N822",
}
# Remarks that take a code of `_CARC` away: N519 and N823, the modifier that is there is wrong.
_NOT_MISSING = frozenset({"N519", "N823"})
_OF_CARC = {code: CAUSES[cause] for cause, codes in _CARC.items() for code in codes.split()}
_OF_RARC = {code: CAUSES[cause] for cause, codes in _RARC.items() for code in codes.split()}


def causes_of(carc: pl.Series, rarc: pl.Series) -> npt.NDArray[np.int8]:
    """The cause of each line's denial: a number of `CAUSES`, `OTHER`, or `NONE` if it was not denied.

    `rarc` are remarks, separated by blanks; a remark that names a cause goes before the reason. Without
    remarks, denials with CARC 16 are `OTHER`: what was missing is not known.
    """
    frame = pl.DataFrame({"carc": carc.cast(pl.String), "rarc": rarc.cast(pl.String)})
    named = {text: _of_remarks(text) for text in frame["rarc"].unique().drop_nulls()}
    of_remark = pl.col("rarc").replace_strict(named, default=None, return_dtype=pl.Int8)
    of_reason = pl.col("carc").replace_strict(_OF_CARC, default=OTHER, return_dtype=pl.Int8)
    found = frame.select(
        pl.when(pl.col("carc").is_null())
        .then(pl.lit(NONE, pl.Int8))
        .otherwise(pl.coalesce(of_remark, of_reason))
    ).to_series()
    causes: npt.NDArray[np.int8] = found.to_numpy().astype(np.int8)
    return causes


def _of_remarks(text: str) -> int | None:
    codes = text.split()
    if not _NOT_MISSING.isdisjoint(codes):
        return OTHER
    return next((_OF_RARC[code] for code in codes if code in _OF_RARC), None)


@dataclass(frozen=True)
class Step:
    """One thing that an office can add to a claim.

    Attributes:
        name: its name in a model.
        cause: the cause of denial that it answers.
        words: what to add, after "add".
        done: the state of lines that have it, after "lines ".
        lacking: the state of lines that lack it.
        modifier: the modifier that it adds to lines without one; None for other steps.
        by_charge: whether a payer can demand it of claims above an amount, whatever the service.
        by_amount: whether a payer can demand it of a service above an amount only.
    """

    name: str
    cause: Cause
    words: str
    done: str
    lacking: str
    modifier: str | None = None
    by_charge: bool = False
    by_amount: bool = False

    @property
    def kind(self) -> str:
        """What it is measured as: all modifiers together, because a denial does not say which is missing."""
        return "modifier" if self.modifier is not None else self.name


# Modifiers that state how a service was given. Each is true of a service or it is not; a line that lacks it
# is incomplete. GP, GO, GN: under a plan of physical, occupational or speech therapy. QW: a waived test.
# RR, NU: equipment rented or bought new. 95: by video. Not here: those that claim that a service is separate
# (24, 25, 57, 58, 59, 76 to 79, 91, X), or that a requirement is met (KX).
DESCRIBING: tuple[str, ...] = ("GP", "GO", "GN", "QW", "RR", "NU", "95")
SET_APART: tuple[str, ...] = ("25", "59", "XE", "XS", "XP", "XU")

STEPS: tuple[Step, ...] = (
    Step("authorization", Cause.AUTHORIZATION, "an authorization number", "with an authorization number",
         "without an authorization number", by_amount=True),
    Step("referring_provider", Cause.REFERRAL, "the referring provider", "with a referring provider",
         "without a referring provider"),
    Step("attachment", Cause.RECORDS, "the records as an attachment", "with an attachment",
         "without an attachment", by_charge=True, by_amount=True),
    *(
        Step(f"modifier_{each.lower()}", Cause.MODIFIER, f"modifier {each}, if the record supports it",
             f"with modifier {each}", "without a modifier", modifier=each)
        for each in DESCRIBING
    ),
)  # fmt: skip
STEP_OF: dict[str, Step] = {step.name: step for step in STEPS}

CLAIM_FACT = {"authorization": "authorized", "referring_provider": "referred", "attachment": "attached"}


def states(facts: Facts, step: Step) -> Whole:
    """Whether each line of the facts lacks what the step adds, has it, or can't have it."""
    if step.modifier is None:
        has = facts.lines[CLAIM_FACT[step.name]].cast(pl.Int64)
        return has.to_numpy()
    frame = facts.lines.select(
        pl.when(pl.col("modifier") == step.modifier)
        .then(HAS)
        .when(pl.col("modifier") == "none")
        .then(LACKS)
        .otherwise(NOT_APPLICABLE)
        .cast(pl.Int64)
        .alias("state")
    )
    return frame["state"].to_numpy()
