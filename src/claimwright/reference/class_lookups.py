"""Classes of codes, kept as ranges: laboratory tests under CLIA, single-dose drugs, devices, ...

A class is a fact about codes that several rules ask: its ranges, with their days, are rows of a table whose
head names its source. A code is searched in all classes at once, and only where it was not met before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.foundation.columns import column_of, gathered, listed, nulls, present

from .coding import distinct, remembered
from .editions import Mask, days_of, editions, found_in
from .packing import OPEN, Days, pack_day
from .snapshot import Snapshot, snapshot
from .tables import read_table
from .versions import Version

# One range of a class: its first and last code, and its first and last packed day.
Span = tuple[str, str, int, int]
Rows = npt.NDArray[np.int64]
Within = Callable[[str, Span], bool]
Names = tuple[str, ...]
# The classes that a code always belongs to, as bits, and its ranges with days: bit, first and last day.
Met = tuple[int, tuple[tuple[int, int, int], ...]]

MOST_CLASSES = 62
"""So many classes fit into one whole number."""

_IN_NONE: Met = (0, ())
# HCPCS and ICD-10-CM together have fewer; more are asked for only where files are full of errors.
_MOST_CODES = 100_000


def procedure_in(known: Snapshot, name: str, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each procedure belongs to a class of procedures on its day."""
    return classes_of_procedure(known, (name,), codes, days) != 0


