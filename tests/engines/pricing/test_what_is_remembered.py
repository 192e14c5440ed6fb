"""A pricer remembers what it has looked up; what it has seen before makes no difference to a price."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings

from claimwright.engines.pricing import Pricer
from claimwright.engines.pricing.memo_table import NONE, OTHER, Codes, Remembered
from claimwright.engines.pricing.money import decimals
from claimwright.foundation.columns import taken

from .conftest import frames, service
from .test_properties import claims_of_lines, numbered

CONTRACTS = """
contracts:
  - {payer_id: A, kind: medicare_pfs, effective_on: 2024-03-09, expires_on: 2025-06-02}
  - {payer_id: A, kind: rvu, effective_on: 2025-06-03, terms: {carry_forward: 2025}}
  - {payer_id: B, kind: percent_of_charge, terms: {percent: 50}}
  - {kind: medicare_pfs, expires_on: 2024-03-08, terms: {locality: national}}
"""
WORN = Pricer.from_text(CONTRACTS, "contracts.yaml")


@settings(max_examples=10)
@given(claims_of_lines)
def test_a_pricer_that_has_priced_much_prices_like_a_new_one(claims: list[list[dict[str, Any]]]) -> None:
    for payer, state in (("A", "OH"), ("B", None), (None, "AK"), ("ELSEWHERE", "CA")):
        asked = frames(numbered(claims), payer=payer, state=state)
        assert WORN.price(*asked).equals(Pricer.from_text(CONTRACTS, "contracts.yaml").price(*asked))


def test_a_pricer_that_was_asked_nothing_first_prices_like_a_new_one(medicare: Pricer) -> None:
    claims, lines = frames([service("99213"), service("00142", "QK", units="30", unit_basis="MJ")])
    fresh = Pricer.default()
    assert fresh.price(claims.clear(), lines.clear()).is_empty()
    assert fresh.price(claims, lines).equals(medicare.price(claims, lines))


def test_two_threads_price_what_one_does(medicare: Pricer) -> None:
    batches = [
        frames([service(code, on=f"{year}-0{month}-09", place=place)], state=state)
        for code in ("99213", "70551")
        for year, month in ((2021, 2), (2024, 3), (2025, 6))
        for place in ("11", "21", "24")
        for state in ("OH", "AK", "ME", None)
    ]
    fresh = Pricer.default()
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda batch: fresh.price(*batch), batches))
    for found, batch in zip(together, batches, strict=True):
        assert found.equals(medicare.price(*batch))


def test_every_day_about_a_turn_prices_as_it_does_alone(medicare: Pricer) -> None:
    """Days between two turning days are one period; the conversion factor of 2024 changed on March 9."""
    days = [date(2024, 3, 5) + timedelta(number) for number in range(6)]
    days += [date(2025, 12, 30) + timedelta(number) for number in range(4)]
    pricer = Pricer.default(carry_forward=2025)
    rows = [service("99213", on=day.isoformat()) for day in days]
    together = pricer.price(*frames(rows))
    for place, row in enumerate(rows):
        alone = Pricer.default(carry_forward=2025).price(*frames([{**row, "line": place + 1}]))
        assert alone.equals(together[place : place + 1])
    by_day = dict(zip(days, together["conversion_factor"].cast(pl.String), strict=True))
    assert (by_day[date(2024, 3, 8)], by_day[date(2024, 3, 9)]) == ("32.7442", "33.2875")
    assert by_day[date(2025, 12, 31)] == "32.3465"
    assert by_day[date(2026, 1, 1)] not in {None, "32.3465"}


def test_a_discontinued_service_is_priced_alike_whatever_else_is_in_the_batch(medicare: Pricer) -> None:
    """A year's own row for modifier 53 counts for that year only."""
    lines = [service("45378", "53", on=f"{year}-05-02", claim=year) for year in (2020, 2023, 2025)]
    together = medicare.price(*frames(lines))
    for number, line in enumerate(lines):
        alone = medicare.price(*frames([{**line, "line": number + 1}]))
        assert alone.equals(together[number : number + 1])


def test_values_that_make_no_difference_share_a_number() -> None:
    codes = Codes("place", ["21", "22", "21"])
    found = pl.DataFrame({"place": ["22", None, "99", "21", "nowhere"]}).select(codes.numbers)
    assert found["place_code"].to_list() == [3, NONE, OTHER, 2, OTHER]
    assert codes.values(np.array([0, 2, 3])).to_list() == [None, "21", "22"]


def test_each_combination_is_asked_for_once() -> None:
    asked: list[tuple[int, int]] = []

    def answer(tens: Any, ones: Any) -> pl.DataFrame:
        asked.extend(zip(tens.tolist(), ones.tolist(), strict=True))
        return pl.DataFrame({"value": pl.Series(tens * 10 + ones, dtype=pl.Int64)})

    memory = Remembered(answer, 10, 10)
    for tens, ones in (([4, 0, 4], [2, 7, 2]), ([0, 9], [7, 9]), ([], [])):
        rows = memory.rows(np.array(tens, dtype=np.int64), np.array(ones, dtype=np.int64))
        assert memory.table["value"].gather(rows).to_list() == [
            a * 10 + b for a, b in zip(tens, ones, strict=True)
        ]
    assert sorted(asked) == [(0, 7), (4, 2), (9, 9)]
    assert memory.table["value"][0] is None
    assert memory.numbers("value").tolist()[0] == 0


@pytest.mark.parametrize("rows", [[], [-1], [1, -1, 0, 2, -1, -1, 1, 0, -1]])
def test_a_row_that_is_not_there_is_null(rows: list[int]) -> None:
    table = pl.DataFrame({"name": ["a", "b", "c"]})
    expected = [None if row < 0 else "abc"[row] for row in rows]
    assert taken(table, np.array(rows, dtype=np.int64))["name"].to_list() == expected


@pytest.mark.parametrize("amounts", [[], [None], [0, -1, None, 123456789012345678, 5, None, 7, 8, 9, 10]])
def test_whole_cents_become_dollars_exactly(amounts: list[int | None]) -> None:
    column = pl.Series(amounts, dtype=pl.Int64)
    dollars = [None if amount is None else Decimal(amount).scaleb(-2) for amount in amounts]
    for cut in (0, 1):
        assert decimals(column[cut:], 2).dtype == pl.Decimal(18, 2)
        assert decimals(column[cut:], 2).to_list() == dollars[cut:]
