"""What an edition changes from the previous one: codes added, ended and changed, and the rules that use them.

The steps of a regulatory update are recorded in the store, one record per update: notification (which files
came, and what they are), impact (codes and rules), validation (the checks of the loader), release (who
approved, and when).
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
"""The folder of the store with the records of updates; names with a dot are not datasets."""

# Key columns that contain a procedure code.
_PROCEDURES = ("procedure", "column_1")

# At most this many codes of each kind are listed; the counts include all.
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Changes:
    """How a version differs from the previous version in force.

    Attributes:
        dataset: the dataset's name.
        before: the previous version; None if there was none.
        after: the new version.
        added, ended, changed: number of keys that are new, that are gone, and whose values differ.
        examples: some of them by kind.
        procedures: procedure codes that ended or changed, if the dataset is keyed by procedure. Stored claims
            with these codes may get other findings or prices.
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
    """What a version changes. Several dated rows of one key count as one.

    Raises:
        ReferenceDataError: a table cannot be read.
    """
    about = dataset(after.dataset)
    key = list(about.key) or list(about.schema)[:1]
    values = [name for name in about.schema if name not in key]
    if before is None:
        return Changes(about.name, None, after.version, _by_key(after, key, []).height, 0, 0, {})
    # A column that only one of the two has, such as the factor of the package's schedules, is not a change.
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
    """One row per key, with a hash of all its other values."""
    if version.dataset in PAIRS:
        values = ["indicator", "valid_to"]
    number = pl.struct(values).hash() if values else pl.lit(0, pl.UInt64)
    frame = scan(version).select(*key, number.alias("values"))
    return frame.group_by(key).agg(pl.col("values").sort().implode().hash()).collect()


def _some(rows: pl.DataFrame, key: list[str]) -> tuple[str, ...]:
    shown = rows.sort(key).head(_NAMED).select(pl.concat_str(key, separator=" ", ignore_nulls=True))
    return tuple(shown.to_series().to_list())


def rules_by_dataset(rules: Iterable[Rule]) -> dict[str, list[str]]:
    """The codes of the rules that use each dataset, directly or through a function."""
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
    """The four steps of one update, as recorded."""

    notification: tuple[str, ...]
    impact: tuple[str, ...]
    validation: tuple[str, ...]
    approver: str
    released_at: str


def keep(record: UpdateRecord, store: Path, *, now: datetime) -> Path:
    """Write the record of an update into the store, and return its path.

    Raises:
        OSError: it cannot be written.
    """
    folder = store / RECORDS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now:%Y%m%dT%H%M%S}.json"
    path.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    return path
