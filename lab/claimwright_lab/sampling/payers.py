"""The payers of synthetic claims. None exists; their numbers begin with SYN."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from .draws import Draws, Whole
from .identifiers import medicare_numbers, padded

KINDS = ("medicare", "advantage", "medicaid", "commercial", "workers")
MEDICARE, ADVANTAGE, MEDICAID, COMMERCIAL, WORKERS = range(len(KINDS))


@dataclass(frozen=True, slots=True)
class Payer:
    """`filing` is the claim filing indicator (SBR09) by form."""

    kind: int
    name: str
    payer_id: str
    filing: dict[str, str]


def _every(code: str) -> dict[str, str]:
    return dict.fromkeys("PID", code)


PAYERS = (
    # Medicare Part B pays professionals, Part A hospitals (005010X222A1 and X223A2, SBR09).
    Payer(MEDICARE, "SAMPLE MEDICARE CONTRACTOR NORTH", "SYN01", {"P": "MB", "I": "MA", "D": "MB"}),
    Payer(MEDICARE, "SAMPLE MEDICARE CONTRACTOR SOUTH", "SYN02", {"P": "MB", "I": "MA", "D": "MB"}),
    Payer(ADVANTAGE, "EXAMPLE SENIOR ADVANTAGE PLAN", "SYN11", _every("16")),
    Payer(MEDICAID, "SAMPLE STATE MEDICAID", "SYN21", _every("MC")),
    Payer(MEDICAID, "SAMPLE VALLEY MEDICAID", "SYN22", _every("MC")),
    Payer(COMMERCIAL, "EXAMPLE MUTUAL HEALTH", "SYN31", _every("CI")),
    Payer(COMMERCIAL, "FICTIONAL LIFE AND HEALTH", "SYN32", _every("CI")),
    Payer(COMMERCIAL, "INVENTED CROSS PLAN", "SYN33", _every("BL")),
    Payer(COMMERCIAL, "MADEUP HMO", "SYN34", _every("HM")),
    Payer(COMMERCIAL, "PLACEHOLDER PREFERRED NETWORK", "SYN35", _every("12")),
    Payer(WORKERS, "SAMPLE WORKERS COMPENSATION FUND", "SYN41", _every("WC")),
)
_KIND = np.array([payer.kind for payer in PAYERS])
_NAMES = pl.Series([payer.name for payer in PAYERS])
_IDS = pl.Series([payer.payer_id for payer in PAYERS])
_FILING = {form: pl.Series([payer.filing[form] for payer in PAYERS]) for form in "PID"}

# In a hundred, by kind, for patients under 19, under 65, and older; roughly as insured Americans are.
_SHARES = ((0, 0, 40, 60, 0), (4, 1, 20, 75, 0), (60, 27, 3, 10, 0))
_GROUP_NAMES = pl.Series(
    ["EXAMPLE EMPLOYER TRUST", "SAMPLE TOWNSHIP", "PRETEND MANUFACTURING", "DEMO SCHOOLS"]
)


def kinds(draws: Draws, age: Whole, only: pl.Series, never: pl.Series, *, dental: bool) -> Whole:
    """The kind of payer of each patient, as the encounter and the age allow."""
    band = np.where(age < 19, 0, np.where(age < 65, 1, 2))
    upper = np.cumsum(np.array(_SHARES), axis=1)[band]
    drawn = (draws.below("payer kind", 100)[:, None] >= upper).sum(axis=1)
    excluded = (never == "medicare").to_numpy() | dental
    # Medicare pays no routine dentistry (42 CFR 411.15(i)), and its preventive codes are others than CPT's.
    drawn = np.where(excluded & (drawn == MEDICARE), COMMERCIAL, drawn)
    for kind, name in enumerate(KINDS):
        drawn = np.where((only == name).to_numpy(), kind, drawn)
    return drawn


def payers(draws: Draws, kind: Whole, purpose: str = "payer") -> Whole:
    """A payer of each of these kinds, as a row of `PAYERS`."""
    count = np.bincount(_KIND, minlength=len(KINDS))
    first = np.searchsorted(_KIND, np.arange(len(KINDS)))
    return first[kind] + draws.below(purpose, count[kind])


def names(payer: Whole) -> pl.Series:
    """Names of the payers."""
    return _NAMES.gather(pl.Series(payer))


def ids(payer: Whole) -> pl.Series:
    """Identifiers of the payers."""
    return _IDS.gather(pl.Series(payer))


def filing_codes(payer: Whole, form: str) -> pl.Series:
    """Claim filing indicators of the payers on a form."""
    return _FILING[form].gather(pl.Series(payer))


def member_ids(draws: Draws, kind: Whole) -> pl.Series:
    """Member numbers in the shape that the kind of payer uses."""
    number = draws.below("member number", 10**9)
    return (
        pl.DataFrame(
            {
                "kind": kind,
                "medicare": medicare_numbers(draws),
                "medicaid": padded(number, 9, "", "S"),
                "other": padded(number, 9, "SYN"),
            }
        )
        .select(
            pl.when(pl.col("kind") == MEDICARE)
            .then("medicare")
            .when(pl.col("kind") == MEDICAID)
            .then("medicaid")
            .otherwise("other")
        )
        .to_series()
    )


def group_numbers(draws: Draws, kind: Whole) -> tuple[pl.Series, pl.Series]:
    """Number and name of the employer's group; null where the payer has no groups."""
    grouped = pl.Series(kind == COMMERCIAL)
    number = padded(draws.below("group number", 10**5), 5, "G")
    name = _GROUP_NAMES.gather(pl.Series(draws.below("group name", len(_GROUP_NAMES))))
    frame = pl.DataFrame({"grouped": grouped, "number": number, "name": name}).select(
        pl.when("grouped").then("number"), pl.when("grouped").then("name")
    )
    return frame["number"], frame["name"]
