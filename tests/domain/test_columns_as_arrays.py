"""What stands behind columns, as arrays: whole numbers, days, units of decimals, flags."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.foundation import columns
from claimwright.foundation.columns import distinct, numbers, taken, truths

_KINDS: dict[str, tuple[pl.DataType, st.SearchStrategy[object]]] = {
    "int8": (pl.Int8(), st.integers(-128, 127)),
    "int32": (pl.Int32(), st.integers(-(2**31), 2**31 - 1)),
    "int64": (pl.Int64(), st.integers(-(2**63), 2**63 - 1)),
    "uint16": (pl.UInt16(), st.integers(0, 2**16 - 1)),
    "date": (pl.Date(), st.dates()),
    "amount": (
        pl.Decimal(18, 2),
        st.integers(-(10**15), 10**15).map(lambda cents: Decimal(cents).scaleb(-2)),
    ),
}


def _whole(value: object) -> int:
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days
    return int(value.scaleb(2)) if isinstance(value, Decimal) else int(str(value))


@pytest.mark.parametrize("kind", _KINDS)
@given(data=st.data())
def test_numbers_are_what_the_column_holds(kind: str, data: st.DataObject) -> None:
    dtype, values = _KINDS[kind]
    held = data.draw(st.lists(st.none() | values, max_size=30))
    first = data.draw(st.integers(0, len(held)))
    column = pl.concat([pl.Series(held[:1], dtype=dtype), pl.Series(held[1:], dtype=dtype)])[first:]
    found, present = numbers(column)
    expected = held[first:]
    there = [value is not None for value in expected]
    assert (all(there) if present is None else present.tolist() == there) or not expected
    assert [number for number, value in zip(found.tolist(), expected, strict=True) if value is not None] == [
        _whole(value) for value in expected if value is not None
    ]


@given(st.lists(st.none() | st.booleans(), max_size=40), st.integers(0, 40))
def test_truths_are_the_flags_that_are_true(flags: list[bool | None], first: int) -> None:
    column = pl.concat([pl.Series(flags[:3], dtype=pl.Boolean), pl.Series(flags[3:], dtype=pl.Boolean)])
    assert truths(column[first:]).tolist() == [flag is True for flag in flags[first:]]


def test_rows_are_taken_of_every_column_and_minus_one_is_null() -> None:
    frame = pl.DataFrame({"a": ["x", "y", None], "b": [1, 2, 3]})
    assert taken(frame, np.array([2, -1, 0, 0])).rows() == [(None, 3), (None, None), ("x", 1), ("x", 1)]


@given(st.lists(st.none() | st.sampled_from(["", "a", "b", "Zoë", "long enough to be elsewhere"])))
def test_a_short_column_is_numbered_as_a_long_one(texts: list[str | None]) -> None:
    column = pl.Series([None, *texts], dtype=pl.String)[1:]
    places, values = distinct(column)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_SHORT", -1)
        long_places, long_values = distinct(column)
    assert values.to_list() == long_values.to_list()
    assert places.dtype == long_places.dtype
    assert places.tolist() == long_places.tolist()
