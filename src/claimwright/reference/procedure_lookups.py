"""What is known of procedures, their units, pairs, modifiers and revenue codes.

Procedures are CPT and HCPCS codes of five characters. An answer about a null code is null, and so is one that
the data cannot give: dental codes are in no list that may be given away, and a year whose lists are not
loaded may have brought any code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import polars as pl

from claimwright.foundation.columns import as_index, column_of, gathered, listed, nulls, present, truths

from .coding import Coded, coded_pairs, coded_procedures, distinct, remembered
from .editions import Found, Mask, answer, days_of, editions, find, found_in, index_of, knows
from .indexes import NOWHERE, DatedIndex, Rows
from .packing import Days, pack_day, pack_pairs, pack_procedures
from .snapshot import Snapshot
from .tables import read_column, read_table
from .versions import Version

SETTINGS = ("practitioner", "outpatient", "dme")
PAIR_SETTINGS = ("practitioner", "outpatient")

_SCHEDULE = "physician_fee_schedule"
# Contractors say themselves with which procedures these add-on codes go.
_BY_CONTRACTOR = "CCCCC"


def hcpcs_active(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each is a CPT or HCPCS code that may be used on its day.

    A code is one if HCPCS or the fee schedule of the day lists it, and none if those that should have it are
    loaded for the day and do not: the fee schedule for CPT codes of five digits, HCPCS for its own. For what
    is neither, dental codes and the CPT codes that end in a letter, absence says nothing. Nor does it for a
    laboratory test or a vaccine that the next year's schedule lists: it may have begun within the year.
    """
    packed, asked = coded_procedures(codes), present(codes)
    listed = _found(known, "hcpcs", "code", codes, days)
    scheduled = _found(known, _SCHEDULE, "procedure", codes, days)

    by_schedule = _shaped(codes, _CPT) & scheduled.judged & ~scheduled.ended
    by_list = _shaped(codes, _HCPCS) & listed.judged & ~listed.ended
    dropped = _shaped(codes, _HCPCS) & scheduled.judged & ~scheduled.ended & ~scheduled.present
    dropped &= _scheduled_before(known, packed, days_of(known, days, len(codes)))
    active = (listed.present & ~dropped) | scheduled.present
    early = by_schedule & ~active & _shaped(codes, _EARLY)
    if early.any():
        next_year = days_of(known, days, len(codes)) + _A_YEAR
        by_schedule &= ~(
            early & find(known, _SCHEDULE, "procedure", packed, next_year, pack_procedures).present
        )
    return answer(active, ~active & asked & (by_schedule | by_list | dropped | (packed.packed == 0)))


def _found(known: Snapshot, name: str, column: str, codes: pl.Series, days: pl.Series | None) -> Found:
    return found_in(known, name, column, codes, days, coded_procedures, pack_procedures)


def _scheduled_before(known: Snapshot, codes: Coded, days: Days) -> Mask:
    """Whether a fee schedule that began before the day has the code.

    Later ones do not count: a code that begins within a year may be in the schedule of the next one only.
    """
    before = np.zeros(len(codes), dtype=np.bool_)
    for version in known.versions(_SCHEDULE):
        begun = days > pack_day(version.effective_from, 0)
        before |= begun & index_of(version, "procedure", pack_procedures).knows(codes)
    return before


def hcpcs_known(known: Snapshot, codes: pl.Series) -> pl.Series:
    """Whether each is in HCPCS, a fee schedule or the unlikely units of any year.

    Null for a code that is in none of them and that no list has in full: dental codes, and the CPT codes that
    end in a letter.
    """
    packed = coded_procedures(codes)
    known_code = knows(known, "hcpcs", "code", packed, pack_procedures)
    known_code |= knows(known, _SCHEDULE, "procedure", packed, pack_procedures)
    for setting in SETTINGS:
        known_code |= knows(known, f"mue_{setting}", "procedure", packed, pack_procedures)
    return answer(known_code, ~known_code & present(codes) & ~_shaped(codes, _UNLISTED))


