"""The values of the fee schedules for each line: edition, setting, practice costs and relative values."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from claimwright.foundation.columns import present, taken

from .anesthesia import is_anesthesia
from .basis import Basis, first_reason
from .contracts import ContractKind
from .memo_table import OTHER, Numbers, spread_out
from .modifiers import DISCONTINUED, MODIFIERS, WHOLE
from .price_book import PriceBook
from .rates import MOST_UNITS
from .schedule_values import AMOUNT_VALUES

# Looked up for every line; other columns are looked up by row where they are needed.
_COSTS = ["locality", "locality_basis", "work_gpci", "pe_gpci", "malpractice_gpci"]
_MODIFIERS = [
    "assistant_role", "co_surgeon_claimed", "team_claimed", "changes_price", "not_covered_claimed",
]  # fmt: skip
_VALUES = [
    *AMOUNT_VALUES, "status", "status_basis", "facility_na", "nonfacility_na", "multiple_procedure",
    "assistant", "co_surgeon", "team_surgeon", "professional_technical",
]  # fmt: skip


def look_up(lines: pl.DataFrame, book: PriceBook) -> pl.DataFrame:
    """`lines` with their schedule values, and with `missing`, why a value could not be found.

    A value that is not found, and those that depend on it, are null. `awake` is true for lines that have
    or should have relative values; `asleep` is true for anesthesia lines, which do not use them.
    """
    closed = lines.select(missing=_cannot_look_up()).to_series()
    terms = np.where(present(closed), 0, lines["term"].to_numpy())
    editions, period = book.terms.numbers("edition")[terms], lines["period"].to_numpy()
    dated = editions > 0
    settings = book.settings.rows(_number(lines, "place"), period, _number(lines, "setting"))
    costs = book.costs.rows(
        _number(lines, "own_locality"), _number(lines, "state"), _number(lines, "zip"), editions
    )
    modifiers = book.modifiers.rows(*(_number(lines, name) for name in MODIFIERS))
    placed = dated & (book.costs.numbers("in_schedule")[costs] > 0)
    asleep = placed & _are_anesthesia(lines, book)
    awake = placed & ~asleep
    modifiers = np.where(placed, modifiers, 0)
    values, components = _value_rows(lines, editions, modifiers, book)
    values = np.where(awake, values, 0)
    found = [
        taken(book.terms.table[["year", "edition", "carried", "factor"]], terms),
        taken(book.settings.table, np.where(dated, settings, 0)),
        taken(book.costs.table[_COSTS], np.where(dated, costs, 0)),
        taken(book.modifiers.table[_MODIFIERS], modifiers),
        taken(book.values.table[_VALUES], values),
    ]
    own = {
        "cost_row": costs,
        "modifier_row": modifiers,
        "value_row": values,
        "component": components,
        "asleep": asleep,
        "awake": awake,
        "closed": closed,
    }
    looked_up = pl.concat([lines, *found, pl.DataFrame(own)], how="horizontal")
    unlisted = _unlisted(lines, np.flatnonzero(awake & (values == 0)), editions, book)
    return looked_up.hstack(unlisted).with_columns(_missing())


def _number(lines: pl.DataFrame, column: str) -> Numbers:
    return lines[f"{column}_code"].to_numpy()


@cache
def _cannot_look_up() -> pl.Expr:
    positive = (pl.col("units_milli") > 0).fill_null(value=False)
    return first_reason(
        ((pl.col("form") == "I") & ~_therapy(), Basis.INSTITUTIONAL),
        (pl.col("form") == "D", Basis.DENTAL),
        (pl.col("procedure").is_null(), Basis.NO_PROCEDURE),
        (pl.col("on").is_null(), Basis.NO_DATE),
        (~positive, Basis.NO_UNITS),
        (pl.col("units_milli") > MOST_UNITS, Basis.UNITS_OUT_OF_RANGE),
    )


# Types of bill on which therapy is paid by the physician fee schedule, at the nonfacility rate, and
# the revenue codes of physical, occupational and speech therapy. A critical access hospital (85) is paid its
# cost. Source: Social Security Act 1834(k); Medicare Claims Processing Manual, ch. 5, 10.
_THERAPY_BILLS = ["12", "13", "22", "23", "34", "74", "75"]
_THERAPY = r"^0?4[234]\d$"


def _therapy() -> pl.Expr:
    """Whether a line of an institutional claim is outpatient therapy."""
    department = pl.col("revenue_code").str.contains(_THERAPY) & pl.col("facility_type").is_in(_THERAPY_BILLS)
    return department.fill_null(value=False) & (pl.col("kind") == ContractKind.MEDICARE_PFS.value)


@cache
def _missing() -> pl.Expr:
    return pl.coalesce(
        "closed",
        first_reason(
            (pl.col("year").is_null(), Basis.NO_SCHEDULE_FOR_DATE),
            (pl.col("work_gpci").is_null(), Basis.UNKNOWN_LOCALITY),
        ),
        "unlisted",
    ).alias("missing")


def _are_anesthesia(lines: pl.DataFrame, book: PriceBook) -> Numbers:
    procedures = _number(lines, "procedure")
    found = book.is_anesthesia[procedures]
    others = np.flatnonzero(procedures == OTHER)
    if len(others):
        found[others] = taken(lines[["procedure"]], others).select(is_anesthesia()).to_series().to_numpy()
    return found


def _value_rows(
    lines: pl.DataFrame, editions: Numbers, modifiers: Numbers, book: PriceBook
) -> tuple[Numbers, Numbers]:
    """The line's row in the values of the book, and its component.

    Modifier 53 uses the schedule's row for a discontinued procedure, if it has one; the
    component is then 3.
    """
    procedures = _number(lines, "procedure")
    components = book.modifiers.numbers("component")[modifiers]
    discontinued = (book.modifiers.numbers("discontinued")[modifiers] > 0) & (components == WHOLE)
    own_row = book.values.rows(editions, DISCONTINUED, procedures) > 0
    components = np.where(discontinued & own_row, DISCONTINUED, components)
    return book.values.rows(editions, components, procedures), components


def _unlisted(lines: pl.DataFrame, rows: Numbers, editions: Numbers, book: PriceBook) -> pl.DataFrame:
    """`unlisted`: why the schedule has no relative values for each of `rows`; null for other lines."""
    asked = taken(lines[["row", "procedure", "procedure_code"]], rows)
    whole = book.values.rows(editions[rows], WHOLE, _number(asked, "procedure"))
    reasons = asked.with_columns(split=pl.Series(whole > 0)).select(_why_unlisted())
    return spread_out(reasons, lines.height)


@cache
def _why_unlisted() -> list[pl.Expr]:
    reason = first_reason(
        (pl.col("procedure").str.contains(r"^D\d{4}$"), Basis.DENTAL),
        (pl.col("split"), Basis.COMPONENT_NOT_AVAILABLE),
        (pl.lit(True), Basis.UNKNOWN_CODE),
    )
    return [pl.col("row"), reason.alias("unlisted")]
