"""Carve-outs: services of a contract that have their own terms, and the lines to which they apply.

The first carve-out of a contract that matches a line applies; all other lines have the contract's own terms.
A carve-out matches if each criterion that it names matches: procedure, revenue code, modifier, place of
service, provider, plan, DRG.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from .memo_table import Numbers

Range = tuple[str, str]

CATEGORIES: Mapping[str, tuple[Range, ...]] = {
    "anesthesia": (("00100", "01999"),),
    "surgery": (("10004", "69990"),),
    "radiology": (("70010", "79999"),),
    "laboratory": (("80047", "89398"), ("0001U", "0999U")),
    "medicine": (("90281", "99199"), ("99500", "99607")),
    "evaluation_and_management": (("99202", "99499"),),
    "drugs": (("J0000", "J9999"),),
    "equipment": (("E0000", "E9999"), ("K0000", "K9999")),
}
"""Sections of CPT and HCPCS as code ranges, by the names that contracts use."""


@dataclass(frozen=True, slots=True)
class Selector:
    """The criteria of a carve-out; an empty criterion matches every line. Ranges include both ends."""

    procedures: tuple[Range, ...] = ()
    revenue_codes: tuple[Range, ...] = ()
    modifiers: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    drgs: tuple[str, ...] = ()
    bill_types: tuple[str, ...] = ()

    def fits(self, lines: pl.DataFrame) -> npt.NDArray[np.bool_]:
        """Which lines match. Reads `procedure`, `revenue_code`, `modifier_1` to `modifier_4`, `place`,
        `provider`, `biller`, `plan`, `drg`, `facility_type`.
        """
        modifiers = [f"modifier_{number}" for number in (1, 2, 3, 4)]
        wanted = [
            *_within("procedure", self.procedures),
            *_within("revenue_code", self.revenue_codes),
            *_among(modifiers, self.modifiers),
            *_among(["place"], self.places),
            *_among(["provider", "biller"], self.providers),
            *_among(["plan"], self.plans),
            *_among(["drg"], self.drgs),
            *_among(["facility_type"], self.bill_types),
        ]
        if not wanted:
            return np.ones(lines.height, dtype=np.bool_)
        return lines.select(pl.all_horizontal(wanted).alias("fits"))["fits"].to_numpy()


def _within(column: str, ranges: Sequence[Range]) -> list[pl.Expr]:
    if not ranges:
        return []
    # Codes of the same length sort as text.
    inside = (
        pl.col(column).is_between(pl.lit(first), pl.lit(last))
        & (pl.col(column).str.len_chars() == len(first))
        for first, last in ranges
    )
    return [pl.any_horizontal(inside).fill_null(value=False)]


def _among(columns: Sequence[str], values: Sequence[str]) -> list[pl.Expr]:
    if not values:
        return []
    return [pl.any_horizontal(pl.col(name).is_in(list(values)).fill_null(value=False) for name in columns)]


CarveOut = tuple[int, Selector, int]
"""The number of a contract, the criteria of one of its carve-outs, and the number of the terms."""


def carved(lines: pl.DataFrame, contracts: Numbers, carve_outs: Sequence[CarveOut]) -> Numbers:
    """`contracts` (by line their number or -1), replaced by the number of the carve-out if one matches."""
    chosen = contracts.copy()
    open_still = np.ones(len(contracts), dtype=np.bool_)
    for number, selector, terms in carve_outs:
        rows = np.flatnonzero(open_still & (contracts == number))
        if len(rows):
            fitting = rows[selector.fits(lines[rows])]
            chosen[fitting] = terms
            open_still[fitting] = False
    return chosen
