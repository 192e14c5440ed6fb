"""Packs and windows: what comes out is what a plain sum over all rows says."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from claimwright.engines.kpis.known import MEASURES
from claimwright.engines.kpis.packing import (
    PLACES,
    by_pack,
    merged,
    pack_columns,
    pack_recent,
    packed,
    read_recent,
    unpacked,
)
from claimwright.engines.kpis.rollup import DAYS
from claimwright.engines.kpis.windows import Window, stretches_of, summed_by, windowed

FIRST = datetime.date(2025, 11, 20)
NUMBERS = st.integers(-(2**62), 2**62)
DAY = st.integers(0, 130).map(lambda days: FIRST + datetime.timedelta(days))
ROW = st.fixed_dictionaries(
    {
        "fact": st.sampled_from([PLACES["denied"], PLACES["payment_wait"], PLACES["ar_insurance"]]),
        "on_day": DAY,
        "facility": st.integers(1, 3),
        "value": st.integers(0, 70_000),
        "bucket": st.integers(-1, 32_000),
        **{measure: st.integers(-(10**11), 10**11) for measure in MEASURES},
    }
)


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=DAYS, orient="row")


@given(st.lists(st.lists(NUMBERS, min_size=3, max_size=3), max_size=20))
def test_numbers_come_back_as_they_were_packed(rows: list[list[int]]) -> None:
    columns = [np.array([row[at] for row in rows], dtype=np.int64) for at in range(3)]
    found = unpacked(packed(columns), 3)
    assert all(column is not None for column in found)
    assert [column.tolist() for column in found if column is not None] == [each.tolist() for each in columns]
    only = unpacked(packed(columns), 3, [2])
    assert (only[0], only[1]) == (None, None)
    assert only[2] is not None
    assert only[2].tolist() == columns[2].tolist()


@settings(max_examples=40)
@given(
    st.lists(ROW, max_size=40),
    st.lists(ROW, max_size=40),
    st.lists(st.tuples(st.none() | DAY, DAY), max_size=6),
)
def test_windows_over_packs_are_sums_over_all_rows(
    first: list[dict[str, Any]],
    second: list[dict[str, Any]],
    ends: list[tuple[datetime.date | None, datetime.date]],
) -> None:
    old = {(each.fact, each.grain, each.begins): each.content for each in merged(by_pack(frame(first)), {})}
    there = {key: content for key, content in old.items() if content is not None}
    packs = {
        **there,
        **{(p.fact, p.grain, p.begins): p.content for p in merged(by_pack(frame(second)), there)},
    }
    windows = [
        Window(number, begins, max(begins, until) if begins else until)
        for number, (begins, until) in enumerate(ends)
    ]
    stretches = stretches_of(windows)
    names = ["on_day", "facility", "items", "cents"]
    parts = []
    for grain, wanted in (("day", stretches.by_day), ("month", stretches.by_month)):
        contents = [
            (PLACES[fact], content)
            for (fact, of, _), content in packs.items()
            if of == grain and content is not None
        ]
        days = pack_columns(contents, names)
        if len(days["fact"]) and wanted:
            parts.append(windowed(days, wanted))
    told: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for part in parts:
        summed = summed_by(part, ["window", "fact", "facility"])
        for window, fact, facility, items, cents in zip(
            *(summed[name].tolist() for name in ("window", "fact", "facility", "items", "cents")), strict=True
        ):
            told[window, fact, facility][0] += items
            told[window, fact, facility][1] += cents
    plain: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for window in windows:
        for row in (*first, *second):
            if (window.begins is None or row["on_day"] >= window.begins) and row["on_day"] <= window.ends:
                plain[window.number, row["fact"], row["facility"]][0] += row["items"]
                plain[window.number, row["fact"], row["facility"]][1] += row["cents"]
    assert {key: sums for key, sums in told.items() if any(sums)} == {
        key: sums for key, sums in plain.items() if any(sums)
    }


@given(st.lists(ROW, min_size=1, max_size=20))
def test_what_changed_lately_is_read_by_the_numbers_of_the_names(rows: list[dict[str, Any]]) -> None:
    numbers = [place * 7 + 3 for place in range(len(PLACES))]
    days = frame(rows)
    assert read_recent(pack_recent(days, numbers), numbers).equals(days)


def test_what_comes_to_nothing_is_no_pack() -> None:
    row = {"fact": PLACES["denied"], "on_day": FIRST, "facility": 1, "value": 2, "bucket": -1}
    there = frame([{**row, **dict.fromkeys(MEASURES, 5)}])
    gone = frame([{**row, **dict.fromkeys(MEASURES, -5)}])
    old = {(each.fact, each.grain, each.begins): each.content for each in merged(by_pack(there), {})}
    assert {each.grain for each in merged(by_pack(there), {})} == {"day", "month"}
    left = list(merged(by_pack(gone), {key: content for key, content in old.items() if content is not None}))
    assert [each.content for each in left] == [None, None]