def _shaped(codes: pl.Series, pattern: re.Pattern[str]) -> Mask:
    """Whether each code is written like this."""
    ordinals, values = distinct(codes)
    shaped = [value is not None and pattern.fullmatch(value) is not None for value in values.to_list()]
    return np.array(shaped, dtype=np.bool_)[ordinals]


_CPT, _HCPCS = re.compile("[0-9]{5}"), re.compile("[A-CE-V][0-9]{4}")
# Five-digit codes that the AMA releases within a year: pathology and laboratory in emergencies, such as 87636
# of October 6, 2020; vaccines and immune globulins on July 1 and when they are authorized. All others begin
# with a year (AMA, CPT code set release schedule).
_EARLY = re.compile("8[0-9]{4}|90[2-7][0-9]{2}|913[0-9]{2}")
_A_YEAR = 365  # days
# Dental codes, and the CPT codes that end in a letter.
_UNLISTED = re.compile("D[0-9]{4}|[0-9]{4}[A-Z]")


def _scheduled(
    known: Snapshot, codes: pl.Series, days: pl.Series | None, column: str, dtype: pl.DataType
) -> pl.Series:
    """An indicator of the whole procedure (not of a component) in the fee schedule of its day."""
    at = days_of(known, days, len(codes))
    # Eight indicators are asked of the same codes and days: their places are found once. What is remembered
    # holds the days, whose identity is part of the key.
    what = known, "schedule", None if days is None else id(at)
    _, versions, rows = remembered(codes, what, lambda column: (at, *_places(known, column, at)))
    return gathered(_indicators(versions, column, dtype), rows)


def _places(known: Snapshot, codes: pl.Series, at: Days) -> tuple[tuple[Version, ...], pl.Series]:
    """The versions that apply to some of the days, and where each code stands in their tables, one after the
    other; null for nowhere.
    """
    packed = coded_procedures(codes)
    versions: list[Version] = []
    before = 0
    places = np.full(len(codes), NOWHERE, dtype=np.int64)
    for edition in editions(known, _SCHEDULE, at):
        rows, index = _whole_procedures(edition.version)
        found = index.find(packed, at)
        here = edition.chosen & (found != NOWHERE)
        places[here] = found[here] + before
        versions.append(edition.version)
        before += len(rows)
    return tuple(versions), as_index(places)


@lru_cache(maxsize=16)
def _whole_procedures(version: Version) -> tuple[pl.Series, DatedIndex]:
    """The rows of whole procedures, and where a procedure stands among them."""
    rows = (read_column(version, "component") == 0).arg_true()
    return rows, DatedIndex.of(pack_procedures(read_column(version, "procedure")[rows]))


@lru_cache(maxsize=128)
def _indicators(versions: tuple[Version, ...], column: str, dtype: pl.DataType) -> pl.Series:
    """A column of the tables of versions, one after the other."""
    if not versions:
        return pl.Series(column, dtype=dtype)
    return pl.concat(
        [read_column(version, column)[_whole_procedures(version)[0]].cast(dtype) for version in versions]
    )


