"""Sums in packs: some columns of numbers of one fact, dimension and stretch of time, as one value.

A pack begins with its number of rows and, for each column, how many bytes a number has; the columns follow,
each number little-endian and signed. A column of zeros has no bytes. So a year of a figure by payer is some
kilobytes, read in a millisecond.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from .fact_catalogue import FACTS
from .known import MEASURES
from .rollup import DAYS, WAITS

Numbers = npt.NDArray[np.int64]
# Columns of numbers by name, all of one length.
Columns = Mapping[str, Numbers]
_COLUMNS = ("on_day", "facility", "value", "bucket", *MEASURES)
# Of what changed lately, all facts of a dimension are in one pack; `fact` is the number of its name.
_RECENT = ("fact", *_COLUMNS)
_WIDTHS = (1, 2, 4, 8)
_HEAD = struct.Struct("<I")
# `day`: of a month. `month`: of a year. `sent`: waits by the day on which they began, of a month.
GRAINS = ("day", "month", "sent")
FACT_NAMES = tuple(FACTS)
PLACES = {name: place for place, name in enumerate(FACT_NAMES)}
_WAITS = [PLACES[name] for name in WAITS]
_EPOCH = date(1970, 1, 1)
# More days than there are until the last day that a date can be.
_DAYS_OF_PACKS = 1 << 22


@dataclass(frozen=True)
class Pack:
    """One pack of a dimension; without content, there is nothing left in it."""

    fact: str
    grain: str
    begins: date
    content: bytes | None


def packed(columns: Sequence[Numbers]) -> bytes:
    """Columns of numbers as one value."""
    widths, parts = [], []
    for column in columns:
        low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
        if low == high == 0:
            widths.append(0)
            continue
        width = next(each for each in _WIDTHS if -(1 << 8 * each - 1) <= low and high < 1 << 8 * each - 1)
        widths.append(width)
        parts.append(column.astype(f"<i{width}").tobytes())
    rows = len(columns[0]) if columns else 0
    return b"".join([_HEAD.pack(rows), bytes(widths), *parts])


def unpacked(content: bytes, columns: int, only: Collection[int] = ()) -> list[Numbers | None]:
    """The columns of a value, of which there are so many; `only` some of them, by their places."""
    (rows,), at = _HEAD.unpack_from(content), _HEAD.size + columns
    found: list[Numbers | None] = []
    for place, width in enumerate(content[_HEAD.size : at]):
        if only and place not in only:
            found.append(None)
        elif width == 0:
            found.append(np.zeros(rows, dtype=np.int64))
        else:
            found.append(np.frombuffer(content, f"<i{width}", rows, at).astype(np.int64))
        at += rows * width
    return found


def pack_columns(contents: Iterable[tuple[int, bytes]], names: Sequence[str]) -> Columns:
    """Columns of packs, each given with the place of its fact: `fact`, and `names` of those of `DAYS`.

    Days are numbers of days since 1970.
    """
    places = [_COLUMNS.index(name) for name in names]
    facts: list[int] = []
    parts: list[list[Numbers | None]] = []
    for fact, content in contents:
        facts.append(fact)
        parts.append(unpacked(content, len(_COLUMNS), places))
    return _joined(facts, parts, names, places)


def _joined(
    facts: Sequence[int],
    parts: Sequence[Sequence[Numbers | None]],
    names: Sequence[str],
    places: Sequence[int],
) -> Columns:
    if not parts:
        return {name: np.zeros(0, dtype=np.int64) for name in ("fact", *names)}
    columns = {
        name: np.concatenate([column for part in parts if (column := part[place]) is not None])
        for name, place in zip(names, places, strict=True)
    }
    rows = [len(column) for part in parts if (column := part[places[0]]) is not None]
    return {"fact": np.repeat(facts, rows), **columns}


def read_packs(contents: Iterable[tuple[int, bytes]]) -> pl.DataFrame:
    """The rows of packs, each given with the place of its fact: the columns of `DAYS`."""
    return _days(pl.DataFrame(dict(pack_columns(contents, _COLUMNS))))


def pack_recent(days: pl.DataFrame, numbers: Sequence[int]) -> bytes:
    """Sums by day of all facts of a dimension as one value.

    `numbers` has the number of each fact's name, by its place.
    """
    known = dict(enumerate(numbers))
    return packed(_numbers(days.with_columns(pl.col("fact").replace_strict(known)), _RECENT))


def read_recent(content: bytes, numbers: Sequence[int]) -> pl.DataFrame:
    """What `pack_recent` packed."""
    return _days(pl.DataFrame(dict(recent_columns(content, numbers, _COLUMNS))))


def recent_columns(content: bytes, numbers: Sequence[int], names: Sequence[str]) -> Columns:
    """Columns of what `pack_recent` packed: `fact`, and `names` of those of `DAYS`."""
    places = {number: place for place, number in enumerate(numbers)}
    wanted = ("fact", *names)
    columns = unpacked(content, len(_RECENT), [_RECENT.index(name) for name in wanted])
    found = {name: column for name, column in zip(_RECENT, columns, strict=True) if column is not None}
    told, inverse = np.unique(found["fact"], return_inverse=True)
    facts = np.array([places[number] for number in told.tolist()], dtype=np.int64)
    return {**{name: found[name] for name in names}, "fact": facts[inverse]}


def summed(days: pl.DataFrame) -> pl.DataFrame:
    """One row for equal keys, without those that come to nothing."""
    keys = [name for name in days.columns if name not in MEASURES]
    return (
        days.group_by(keys)
        .agg(pl.col(MEASURES).sum())
        .filter(pl.any_horizontal(pl.col(measure) != 0 for measure in MEASURES))
    )


def by_pack(days: pl.DataFrame) -> pl.DataFrame:
    """The same sums by day, by month, and waits by the day on which they began, each with its `pack`."""
    month = days.with_columns(pl.col("on_day").dt.truncate("1mo"))
    waits = days.filter(pl.col("fact").is_in(_WAITS)).with_columns(bucket=pl.lit(-1, pl.Int16))
    grains = [(days, "1mo"), (month, "1y"), (waits, "1mo")]
    return pl.concat(
        frame.select(_pack(grain, stretch), *_COLUMNS) for grain, (frame, stretch) in enumerate(grains)
    )


def _pack(grain: int, stretch: str) -> pl.Expr:
    """A number by which packs are told apart: of its fact, its grain, and the days since 1970."""
    begins = pl.col("on_day").dt.truncate(stretch).to_physical().cast(pl.Int64)
    kind = pl.col("fact").cast(pl.Int64) * len(GRAINS) + grain
    return (kind * _DAYS_OF_PACKS + begins).alias("pack")


def keys_of(packs: Iterable[int]) -> list[tuple[str, str, date]]:
    """Fact, grain and first day of packs."""
    found = []
    for pack in packs:
        kind, days = divmod(pack, _DAYS_OF_PACKS)
        fact, grain = divmod(kind, len(GRAINS))
        found.append((FACT_NAMES[fact], GRAINS[grain], _EPOCH + timedelta(days=days)))
    return found


def merged(sums: pl.DataFrame, old: Mapping[tuple[str, str, date], bytes]) -> Iterator[Pack]:
    """The packs with these sums, which `by_pack` made, added to what was in them."""
    packs = sums["pack"].unique().to_list()
    keys = dict(zip(packs, keys_of(packs), strict=True))
    there = {pack: old[key] for pack, key in keys.items() if key in old}
    places = list(there)
    rows = read_packs((place, there[pack]) for place, pack in enumerate(places))
    known = pl.Series(places, dtype=pl.Int64).gather(rows["fact"].cast(pl.UInt32)) if places else None
    parts = [sums]
    if known is not None:
        parts.append(rows.with_columns(pack=known).select(sums.columns))
    both = summed(pl.concat(parts)).sort("pack")
    columns = _numbers(both, _COLUMNS)
    left, at = set(there), 0
    for pack, count in both["pack"].rle().struct.unnest().select("value", "len").iter_rows():
        left.discard(pack)
        fact, grain, begins = keys[pack]
        yield Pack(fact, grain, begins, packed([column[at : at + count] for column in columns]))
        at += count
    for pack in left:
        fact, grain, begins = keys[pack]
        yield Pack(fact, grain, begins, None)


def _numbers(days: pl.DataFrame, names: Sequence[str]) -> list[Numbers]:
    plain = days.select(
        pl.col(name).to_physical().cast(pl.Int64) if name == "on_day" else pl.col(name).cast(pl.Int64)
        for name in names
    )
    return [plain[name].to_numpy() for name in names]


def _days(numbers: pl.DataFrame) -> pl.DataFrame:
    return numbers.with_columns(pl.col("on_day").cast(pl.Int32)).select(
        pl.col(name).cast(dtype) for name, dtype in DAYS.items()
    )
