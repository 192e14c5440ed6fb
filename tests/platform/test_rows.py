"""Rows in PostgreSQL's binary COPY format, as compiled: against the format's description, byte for byte.

What the server makes of them is in tests/store/test_copying.py.
"""

from __future__ import annotations

import datetime
import random
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from struct import pack
from typing import Any

import polars as pl
import pytest
from tests.compiled import needs_rows, other_library

from claimwright.platform.database import rows as compiled
from claimwright.platform.database.rows import binary_rows

# Object ids of PostgreSQL's types: pg_type.dat.
BOOL, BYTEA, INT8, INT2, INT4, TEXT, FLOAT4, FLOAT8 = 16, 17, 20, 21, 23, 25, 700, 701
DATE, TIMESTAMPTZ, NUMERIC, UUID = 1082, 1184, 1700, 2950


def numeric(value: Decimal) -> bytes:
    """numeric_recv: the count of digits to base 10,000, the first one's power, sign, decimals, digits."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    scale = -exponent
    padding = -scale % 4
    whole = int("".join(map(str, digits)) + "0" * padding)
    groups: list[int] = []
    while whole:
        whole, group = divmod(whole, 10_000)
        groups.insert(0, group)
    weight = len(groups) - (scale + padding) // 4 - 1 if groups else 0
    while groups and not groups[-1]:
        groups.pop()
    return pack(f">HhHH{len(groups)}H", len(groups), weight, 0x4000 if sign else 0, scale, *groups)


# Each: the type here, the type there, a value of it, what the server reads of the value.
Kind = tuple[pl.DataType, int, Callable[[random.Random], Any], Callable[[Any], bytes]]
WORDS = ["", "é", "99213", "12 letters..", "13 letters...", 'a, "b"\nc\\N', "x" * 300]
BEGINNING = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


def instant(dice: random.Random) -> datetime.datetime:
    return BEGINNING + datetime.timedelta(days=dice.randrange(-9999, 9999), microseconds=dice.randrange(9))


def amount(dice: random.Random) -> int:
    return dice.choice([0, 1, -1, 10**4, -(10**8), dice.randrange(-(10 ** dice.randrange(1, 17)), 10**16)])


KINDS: dict[str, Kind] = {
    "bool": (pl.Boolean(), BOOL, lambda dice: dice.random() < 0.5, lambda it: pack(">?", it)),
    "tiny": (pl.Int8(), INT2, lambda dice: dice.randrange(-128, 128), lambda it: pack(">h", it)),
    "small": (pl.Int16(), INT2, lambda dice: dice.randrange(-(2**15), 2**15), lambda it: pack(">h", it)),
    "whole": (pl.Int32(), INT4, lambda dice: dice.randrange(-(2**31), 2**31), lambda it: pack(">i", it)),
    "widened": (pl.Int32(), INT8, lambda dice: dice.randrange(-(2**31), 2**31), lambda it: pack(">q", it)),
    "narrowed": (pl.Int64(), INT2, lambda dice: dice.randrange(-(2**15), 2**15), lambda it: pack(">h", it)),
    "large": (pl.Int64(), INT8, lambda dice: dice.randrange(-(2**63), 2**63), lambda it: pack(">q", it)),
    "counted": (pl.UInt32(), INT8, lambda dice: dice.randrange(2**32), lambda it: pack(">q", it)),
    "bytewise": (pl.UInt8(), INT4, lambda dice: dice.randrange(2**8), lambda it: pack(">i", it)),
    "halves": (pl.UInt16(), INT2, lambda dice: dice.randrange(2**15), lambda it: pack(">h", it)),
    "all": (pl.UInt64(), INT8, lambda dice: dice.randrange(2**63), lambda it: pack(">q", it)),
    "real": (pl.Float32(), FLOAT4, lambda dice: dice.randrange(1000) / 8, lambda it: pack(">f", it)),
    "double": (pl.Float64(), FLOAT8, lambda dice: dice.gauss(0, 1e9), lambda it: pack(">d", it)),
    "text": (pl.String(), TEXT, lambda dice: dice.choice(WORDS), lambda it: it.encode()),
    "bytes": (pl.Binary(), BYTEA, lambda dice: dice.randbytes(dice.choice([0, 5, 12, 13, 80])), bytes),
    "uuid": (
        pl.String(), UUID,
        lambda dice: dice.choice([str, lambda it: str(it).upper()])(uuid.UUID(int=dice.getrandbits(128))),
        lambda it: uuid.UUID(it).bytes,
    ),
    "day": (
        pl.Date(), DATE, lambda dice: datetime.date.fromordinal(dice.randrange(1, 3_652_060)),
        lambda it: pack(">i", (it - BEGINNING.date()).days),
    ),
    "instant": (
        pl.Datetime("us", "UTC"), TIMESTAMPTZ,
        instant,
        lambda it: pack(">q", (it - BEGINNING) // datetime.timedelta(microseconds=1)),
    ),
    **{
        f"scale {scale}": (
            pl.Decimal(18, scale), NUMERIC,
            lambda dice, scale=scale: Decimal(amount(dice)).scaleb(-scale),
            numeric,
        )
        for scale in (0, 1, 2, 3, 4, 9)
    },
    "nothing": (pl.Null(), INT4, lambda _: None, bytes),
}  # fmt: skip


def made(names: list[str], count: int, dice: random.Random, *, nulls: float) -> pl.DataFrame:
    return pl.DataFrame(
        {
            name: pl.Series(
                name,
                [None if dice.random() < nulls else KINDS[name][2](dice) for _ in range(count)],
                dtype=KINDS[name][0],
            )
            for name in names
        }
    )


def described(frame: pl.DataFrame) -> bytes:
    """The frame in the format as it is described: COPY, "Binary Format"."""
    content = [b"PGCOPY\n\xff\r\n\0" + bytes(8)]
    for row in frame.iter_rows():
        content.append(pack(">h", len(row)))
        for name, value in zip(frame.columns, row, strict=True):
            written = None if value is None else KINDS[name][3](value)
            content.append(pack(">i", -1) if written is None else pack(">i", len(written)) + written)
    return b"".join([*content, b"\xff\xff"])


def types_of(frame: pl.DataFrame) -> list[int]:
    return [KINDS[name][1] for name in frame.columns]


@needs_rows
@pytest.mark.parametrize("nulls", [0, 0.3, 1])
@pytest.mark.parametrize("name", KINDS)
def test_each_type_is_written_as_the_format_describes(name: str, nulls: float) -> None:
    frame = made([name], 300, random.Random(837), nulls=nulls)
    assert binary_rows(frame, types_of(frame)) == described(frame)


@needs_rows
def test_frames_are_written_whole_however_they_lie_in_memory() -> None:
    dice = random.Random(5010)
    for _ in range(150):
        names = dice.sample(list(KINDS), dice.randrange(1, len(KINDS)))
        parts = [made(names, dice.randrange(40), dice, nulls=dice.choice([0, 0.2])) for _ in range(3)]
        first = dice.randrange(10)
        frame = pl.concat(parts, rechunk=False).slice(first, dice.randrange(100))
        assert binary_rows(frame, types_of(frame)) == described(frame)
        mixed = frame.select(pl.all().sample(fraction=1, with_replacement=True, seed=dice.randrange(99)))
        assert binary_rows(mixed, types_of(mixed)) == described(mixed)


@needs_rows
@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (pl.Series([40_000]), INT2),
        (pl.Series([-(2**31) - 1]), INT4),
        (pl.Series([2**63], dtype=pl.UInt64), INT8),
        (pl.Series([1]), NUMERIC),
        (pl.Series([0.1]), FLOAT4),
        (pl.Series(["2026-01-01"]), DATE),
        (pl.Series(["1.5"]), NUMERIC),
        (pl.Series([b"x"]), TEXT),
        (pl.Series(["x"]), BYTEA),
        (pl.Series(["x"], dtype=pl.Categorical), TEXT),
        (pl.Series(["x"], dtype=pl.Enum(["x"])), TEXT),
        (pl.Series([[1]]), INT8),
        (pl.Series(["0" * 36]), UUID),
        (pl.Series(["00000000-0000-0000-0000-00000000000g"]), UUID),
        (pl.Series(["00000000-0000-0000-0000-0000000000"]), UUID),
        (pl.Series([-800_000], dtype=pl.Int32).cast(pl.Date), DATE),
        (pl.Series([3_000_000], dtype=pl.Int32).cast(pl.Date), DATE),
        (pl.Series([datetime.datetime(2026, 1, 1)]), TIMESTAMPTZ),  # noqa: DTZ001 - that it has no zone is the point
        (pl.Series([2**62], dtype=pl.Int64).cast(pl.Datetime("us", "UTC")), TIMESTAMPTZ),
        (pl.Series([Decimal(10**18)], dtype=pl.Decimal(38, 2)), NUMERIC),
        (pl.Series([Decimal(-(10**30))], dtype=pl.Decimal(38, 2)), NUMERIC),
        (pl.Series([1]), 0),
    ],
)
def test_what_is_not_plainly_good_is_left_to_the_server(values: pl.Series, type_: int) -> None:
    assert binary_rows(pl.DataFrame({"good": [1], "other": values}), [INT8, type_]) is None


@needs_rows
def test_a_library_of_another_source_is_not_used(tmp_path: Path) -> None:
    changed = tmp_path / "rows.c"
    changed.write_bytes(compiled.SOURCE.read_bytes() + b"\n")
    with other_library(compiled) as patch:
        patch.setattr(compiled, "SOURCE", changed)
        assert compiled.rows_library() is None


def test_without_a_library_nothing_is_written_in_binary(tmp_path: Path) -> None:
    strange = tmp_path / "_rows.so"
    strange.write_bytes(b"\x7fELF of something else")
    with other_library(compiled) as patch:
        patch.setattr(compiled, "LIBRARY", strange)
        assert compiled.rows_library() is None
        assert binary_rows(pl.DataFrame({"one": [1]}), [INT8]) is None
