"""Pairs of lines: found by comparing within claims, the same as by sorting all lines."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import facts
from claimwright.domain.dictionary import Level
from claimwright.engines.rules.pairs import Neighbours, _by_sorting

from .conftest import DAY

LINES = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from(["99213", "80053", None]), st.integers(0, 2)), max_size=30
)


def batch_of(lines: list[tuple[int, str | None, int]]) -> ClaimBatch:
    frame = pl.DataFrame(
        {
            "claim": [claim for claim, _, _ in lines],
            "line": pl.Series(range(1, len(lines) + 1), dtype=pl.Int32),
            "procedure": pl.Series([procedure for _, procedure, _ in lines], dtype=pl.String),
            "service_from_on": pl.Series(
                [date(2025, 3, 1) + timedelta(days=day) if day else None for _, _, day in lines],
                dtype=pl.Date,
            ),
        }
    )
    return ClaimBatch.of({Level.CLAIM: pl.DataFrame({"claim": [1, 2, 3, 4, 5]}), Level.LINE: frame})


@given(LINES, st.sampled_from([("procedure",), ("service_from_on",), ("procedure", "service_from_on")]))
def test_comparing_within_claims_finds_what_sorting_finds(
    lines: list[tuple[int, str | None, int]], agree_on: tuple[str, ...]
) -> None:
    known = facts(batch_of(lines), as_of=DAY)
    compared = Neighbours(known).agreeing(agree_on)
    ordered = _by_sorting(known, agree_on)
    assert sorted(zip(*(rows.tolist() for rows in compared), strict=True)) == sorted(
        zip(*(rows.tolist() for rows in ordered), strict=True)
    )


def test_a_claim_of_very_many_lines_is_sorted() -> None:
    lines = [(1, f"{number % 400:05}", 1) for number in range(900)]
    neighbours = Neighbours(facts(batch_of(lines), as_of=DAY))
    assert neighbours.pairs is None
    first, second = neighbours.agreeing(("procedure",))
    expected = sum(count * (count - 1) for count in (3 if number < 100 else 2 for number in range(400)))
    assert len(first) == len(second) == expected