def fee_schedule_status(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """The letter that says how the physician fee schedule treats the procedure (A active, B bundled, I
    invalid, ...).
    """
    return _scheduled(known, codes, days, "status", pl.String())


def global_days(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """The global period: 000, 010, 090 days, MMM maternity, XXX none, YYY by contractor, ZZZ with another
    service.
    """
    return _scheduled(known, codes, days, "global_days", pl.String())


def payment_indicator(
    known: Snapshot, name: str, codes: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """An indicator of the physician fee schedule, a digit as CMS publishes it.

    `name` is professional_technical, multiple_procedure, bilateral, assistant, co_surgeon or team_surgeon.

    Raises:
        KeyError: there is no such indicator.
    """
    if name not in INDICATORS:
        raise KeyError(name)
    return _scheduled(known, codes, days, name, pl.UInt8())


def nonfacility_na(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether the physician fee schedule has no value for the procedure outside of a facility, where it is
    rarely or never given.
    """
    return _scheduled(known, codes, days, "nonfacility_na", pl.Boolean())


INDICATORS = (
    "professional_technical", "multiple_procedure", "bilateral", "assistant", "co_surgeon", "team_surgeon",
)  # fmt: skip


# --- units -------------------------------------------------------------------------------------------------


def mue_units(known: Snapshot, setting: str, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """The most units of a procedure that are likely, of a line or a day; null without such an edit.

    Raises:
        KeyError: the setting is none of practitioner, outpatient, dme.
    """
    return _unlikely(known, setting, codes, days, "units", pl.Int32())


def mue_adjudication(
    known: Snapshot, setting: str, codes: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """How the units are counted: 1 by line, 2 by day and absolute, 3 by day and open to appeal.

    Raises:
        KeyError: the setting is none of practitioner, outpatient, dme.
    """
    return _unlikely(known, setting, codes, days, "adjudication", pl.UInt8())


def _unlikely(
    known: Snapshot, setting: str, codes: pl.Series, days: pl.Series | None, column: str, dtype: pl.DataType
) -> pl.Series:
    if setting not in SETTINGS:
        raise KeyError(setting)
    return _found(known, f"mue_{setting}", "procedure", codes, days).values(column, dtype)


# --- pairs -------------------------------------------------------------------------------------------------


def ncci_indicator(
    known: Snapshot, setting: str, first: pl.Series, second: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """The modifier indicator of the edit of two procedures on a day: 0 never together, 1 with a modifier;
    null for none.

    `first` is the procedure that is paid, column one of the edit, `second` the one that is denied.

    Raises:
        KeyError: the setting is neither practitioner nor outpatient.
    """
    if setting not in PAIR_SETTINGS:
        raise KeyError(setting)
    pairs = coded_pairs(coded_procedures(first), coded_procedures(second))
    at = days_of(known, days, len(first))
    parts = []
    for edition in editions(known, f"ncci_{setting}", at):
        rows = np.where(edition.chosen, _pair_index(edition.version).find(pairs, at), NOWHERE)
        parts.append((gathered(read_table(edition.version)["indicator"], rows), rows))
    return _overlaid(parts, len(first), pl.UInt8())


def _overlaid(parts: Sequence[tuple[pl.Series, Rows]], height: int, dtype: pl.DataType) -> pl.Series:
    """One column of the answers of several versions, each of which answers where its row is not -1."""
    if len(parts) == 1:
        return parts[0][0]
    values = nulls(height, dtype)
    for answers, rows in parts:
        values = values.zip_with(pl.Series(rows == NOWHERE), answers)
    return values


@lru_cache(maxsize=8)
def _pair_index(version: Version) -> DatedIndex:
    table = read_table(version)
    if not table.height:
        return DatedIndex(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint16), None)
    return DatedIndex(table["key"].to_numpy(), table["from_day"].to_numpy(), None)


# --- add-on codes ------------------------------------------------------------------------------------------


def is_add_on(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each is billed only beside another procedure: by the table of add-on codes, or by its global
    period ZZZ.
    """
    listed = _found(known, "add_on", "add_on", codes, days).present
    by_period = truths(global_days(known, codes, days) == "ZZZ")
    return column_of(listed | by_period, present(codes))


def has_primary(
    known: Snapshot, codes: pl.Series, beside: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """Whether one of the procedures beside each add-on code is one that it may go with.

    `beside` is a list column. Null for what is no add-on code of the table, and where its primaries are left
    to the contractors.
    """
    packed, at = coded_procedures(codes), days_of(known, days, len(codes))
    true, judged = np.zeros(len(codes), dtype=np.bool_), np.zeros(len(codes), dtype=np.bool_)
    for edition in editions(known, "add_on", at):
        add_ons, open_ended, pairs = _add_ons(edition.version)
        decided = (
            edition.chosen & (add_ons.find(packed, at) != NOWHERE) & (open_ended.find(packed, at) == NOWHERE)
        )
        rows = np.flatnonzero(decided)
        held, _, lengths = listed(gathered(beside, rows))
        owner = np.repeat(rows, lengths)
        others = coded_procedures(held)
        both = coded_pairs(Coded(packed.ordinals[owner], packed.keys), others)
        hit = pairs.find(both, at[owner]) != NOWHERE
        true[owner[hit]] = True
        judged |= decided
    return answer(true, ~true & judged)


@lru_cache(maxsize=8)
def _add_ons(version: Version) -> tuple[DatedIndex, DatedIndex, DatedIndex]:
    table = read_table(version)
    by_contractor = table.filter(pl.col("primary") == _BY_CONTRACTOR)
    add_ons = pack_procedures(table["add_on"])
    return (
        DatedIndex.of(add_ons, table["valid_from"], table["valid_to"]),
        DatedIndex.of(
            pack_procedures(by_contractor["add_on"]), by_contractor["valid_from"], by_contractor["valid_to"]
        ),
        DatedIndex.of(
            pack_pairs(add_ons, pack_procedures(table["primary"])), table["valid_from"], table["valid_to"]
        ),
    )


# --- modifiers and revenue codes ---------------------------------------------------------------------------


def modifier_is_of(known: Snapshot, family: str, modifiers: pl.Series) -> pl.Series:
    """Whether each modifier belongs to a family: pair, anatomic, component, anesthesia, telehealth, ..."""
    version = known.version("modifier_families")
    if version is None:
        return nulls(len(modifiers), pl.Boolean())
    table = read_table(version)
    return modifiers.is_in(table.filter(pl.col("family") == family)["modifier"].implode())


def modifier_families(known: Snapshot) -> tuple[str, ...]:
    """The families of modifiers, in alphabetical order."""
    version = known.version("modifier_families")
    return () if version is None else tuple(read_table(version)["family"].unique().sort())


def modifier_fits(known: Snapshot, modifiers: pl.Series, procedures: pl.Series) -> pl.Series:
    """Whether each modifier means something with its procedure; null where its families are
    confined to none.
    """
    families, ranges = known.version("modifier_families"), known.version("modifier_procedures")
    if families is None or ranges is None:
        return nulls(len(modifiers), pl.Boolean())
    confined = _confined(families, ranges)
    places, given = _listed(modifiers)
    asked = np.array([modifier in confined for modifier in given], dtype=np.bool_)[places]
    rows = np.flatnonzero(asked & present(procedures))
    of, codes = _listed(procedures)
    met, pairs = np.unique(places[rows] * len(codes) + of[rows], return_inverse=True)
    fits = [
        any(first <= codes[code] <= last for first, last in confined[given[modifier]])
        for modifier, code in zip(*np.divmod(met, len(codes)), strict=True)
    ]
    true, judged = np.zeros(len(modifiers), dtype=np.bool_), np.zeros(len(modifiers), dtype=np.bool_)
    true[rows], judged[rows] = np.array(fits, dtype=np.bool_)[pairs], True
    return answer(true, ~true & judged)


def _listed(column: pl.Series) -> tuple[Rows, list[str]]:
    """For each row the place of its value among the distinct ones, and these; the last is empty, for null."""
    ordinals, values = distinct(column)
    return ordinals, [value or "" for value in values.to_list()]


@lru_cache(maxsize=8)
def _confined(families: Version, ranges: Version) -> dict[str, list[tuple[str, str]]]:
    """The modifiers that mean something with some procedures only, with the ranges of these."""
    table = read_table(families).join(read_table(ranges), on="family")
    found: dict[str, list[tuple[str, str]]] = {}
    for modifier, first, last in table.select("modifier", "procedure_from", "procedure_to").iter_rows():
        found.setdefault(modifier, []).append((first, last))
    return found


def revenue_needs_procedure(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether a line with this revenue code needs a procedure on a hospital's outpatient bill."""
    at = days_of(known, days, len(codes))
    distinct = codes.unique().drop_nulls()
    values = nulls(len(codes), pl.Boolean())
    for edition in editions(known, "revenue_code_billing", at):
        table = read_table(edition.version).filter("needs_procedure")
        needing = distinct.to_frame("code").join_where(
            table, pl.col("code") >= pl.col("revenue_from"), pl.col("code") <= pl.col("revenue_to")
        )["code"]
        values = values.zip_with(pl.Series(~edition.chosen), codes.is_in(needing.unique().implode()))
    return values
