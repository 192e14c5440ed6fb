"""Classes of codes, kept as ranges: laboratory tests under CLIA, single-dose drugs, devices, ...

A class is a fact about codes that several rules ask: its ranges, with their days, are rows of a table whose
head names its source. What is asked of a column is asked of each of its distinct codes once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def procedure_in(known: Snapshot, name: str, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each procedure belongs to a class of procedures on its day."""
    version = known.version("procedure_classes")
    if version is None:
        return nulls(len(codes), pl.Boolean())
    found = _in_class(version, name, codes, days_of(known, days, len(codes)), _is_between)
    return column_of(found, present(codes))


def any_procedure_in(
    known: Snapshot, name: str, lists: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """Whether one of the procedures of each list belongs to a class of procedures on its day."""
    version = known.version("procedure_classes")
    if version is None:
        return nulls(len(lists), pl.Boolean())
    values, starts, lengths = listed(lists)
    at = _days_of_members(days_of(known, days, len(lists)), len(values), starts, lengths)
    found = _in_class(version, name, values, at, _is_between)
    return column_of(_any_of(found, starts, lengths), present(lists))


def diagnosis_in(known: Snapshot, name: str, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each diagnosis belongs to a class of diagnoses on its day. A range ends with everything below
    its last code.
    """
    version = known.version("diagnosis_classes")
    if version is None:
        return nulls(len(codes), pl.Boolean())
    found = _in_class(version, name, codes, days_of(known, days, len(codes)), _is_below)
    return column_of(found, present(codes))


def any_diagnosis_in(
    known: Snapshot, name: str, lists: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """Whether one of the diagnoses of each list belongs to a class of diagnoses on its day."""
    version = known.version("diagnosis_classes")
    if version is None:
        return nulls(len(lists), pl.Boolean())
    values, starts, lengths = listed(lists)
    at = _days_of_members(days_of(known, days, len(lists)), len(values), starts, lengths)
    found = _in_class(version, name, values, at, _is_below)
    return column_of(_any_of(found, starts, lengths), present(lists))


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


def _in_class(version: Version, name: str, codes: pl.Series, days: Days, within: Within) -> Mask:
    """Whether each code lies in a range of the class that holds on its day."""
    ordinals, spans = remembered(
        codes, (version, name), lambda column: _spans_met(version, name, column, within)
    )
    always = np.array([bool(met) and any(_is_open(span) for span in met) for met in spans], dtype=np.bool_)
    found = always[ordinals]
    dated = np.array([bool(met) for met in spans], dtype=np.bool_) & ~always
    for row in np.flatnonzero(dated[ordinals]):
        found[row] = any(first <= days[row] <= last for _, _, first, last in spans[ordinals[row]])
    return found


def _is_open(span: Span) -> bool:
    return span[2] == 0 and span[3] == OPEN


def _spans_met(
    version: Version, name: str, codes: pl.Series, within: Within
) -> tuple[Rows, list[list[Span]]]:
    """For each row the place of its code among the distinct ones, and the ranges that each of these is in."""
    ordinals, values = distinct(codes)
    spans = _spans(version, name)
    return ordinals, [
        [span for span in spans if code is not None and within(code, span)] for code in values.to_list()
    ]


@lru_cache(maxsize=64)
def _spans(version: Version, name: str) -> tuple[Span, ...]:
    table = read_table(version).filter(pl.col("class") == name)
    return tuple(
        (first, last, pack_day(begins, 0), pack_day(ends, OPEN))
        for first, last, begins, ends in table.select(
            pl.nth(1), pl.nth(2), "valid_from", "valid_to"
        ).iter_rows()
    )


def _days_of_members(days: Days, count: int, starts: Rows, lengths: Rows) -> Days:
    """The day of each member of lists, that of its list."""
    at = np.zeros(count, dtype=np.int64)
    ends = np.cumsum(lengths)
    members = np.repeat(starts - ends + lengths, lengths) + np.arange(int(lengths.sum()))
    at[members] = np.repeat(days, lengths)
    return at


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
