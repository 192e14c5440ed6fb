"""What payers demand of claims, kind by kind, as far as a claim shows whether it meets the demand.

A demand is about a cell: a payer and a service, a payer and a provider, or a payer alone. It says what a line
must have (an authorization number, an attachment), or which amounts, days, units or ages are too many. Which
cells have a demand, and from which limit on, is learned from decisions (`demands.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from .catalogue import ENCODING_OF
from .encoding import Vocabulary, Whole, frame_of
from .facts import CATEGORY_LENGTH, Facts

Flags = npt.NDArray[np.bool_]
Real = npt.NDArray[np.float64]

# Demands begin and end between two blocks of so many days. Claims sent after the last block are as if in it.
BLOCK_DAYS, MOST_BLOCKS = 60, 30
# Limits at which demands are looked for: equal ratios or equal widths, as the bands of the facts.
_LINE_DOLLARS = (50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)
_CHARGES = (
    100.0,
    150.0,
    200.0,
    300.0,
    500.0,
    700.0,
    1000.0,
    1500.0,
    2000.0,
    3000.0,
    5000.0,
    7000.0,
    10_000.0,
)
_DELAYS = tuple(float(days) for days in range(20, 400, 20))
_UNITS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0)
_AGES = tuple(float(years) for years in range(10, 90, 10))
# Diagnoses of a category that can each be a demand's own; others only share those of the whole category.
_MOST_PARTS = 7


@dataclass(frozen=True, slots=True)
class DemandKind:
    """One kind of demand.

    Attributes:
        rate: the encoding whose rate it gives; denials with its reasons are evidence of the demand.
        cell: the columns of a cell, which are the first of the encoding's key; the first is the payer.
        met_by: the fact that meets the demand, whatever the limit; None if nothing does.
        amount: the column that a limit is about; None if there is no limit.
        limits: the limits that are tried.
        is_range: whether it may be broken below a limit too.
        part: the column whose values divide a cell; a demand is about all of them or about one. None if
            nothing does.
    """

    rate: str
    cell: tuple[str, ...]
    met_by: str | None = None
    amount: str | None = None
    limits: tuple[float, ...] = ()
    is_range: bool = False
    part: str | None = None

    @property
    def bands(self) -> int:
        """The number of bands of the amount, or of parts of a cell."""
        return _MOST_PARTS + 1 if self.part else len(self.limits) + 1

    def conditions(self) -> Real:
        """By band of the amount and condition: 1 if a demand with this condition is about the band.

        The first condition is about all bands. Band n is above the n-th limit, the first below all. Of parts,
        each other condition is about one; the first band has those that are not known apart.
        """
        bands = np.arange(self.bands)
        if self.part:
            return np.array([bands >= 0, *(bands == part for part in bands[1:])], dtype=np.float64).T
        above = [bands > number for number in range(len(self.limits))]
        below = [bands <= number for number in range(len(self.limits))] if self.is_range else []
        return np.array([bands >= 0, *above, *below], dtype=np.float64).T


_SERVICE = ("payer", "procedure")

DEMANDS: tuple[DemandKind, ...] = (
    DemandKind("authorization_rate", _SERVICE, "authorized", "line_dollars", _LINE_DOLLARS),
    DemandKind("attachment_rate", _SERVICE, "attached", "line_dollars", _LINE_DOLLARS),
    DemandKind("charge_attachment_rate", ("payer",), "attached", "charge", _CHARGES),
    DemandKind("referral_rate", _SERVICE, "referred"),
    DemandKind("age_coverage_rate", _SERVICE, None, "age", _AGES, is_range=True),
    DemandKind("filing_delay_rate", ("payer",), "corrected", "days_to_filing", _DELAYS),
    DemandKind("payer_provider_rate", ("payer", "provider")),
    DemandKind("necessity_rate", (*_SERVICE, "line_diagnosis"), part="full_diagnosis"),
    DemandKind("units_rate", _SERVICE, None, "units", _UNITS),
    DemandKind("place_rate", (*_SERVICE, "place")),
    DemandKind("modifier_rate", (*_SERVICE, "modifier")),
)
DEMAND_OF: dict[str, DemandKind] = {kind.rate: kind for kind in DEMANDS}


@dataclass(frozen=True)
class DemandRows:
    """The claims or lines that a kind of demand is about.

    Attributes:
        key: the cell, one integer from the codes of its columns.
        payer: the payer's code.
        band: of the amount.
        is_met: whether the row has what meets the demand.
        block: of `BLOCK_DAYS` days in which it was sent, counted from a first day.
    """

    key: Whole
    payer: Whole
    band: Whole
    is_met: Flags
    block: Whole

    def part(self, rows: Flags | Whole) -> DemandRows:
        """Some of them."""
        return DemandRows(
            self.key[rows], self.payer[rows], self.band[rows], self.is_met[rows], self.block[rows]
        )

    @classmethod
    def of(cls, kind: DemandKind, facts: Facts, words: Vocabulary, first_day: int, keys: Whole) -> DemandRows:
        """One row for each claim or line of the facts, as the encoding of the kind has them.

        `keys` are those of the encoding; a cell is a part of them. Blocks are counted from `first_day` (days
        since 1970); what is before it is in the first.
        """
        encoding = ENCODING_OF[kind.rate]
        frame = frame_of(facts, encoding.level)
        # The first columns of the encoding's key are those of the cell.
        key: Whole = keys // math.prod(words.size(column) for column in encoding.key[len(kind.cell) :])
        payer: Whole = key // math.prod(words.size(column) for column in kind.cell[1:])
        band: Whole = np.zeros(frame.height, dtype=np.int64)
        if kind.amount is not None:
            amounts = _amounts(kind.amount, facts, frame)
            band = np.searchsorted(np.array(kind.limits), amounts, side="left").astype(np.int64)
        if kind.part is not None:
            band = _parts(words.values[kind.part])[words.codes(kind.part, frame[kind.part])]
        is_met = (
            np.zeros(frame.height, dtype=bool)
            if kind.met_by is None
            else frame[kind.met_by].fill_null(False).to_numpy()
        )
        day = facts.claims["submitted_on"].cast(pl.Int32).to_numpy().astype(np.int64)
        block = np.clip((day - first_day) // BLOCK_DAYS, 0, MOST_BLOCKS - 1)
        return cls(key, payer, band, is_met, block[frame["row"].to_numpy().astype(np.int64)])


def _parts(diagnoses: list[str]) -> Whole:
    """The part of its category that each code of a diagnosis is, from 1; 0 for unknown ones and the last."""
    place = pl.DataFrame({"code": diagnoses}, schema={"code": pl.String}).select(
        pl.int_range(1, pl.len() + 1).over(pl.col("code").str.head(CATEGORY_LENGTH))
    )
    of_codes: Whole = np.concatenate([[0], place.to_series().to_numpy()]).astype(np.int64)
    return np.where(of_codes > _MOST_PARTS, 0, of_codes)


def _amounts(column: str, facts: Facts, frame: pl.DataFrame) -> Real:
    """The amounts of a column; of claims for each of their lines, if lines have none. Unknown is 0."""
    if column == "line_dollars":
        dollars: Real = frame["line_cents"].to_numpy() / 100
        return dollars
    if column in frame.columns:
        return frame[column].cast(pl.Float64).fill_null(0.0).to_numpy()
    of_claims = facts.claims[column].cast(pl.Float64).fill_null(0.0).to_numpy()
    found: Real = of_claims[frame["row"].to_numpy().astype(np.int64)]
    return found