def any_procedure_in(
    known: Snapshot, name: str, lists: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """Whether one of the procedures of each list belongs to a class of procedures on its day."""
    return classes_of_procedures(known, (name,), lists, days) != 0


def diagnosis_in(known: Snapshot, name: str, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each diagnosis belongs to a class of diagnoses on its day. A range ends with everything below
    its last code.
    """
    return classes_of_diagnosis(known, (name,), codes, days) != 0


def any_diagnosis_in(
    known: Snapshot, name: str, lists: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """Whether one of the diagnoses of each list belongs to a class of diagnoses on its day."""
    return classes_of_diagnoses(known, (name,), lists, days) != 0


def classes_of_procedure(
    known: Snapshot, names: Names, codes: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """The classes that each procedure belongs to on its day, as a whole number: bit n for the n-th name."""
    version = known.version("procedure_classes")
    return _classes_of(version, names, codes, days_of(known, days, len(codes)), _is_between)


def classes_of_procedures(
    known: Snapshot, names: Names, lists: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """The classes that one of the procedures of each list belongs to on its day; see above."""
    version = known.version("procedure_classes")
    return _classes_among(version, names, lists, days_of(known, days, len(lists)), _is_between)


def classes_of_diagnosis(
    known: Snapshot, names: Names, codes: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """The classes that each diagnosis belongs to on its day; see above."""
    version = known.version("diagnosis_classes")
    return _classes_of(version, names, codes, days_of(known, days, len(codes)), _is_below)


def classes_of_diagnoses(
    known: Snapshot, names: Names, lists: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """The classes that one of the diagnoses of each list belongs to on its day; see above."""
    version = known.version("diagnosis_classes")
    return _classes_among(version, names, lists, days_of(known, days, len(lists)), _is_below)


def procedure_classes() -> tuple[str, ...]:
    """The names of the classes of procedures that ship."""
    return _names("procedure_classes")


def diagnosis_classes() -> tuple[str, ...]:
    """The names of the classes of diagnoses that ship."""
    return _names("diagnosis_classes")


def _names(dataset: str) -> tuple[str, ...]:
    version = snapshot(date.max).version(dataset)
    return () if version is None else tuple(read_table(version)["class"].unique().sort())


def _lies(code: str, first: str, last: str) -> bool:
    """Whether a procedure lies in a range: 0084U does, and 00840 does not, between 0001U and 0580U."""
    return (
        first <= code <= last
        and len(code) == len(first)
        and code[0].isdigit() == first[0].isdigit()
        and (code[-1].isdigit() if first[-1].isdigit() else code[-1] == first[-1])
    )


def _is_between(code: str, span: Span) -> bool:
    return _lies(code, span[0], span[1])


def _is_below(code: str, span: Span) -> bool:
    return span[0] <= code and code[: len(span[1])] <= span[1]


def _classes_of(
    version: Version | None, names: Names, codes: pl.Series, days: Days, within: Within
) -> pl.Series:
    if version is None:
        return nulls(len(codes), pl.Int64())
    return column_of(_bits(version, names, codes, days, within), present(codes))


def _classes_among(
    version: Version | None, names: Names, lists: pl.Series, days: Days, within: Within
) -> pl.Series:
    if version is None:
        return nulls(len(lists), pl.Int64())
    values, starts, lengths = listed(lists)
    members = _members(starts, lengths)
    at = np.zeros(len(values), dtype=np.int64)
    at[members] = np.repeat(days, lengths)
    found = _bits(version, names, values, at, within)[members]
    bits = np.zeros(len(lists), dtype=np.int64)
    filled = np.flatnonzero(lengths)
    if len(filled):
        bits[filled] = np.bitwise_or.reduceat(found, (np.cumsum(lengths) - lengths)[filled])
    return column_of(bits, present(lists))


def _bits(version: Version, names: Names, codes: pl.Series, days: Days, within: Within) -> Rows:
    """For each code a bit for each class that has a range with it that holds on its day."""
    ordinals, values = distinct(codes)
    ranges = _ranges(version, names)
    met = [_IN_NONE if code is None else ranges.of(code, within) for code in values.to_list()]
    found: Rows = np.array([always for always, _ in met], dtype=np.int64)[ordinals]
    for ordinal, (_, dated) in enumerate(met):
        rows = np.flatnonzero(ordinals == ordinal) if dated else ()
        for bit, first, last in dated:
            found[rows] |= np.where((first <= days[rows]) & (days[rows] <= last), bit, 0)
    return found


@dataclass(frozen=True, slots=True)
class _Ranges:
    """The ranges of some classes, each with the bit of its class, and what was found of codes met before."""

    spans: tuple[tuple[int, Span], ...]
    met: dict[str, Met] = field(default_factory=dict)

    def of(self, code: str, within: Within) -> Met:
        """The classes of a code."""
        found = self.met.get(code)
        if found is None:
            always, dated = 0, []
            for bit, span in self.spans:
                if within(code, span):
                    if span[2] == 0 and span[3] == OPEN:
                        always |= bit
                    else:
                        dated.append((bit, span[2], span[3]))
            if len(self.met) >= _MOST_CODES:
                self.met.clear()
            found = self.met[code] = always, tuple(dated)
        return found


@lru_cache(maxsize=64)
def _ranges(version: Version, names: Names) -> _Ranges:
    bits = {name: 1 << place for place, name in enumerate(names)}
    rows = read_table(version).select("class", pl.nth(1), pl.nth(2), "valid_from", "valid_to").iter_rows()
    return _Ranges(
        tuple(
            (bits[name], (first, last, pack_day(begins, 0), pack_day(ends, OPEN)))
            for name, first, last, begins, ends in rows
            if name in bits
        )
    )


def _members(starts: Rows, lengths: Rows) -> Rows:
    """The places of the members of all lists, one list after the other."""
    ends = np.cumsum(lengths)
    members: Rows = np.repeat(starts - ends + lengths, lengths) + np.arange(int(lengths.sum()))
    return members


def _any_of(found: Mask, starts: Rows, lengths: Rows) -> Mask:
    before = np.concatenate([[0], np.cumsum(found)])
    any_found: Mask = before[starts + lengths] > before[starts]
    return any_found


# --- ages, revenue codes, outpatient payment ---------------------------------------------------------------


def procedure_age_ok(known: Snapshot, codes: pl.Series, ages: pl.Series) -> pl.Series:
    """Whether each age in years is one at which the procedure is given; null for a procedure of every age."""
    version = known.version("procedure_ages")
    if version is None:
        return nulls(len(codes), pl.Boolean())
    ordinals, bounds = remembered(codes, (version, "ages"), lambda column: _ages_met(version, column))
    youngest = gathered(bounds[0], ordinals)
    oldest = gathered(bounds[1], ordinals)
    years = ages.cast(pl.Int32)
    return (years >= youngest) & (years <= oldest)


def _ages_met(version: Version, codes: pl.Series) -> tuple[Rows, tuple[pl.Series, pl.Series]]:
    ordinals, values = distinct(codes)
    rows = read_table(version).select("procedure_from", "procedure_to", "age_from", "age_to").rows()
    met = [
        next(
            ((low, high) for first, last, low, high in rows if code and _lies(code, first, last)),
            (None, None),
        )
        for code in values.to_list()
    ]
    low, high = (pl.Series([pair[side] for pair in met], dtype=pl.Int32) for side in (0, 1))
    return ordinals, (low, high)


def revenue_code_conflicts(known: Snapshot, revenue_codes: pl.Series, procedures: pl.Series) -> pl.Series:
    """Whether each procedure is of another department than its revenue code; null without either of them."""
    version = known.version("revenue_code_conflicts")
    if version is None:
        return nulls(len(procedures), pl.Boolean())
    ranges = _conflicts(version)
    of_revenue, revenues = distinct(revenue_codes)
    of_procedure, codes = distinct(procedures)
    width = len(codes)
    met, back = np.unique(of_revenue * width + of_procedure, return_inverse=True)
    listed_codes, listed_revenues = codes.to_list(), revenues.to_list()
    verdicts = [
        _conflict(listed_revenues[revenue], listed_codes[code], ranges)
        for revenue, code in zip(*np.divmod(met, width), strict=True)
    ]
    asked = present(revenue_codes) & present(procedures)
    return column_of(np.array(verdicts, dtype=np.bool_)[back], asked)


def _conflict(revenue: str | None, code: str | None, ranges: Sequence[tuple[str, str, str, str]]) -> bool:
    return (
        revenue is not None
        and code is not None
        and any(low <= revenue <= high and _lies(code, first, last) for low, high, first, last in ranges)
    )


@lru_cache(maxsize=8)
def _conflicts(version: Version) -> tuple[tuple[str, str, str, str], ...]:
    columns = ("revenue_from", "revenue_to", "procedure_from", "procedure_to")
    return tuple(read_table(version).select(columns).rows())


def opps_status(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """The status indicator of each procedure under Medicare's outpatient payment system on its day; null for
    a code without one, and for a day that the loaded addendum does not cover.
    """
    at = days_of(known, days, len(codes))
    statuses = nulls(len(codes), pl.String())
    for edition in editions(known, "opps_status", at):
        of_code = _statuses(edition.version)
        ordinals, values = distinct(codes)
        found = pl.Series([of_code.get(code) for code in values.to_list()], dtype=pl.String)
        in_force = pl.Series(edition.chosen & ~edition.ended)
        statuses = gathered(found, ordinals).zip_with(in_force, statuses)
    return statuses


@lru_cache(maxsize=8)
def _statuses(version: Version) -> dict[str | None, str]:
    table = read_table(version)
    return dict(zip(table["procedure"].to_list(), table["status"].to_list(), strict=True))


# --- the side that a diagnosis names -----------------------------------------------------------------------


def icd10_side(known: Snapshot, codes: pl.Series) -> pl.Series:
    """The side that each diagnosis names: R right, L left, B both; null for a code that names none."""
    return found_in(known, "icd10cm_sides", "code", codes, None).values("side", pl.String())


def icd10_sides_among(known: Snapshot, lists: pl.Series) -> pl.Series:
    """The sides that the diagnoses of each list name: R, L, RL, or nothing; both sides count as each."""
    values, starts, lengths = listed(lists)
    sides = icd10_side(known, values)
    named = [_any_of(np.asarray(sides.is_in([side, "B"]).fill_null(False)), starts, lengths) for side in "RL"]
    words = pl.Series(["", "R", "L", "RL"])
    return gathered(words, named[0].astype(np.int64) + 2 * named[1].astype(np.int64))
