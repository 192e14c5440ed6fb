"""Units as an edit by day sees them: a line over several days is divided, practitioners are counted apart."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import facts
from claimwright.domain.dictionary import Level, schema

FIRST = date(2025, 8, 1)


def units(rows: list[tuple[str, date | None, str | None]], name: str) -> list[Decimal]:
    """A derived name of lines of one procedure, each with its units, its last day and its revenue code."""
    types = schema(Level.LINE)
    lines = pl.DataFrame(
        {
            "claim": pl.Series([1] * len(rows), dtype=types["claim"]),
            "line": pl.Series(range(1, len(rows) + 1), dtype=types["line"]),
            "procedure": ["J0696"] * len(rows),
            "units": pl.Series([Decimal(row[0]) for row in rows], dtype=types["units"]),
            "service_from_on": [FIRST] * len(rows),
            "service_to_on": pl.Series([row[1] for row in rows], dtype=pl.Date),
            "revenue_code": pl.Series([row[2] for row in rows], dtype=pl.String),
            "line_rendering_npi": ["1003000126"] * len(rows),
        }
    )
    claims = pl.DataFrame({"claim": pl.Series([1], dtype=schema(Level.CLAIM)["claim"]), "form": ["I"]})
    known = facts(ClaimBatch.of({Level.CLAIM: claims, Level.LINE: lines}), as_of=date(2025, 9, 1))
    return known.column(Level.LINE, name).to_list()


@pytest.mark.parametrize(
    ("given", "through", "expected"),
    [
        ("28", date(2025, 8, 7), "4"),
        ("3", date(2025, 8, 2), "2"),  # 1.5 is rounded up
        ("6", date(2025, 10, 29), "0"),  # 6 over 90 days
        ("1.5", FIRST, "1.5"),
        ("1.5", None, "1.5"),
        ("28", date(2025, 7, 30), "28"),  # days that run backwards are a finding of their own
    ],
)
def test_a_line_over_several_days_is_divided_by_them(given: str, through: date | None, expected: str) -> None:
    assert units([(given, through, None)], "units_of_day") == [Decimal(expected)]


def test_lines_of_one_day_are_summed_as_they_are_divided() -> None:
    rows: list[tuple[str, date | None, str | None]] = [("28", date(2025, 8, 7), "0636"), ("2", FIRST, "0636")]
    assert units(rows, "procedure_units_of_day") == [Decimal(6), Decimal(6)]


def test_practitioners_on_the_bill_of_a_hospital_are_counted_apart() -> None:
    rows: list[tuple[str, date | None, str | None]] = [
        ("1", FIRST, "0360"), ("1", FIRST, "0975"), ("1", FIRST, "0989"), ("1", FIRST, "0990"),
    ]  # fmt: skip
    assert units(rows, "procedure_units_of_day") == [Decimal(2)] * 4
