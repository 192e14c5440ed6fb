"""Versions: what one load of a dataset made, or what came with the package, and which is in force on a day.

A store is a folder with a folder for each dataset, and in it one for each version: the table and its
manifest. A version appears there by the renaming of a finished folder, and is never changed afterwards, so
that a reader sees all of it or nothing. Names that begin with a dot are work in progress.

    STORE/hcpcs/2026-01-01_5f0c1a9b/manifest.json
    STORE/hcpcs/2026-01-01_5f0c1a9b/table.parquet

Errors:
    ReferenceDataError    a manifest or a table is not what it was when it was stored
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from claimwright.foundation.errors import CatalogError

MANIFEST = "manifest.json"
TABLE = "table.parquet"
PUBLISHED = "published.json"
"""The manifest of the package's tables that are whole files of CMS (`scripts/build_cms_files.py`)."""
LAYOUT = 1
"""Number of the way in which manifests and tables are written; a store of another number is refused."""

_HERE = Path(str(files(__package__)))
STARTER = _HERE / "starter"
_PRICING = _HERE / "pricing"
_CODES = _HERE / "codes"


class ReferenceDataError(CatalogError):
    """Reference data that cannot be used: damaged, or written by another release."""


class Coverage(StrEnum):
    """How much of a dataset a version holds."""

    FULL = "full"
    """Everything that its publisher has published of it."""
    STARTER = "starter"
    """What comes with the package: the facts for the commonest procedures."""
    PARTIAL = "partial"
    """Less than the publisher's file should have; somebody loaded it knowing so."""
    NONE = "none"
    """Nothing: no version is loaded."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a dataset, with the days between which it is in force, both included, None
    where open.
    """

    dataset: str
    version: str
    coverage: Coverage
    effective_from: date | None
    effective_to: date | None
    rows: int
    sha256: str
    path: Path
    sources: tuple[str, ...]
    loaded_at: datetime | None = None

    @property
    def is_of_package(self) -> bool:
        """Whether it came with the package, rather than from the user's store."""
        return self.loaded_at is None

    def covers(self, day: date) -> bool:
        """Whether it says of itself that it is in force on this day."""
        return (self.effective_from or day) <= day <= (self.effective_to or day)

    def manifest(self) -> dict[str, Any]:
        """What is written beside the table."""
        return {
            "layout": LAYOUT,
            "dataset": self.dataset,
            "version": self.version,
            "coverage": self.coverage.value,
            "effective_from": _text(self.effective_from),
            "effective_to": _text(self.effective_to),
            "rows": self.rows,
            "sha256": self.sha256,
            "sources": list(self.sources),
            "loaded_at": _text(self.loaded_at),
        }

    @classmethod
    def of(cls, manifest: Mapping[str, Any], path: Path) -> Version:
        """The version that a manifest describes, its table at `path`.

        Raises:
            ReferenceDataError: something is missing from the manifest or of another kind.
        """
        try:
            if manifest["layout"] != LAYOUT:
                raise ReferenceDataError(f"{path.parent}: stored by another release; load the files again")
            return cls(
                str(manifest["dataset"]),
                str(manifest["version"]),
                Coverage(manifest["coverage"]),
                _day(manifest["effective_from"]),
                _day(manifest["effective_to"]),
                int(manifest["rows"]),
                str(manifest["sha256"]),
                path,
                tuple(str(source) for source in manifest["sources"]),
                datetime.fromisoformat(manifest["loaded_at"]) if manifest["loaded_at"] else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ReferenceDataError(
                f"{path.parent / MANIFEST}: not a manifest; load the files again"
            ) from error


def _text(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def checksum(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def packaged_versions() -> tuple[Version, ...]:
    """The versions that came with the package: the starter pack, the fee schedules, the short code lists."""
    manifest = json.loads((STARTER / "manifest.json").read_text(encoding="utf-8"))
    published = json.loads((STARTER / PUBLISHED).read_text(encoding="utf-8"))
    starter = [
        Version.of(entry, STARTER / entry.get("table", f"{entry['dataset']}.parquet"))
        for entry in (*manifest, *published)
    ]
    kept, code_lists = (map(_kept_by_hand, sorted(folder.glob("*.csv"))) for folder in (STARTER, _CODES))
    return (*starter, *kept, *_fee_schedules(), _base_units(), *code_lists)


def _fee_schedules() -> Iterable[Version]:
    """The fee schedule of each year that ships for pricing: the same rows serve both."""
    lines = (_PRICING / "schedules.csv").read_text(encoding="utf-8").splitlines()
    names = lines[0].split(",")
    for line in lines[1:]:
        entry = dict(zip(names, line.split(",", len(names) - 1), strict=True))
        for name, table in (
            ("physician_fee_schedule", f"relative_values_{entry['year']}.parquet"),
            ("practice_cost_indices", "gpci.csv"),
            ("anesthesia_factors", "anesthesia_conversion_factors.csv"),
        ):
            if name == "anesthesia_factors" and entry["year"] not in _years_of_anesthesia():
                continue
            yield Version(
                name, entry["release"], Coverage.FULL, _day(entry["effective_on"]), _day(entry["expires_on"]),
                -1, "", _PRICING / table, (f"CMS, PFS Relative Value Files, {entry['release']}",),
            )  # fmt: skip


@cache
def _years_of_anesthesia() -> frozenset[str]:
    lines = (_PRICING / "anesthesia_conversion_factors.csv").read_text(encoding="utf-8").splitlines()
    return frozenset(line[:4] for line in lines[1:])


def _base_units() -> Version:
    return Version(
        "anesthesia_base_units", "2022", Coverage.FULL, date(2022, 1, 1), date(2022, 12, 31), -1, "",
        _PRICING / "anesthesia_base_units.csv", ("CMS, Anesthesia Base Units by CPT code, 2022",),
    )  # fmt: skip


def _kept_by_hand(path: Path) -> Version:
    """A table whose few rows are written by hand, a line each, with their sources at its head."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    coverage = Coverage.STARTER if path.stem == "payers" else Coverage.FULL
    rows = len(lines) - len(head) - 1
    return Version(path.stem, "packaged", coverage, None, None, rows, "", path, (_sources(" ".join(head)),))


def _sources(head: str) -> str:
    """What the head of a table that is kept by hand says of where it is from."""
    return re.sub(r"^.*?Sources?(?:, by row)?: ", "", head)


def stored_versions(store: Path) -> tuple[Version, ...]:
    """The versions of a store; none where there is no such folder.

    Raises:
        ReferenceDataError: a version has no readable manifest, or its table is missing.
    """
    if not store.is_dir():
        return ()
    found = []
    for folder in sorted(entry for entry in store.glob("*/*") if entry.is_dir()):
        if folder.name.startswith(".") or folder.parent.name.startswith("."):
            continue
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ReferenceDataError(
                f"{folder / MANIFEST}: cannot be read; remove the folder and load again"
            ) from error
        version = Version.of(manifest, folder / TABLE)
        if not version.path.is_file():
            raise ReferenceDataError(f"{version.path}: missing; remove the folder and load again")
        found.append(version)
    return tuple(found)


_BEGINNING = date.min


def in_force(versions: Sequence[Version], day: date) -> Version | None:
    """The version that applies on a day: one that covers it, else the newest that began before it.

    Of several that cover the day the user's goes before the package's, then the one that began last, then
    the one loaded last. A publisher's edition therefore stays in use until there is a newer one.
    """
    begun = [version for version in versions if (version.effective_from or _BEGINNING) <= day]
    if not begun:
        return None

    def started(version: Version) -> tuple[date, str]:
        return version.effective_from or _BEGINNING, _text(version.loaded_at) or ""

    covering = [version for version in begun if version.covers(day)]
    if covering:
        return max(covering, key=lambda version: (not version.is_of_package, *started(version)))
    return max(begun, key=lambda version: (started(version)[0], not version.is_of_package, *started(version)))
