"""Prices lines by relative values: Medicare's physician fee schedule, and contracts based on it."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from claimwright.foundation.columns import numbers, taken

from .adjustments import unpaid_reason, with_adjustments
from .anesthesia import price_anesthesia
from .basis import Basis, code, first_reason
from .components import (
    CARDIOVASCULAR,
    IMAGING,
    OPHTHALMOLOGY,
    THERAPY,
    component_reductions,
    therapy_reductions,
)
from .fee_amounts import with_unit_amounts
from .memo_table import Numbers, spread_out
from .modifiers import TECHNICAL
from .price_book import PriceBook
from .schedule_rows import look_up
from .surgery import DAY_BITS, MILLI, SCOPES, SURGICAL, nothing_reduced, surgical_reductions

# The columns that reductions read; the others are left out during ranking.
_REDUCTION_COLUMNS = [
    "row", "claim", "on", "edition", "procedure", "component", "kind", "adjusted", "facility", "factor",
    "work_gpci", "pe_gpci", "malpractice_gpci", "work", "practice_expense", "malpractice",
    "unit_micros", "uncapped_micros", "cap_micros", "units_milli", "multiple_procedure", "endoscopic_base",
    "base_code", "procedure_code",
    "professional_technical", "bilateral", "bilateral_claimed", "assistant_role", "further_procedure",
    "separate_session",
]  # fmt: skip

_RANKING_COLUMNS = ["claim", "on", "multiple_procedure", "units_milli", "further_procedure"]

# By multiple procedure indicator, 2 to 7: indicators with the same number are ranked together.
_RANKED_TOGETHER = np.array([0, 0, 2, 2, 4, 5, 6, 7])

# The same for the adjustments of a single line.
_ADJUSTMENT_COLUMNS = [
    "row", "component", "bilateral", "bilateral_claimed", "co_surgeon", "co_surgeon_claimed",
    "assistant", "assistant_role", "reduced", "reduced_permille", "discontinued", "discontinued_permille",
    "surgical_care_only", "postoperative_only", "preoperative_only", "return_to_room",
    "preoperative", "intraoperative", "postoperative",
]  # fmt: skip

# Social Security Act 1833(a)(1)(O), (F) and (T): 85 percent, and 75 of clinical social workers.
NONPHYSICIAN_PERMILLE, SOCIAL_WORKER_PERMILLE = 850, 750

# The same for anesthesia.
_ANESTHESIA_COLUMNS = [
    "row", "contract", "procedure", "own_anesthesia_factor", "units_milli", "unit_basis", "anesthesia_role",
    "rule_anesthesia_directed",
]  # fmt: skip


def price_by_schedule(lines: pl.DataFrame, book: PriceBook) -> pl.DataFrame:
    """`lines` with `basis`, `gross`, the factors of their modifiers, and the columns that explain them.

    `row` numbers the lines from 0.
    """
    lines = with_unit_amounts(look_up(lines, book)).with_columns(unpaid=_unpaid())
    lines = _bundled_same_day(lines)
    chosen = lines.select(_chosen())
    several, alone, asleep = (np.flatnonzero(chosen[name]) for name in ("several", "alone", "asleep"))
    by_itself = pl.concat(
        [
            with_adjustments(book.columns_of(lines, alone, [*_ADJUSTMENT_COLUMNS, *book.rules])),
            _anesthesia(lines, asleep, book),
        ],
        how="diagonal",
    )
    reductions = _reductions(lines, several, book)
    together = [lines, *(spread_out(found, lines.height) for found in (by_itself, reductions))]
    return pl.concat(together, how="horizontal").with_columns(_gross())


@cache
def _unpaid() -> pl.Expr:
    factorless = first_reason((pl.col("factor").is_null(), Basis.NO_CONVERSION_FACTOR))
    return pl.coalesce("missing", unpaid_reason(pl.col("adjusted")), factorless)


@cache
def _chosen() -> list[pl.Expr]:
    """Lines that others may reduce, those whose modifiers change their own price, and anesthesia."""
    paid = pl.col("adjusted") & pl.col("unpaid").is_null() & pl.col("awake")
    conditions = {
        "several": paid & pl.col("multiple_procedure").is_between(2, 7),
        "alone": paid & pl.col("changes_price"),
        "asleep": pl.col("asleep"),
    }
    return [holds.fill_null(value=False).alias(name) for name, holds in conditions.items()]


@cache
def _gross() -> list[pl.Expr]:
    """`basis`, `gross` and `factor` of every line; anesthesia has its own."""
    price = pl.col("unit_micros").cast(pl.Int128) * pl.col("units_milli") * 1_000
    of_values = pl.coalesce("unpaid", pl.when("carried").then("carried_basis"), "priced_basis")
    priced = pl.when(pl.col("unpaid").is_null()).then(pl.coalesce("reduced_gross", price))
    return [
        pl.when("asleep").then("asleep_basis").otherwise(of_values).alias("basis"),
        pl.when("asleep").then("asleep_gross").otherwise(priced).alias("gross"),
        pl.when("asleep").then("asleep_factor").otherwise("factor").alias("factor"),
        _practitioner(),
        (pl.col("adjusted") & pl.when("facility").then("facility_na").otherwise("nonfacility_na")).alias(
            "rarely"
        ),
    ]


def _practitioner() -> pl.Expr:
    """The share of the fee for practitioners other than physicians, in thousandths, except for technical
    components and anesthesia. An assistant at surgery (AS) has it in the assistant's own share.
    """
    applies = pl.col("adjusted") & pl.col("awake") & (pl.col("component") != TECHNICAL)
    shared = applies & (pl.col("assistant_role").fill_null(0) != 2)
    share = (
        pl.when(shared & (pl.col("practitioner") == 1))
        .then(NONPHYSICIAN_PERMILLE)
        .when(shared & (pl.col("practitioner") == 2))
        .then(SOCIAL_WORKER_PERMILLE)
        .otherwise(1_000)
    )
    return share.cast(pl.Int64).alias("practitioner_permille")


def _reductions(lines: pl.DataFrame, rows: Numbers, book: PriceBook) -> pl.DataFrame:
    """`row`, `reduced_gross` and `reduction` of the lines among `rows` that others reduce."""
    ranked = book.columns_of(lines, rows, _RANKING_COLUMNS)
    kinds = ranked["multiple_procedure"].to_numpy()
    day = ranked["claim"].to_numpy() * 2**DAY_BITS + ranked["on"].to_physical().to_numpy()
    _, group, sizes = np.unique(day * 8 + _RANKED_TOGETHER[kinds], return_inverse=True, return_counts=True)
    units, further = ranked["units_milli"].to_numpy(), ranked["further_procedure"].to_numpy()
    crowded = (sizes[group] > 1) | (units > MILLI) | further
    there = frozenset(kinds[crowded].tolist())
    asked = book.columns_of(lines, rows[crowded], [*_REDUCTION_COLUMNS, *book.rules])
    parts = [nothing_reduced()]
    if there & {SURGICAL, SCOPES}:
        parts.append(surgical_reductions(asked, book.values))
    if there & {IMAGING, CARDIOVASCULAR, OPHTHALMOLOGY}:
        parts.append(component_reductions(asked, book.values))
    if THERAPY in there:
        parts.append(therapy_reductions(asked))
    together = pl.concat(parts)
    together.columns = ["row", "reduced_gross", "reduction"]
    return together


def _anesthesia(lines: pl.DataFrame, rows: Numbers, book: PriceBook) -> pl.DataFrame:
    asked = (lines[name].to_numpy()[rows] for name in ("period", "cost_row", "qualifying_apm"))
    found = book.anesthesia.rows(*(part.astype(np.int64) for part in asked))
    factors = taken(book.anesthesia.table, found)
    asleep = book.columns_of(lines, rows, _ANESTHESIA_COLUMNS)
    return price_anesthesia(asleep.hstack(factors), book.base_units)


@cache
def _same_day() -> list[pl.Expr]:
    paid = pl.col("unpaid").is_null() & pl.col("awake")
    return [
        pl.col("claim", "on"),
        (paid & pl.col("adjusted") & (pl.col("status") == "T")).fill_null(value=False).alias("injection"),
        (paid & (pl.col("status") != "T")).fill_null(value=False).alias("other"),
    ]


def _bundled_same_day(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with status T unpaid if any other service of the claim and day is paid."""
    asked = lines.select(_same_day())
    injections = np.flatnonzero(asked["injection"])
    if not len(injections):
        return lines
    on, dated = numbers(asked["on"])
    day = asked["claim"].to_numpy() * 2**DAY_BITS + on
    others = np.flatnonzero(asked["other"])
    if dated is not None:
        injections, others = injections[dated[injections]], others[dated[others]]
    bundled = np.zeros(lines.height, dtype=np.bool_)
    bundled[injections] = np.isin(day[injections], day[others])
    unpaid = pl.when(pl.Series(bundled)).then(code(Basis.BUNDLED_SAME_DAY))
    return lines.with_columns(unpaid=unpaid.otherwise("unpaid"))
