"""What an edition changes against the one before it: codes added, ended and changed, and the rules that ask.

The steps of a regulatory update are kept beside the store, one record an update: notification (which files
came, and what they are), impact (codes and rules), validation (what the loader held them against), release
(who approved, and when).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from claimwright.reference import Version, dataset
from claimwright.reference.asked_datasets import datasets_asked
from claimwright.reference.lookups import LOOKUPS
from claimwright.reference.tables import PAIRS, scan

if TYPE_CHECKING:
    from claimwright.engines.rules import Rule

RECORDS = ".updates"
"""The folder of the store that keeps the records of updates; names with a dot are no datasets."""

# Columns of keys that hold a procedure.
_PROCEDURES = ("procedure", "column_1")

# So many codes of each kind are named; the counts are of all.
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Changes:
    """How a version differs from the one that was in force before it.

    Attributes:
        dataset: which.
        before: the version before; None where there was none.
        after: the version that came.
        added, ended, changed: keys that it alone has, that it no longer has, and whose values differ.
        examples: some of them by kind.
        procedures: codes of procedures that ended or changed, where the dataset is keyed by procedure. Stored
            claims with them may be judged or priced differently.
    """

    dataset: str
    before: str | None
    after: str
    added: int
    ended: int
    changed: int
    examples: Mapping[str, tuple[str, ...]]
    procedures: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = [f"{self.added:,} added", f"{self.ended:,} ended", f"{self.changed:,} changed"]
        if self.before is None:
            return f"{self.dataset}: {self.added:,} codes, none before"
        return f"{self.dataset}: {', '.join(told)} since {self.before}"


def changes(before: Version | None, after: Version) -> Changes:
    """What a version changes. Rows that a key has several of, by their days, count as one.

    Raises:
        ReferenceDataError: a table cannot be read.
    """
    about = dataset(after.dataset)
    key = list(about.key) or list(about.schema)[:1]
    values = [name for name in about.schema if name not in key]
    if before is None:
        return Changes(about.name, None, after.version, _by_key(after, key, []).height, 0, 0, {})
    # A column that one of the two does not have, as the factor of the package's schedules, is no change.
    values = [name for name in values if _is_filled(before, name) and _is_filled(after, name)]
    new, old = _by_key(after, key, values), _by_key(before, key, values)
    added = new.join(old, on=key, how="anti", nulls_equal=True)
    ended = old.join(new, on=key, how="anti", nulls_equal=True)
    both = new.join(old, on=key, how="inner", nulls_equal=True, suffix="_before")
    other = both.filter(pl.col("values") != pl.col("values_before"))
    kinds = {"added": added, "ended": ended, "changed": other}
    procedure = next((name for name in _PROCEDURES if name in key), None)
    if about.name == "hcpcs":
        procedure = "code"
    touched = pl.concat([ended.select(key), other.select(key)])
    procedures = touched[procedure].unique().sort().to_list() if procedure else []
    return Changes(
        about.name, before.version, after.version, added.height, ended.height, other.height,
        {kind: _some(rows, key) for kind, rows in kinds.items()}, tuple(procedures),
    )  # fmt: skip


def _is_filled(version: Version, column: str) -> bool:
    return scan(version).select(pl.col(column).is_not_null().any()).collect().item() is True


def _by_key(version: Version, key: list[str], values: list[str]) -> pl.DataFrame:
    """One row a key, with a number that stands for all its other values."""
    if version.dataset in PAIRS:
        values = ["indicator", "valid_to"]
    number = pl.struct(values).hash() if values else pl.lit(0, pl.UInt64)
    frame = scan(version).select(*key, number.alias("values"))
    return frame.group_by(key).agg(pl.col("values").sort().implode().hash()).collect()


def _some(rows: pl.DataFrame, key: list[str]) -> tuple[str, ...]:
    shown = rows.sort(key).head(_NAMED).select(pl.concat_str(key, separator=" ", ignore_nulls=True))
    return tuple(shown.to_series().to_list())


def rules_by_dataset(rules: Iterable[Rule]) -> dict[str, list[str]]:
    """The codes of the rules that ask each dataset, directly or through a function."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        lookups = [lookup for lookup in rule.predicate.lookups if lookup.function.name in LOOKUPS]
        for name in {
            name for lookup in lookups for name in datasets_asked(lookup.function.name, lookup.literals)
        }:
            found.setdefault(name, []).append(rule.code)
    return {name: sorted(codes) for name, codes in found.items()}


@dataclass(frozen=True, slots=True)
class UpdateRecord:
    """The four steps of one update, as they are kept."""

    notification: tuple[str, ...]
    impact: tuple[str, ...]
    validation: tuple[str, ...]
    approver: str
    released_at: str


def keep(record: UpdateRecord, store: Path, *, now: datetime) -> Path:
    """Write the record of an update beside the store, and say where.

    Raises:
        OSError: it cannot be written.
    """
    folder = store / RECORDS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now:%Y%m%dT%H%M%S}.json"
    path.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    return path
