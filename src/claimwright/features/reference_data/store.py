"""The user's store of versions: install one atomically, list them, verify that they are unchanged.

Errors:
    ReferenceFileError     the files cannot be loaded
    ReferenceStoreError             the store cannot be written or read
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from claimwright.foundation.errors import StoreError
from claimwright.reference import ReferenceDataError, Snapshot, Version, snapshot
from claimwright.reference.tables import write_table
from claimwright.reference.versions import MANIFEST, TABLE, checksum, packaged_versions, stored_versions

from .loading import Loaded, load_files, version_name

SETTING = "CLAIMWRIGHT_REFERENCE"
"""The environment variable that names the store."""


class ReferenceStoreError(StoreError):
    """The store cannot be written to."""


def default_store() -> Path:
    """The folder of the user's reference data: from the setting, or the platform's usual folder for program
    data.
    """
    named = os.environ.get(SETTING)
    if named:
        return Path(named).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "claimwright" / "reference"


def reference_snapshot(as_of: date, store: Path | None = None) -> Snapshot:
    """The reference data of the package and the user's store on a day; the default store if none is given.

    Raises:
        ReferenceDataError: a version of the store is damaged.
    """
    return snapshot(as_of, store or default_store())


def load(
    name: str,
    paths: Sequence[Path],
    store: Path,
    *,
    now: datetime,
    effective_from: date | None = None,
    effective_to: date | None = None,
    partial: bool = False,
) -> Version:
    """Load the files of a dataset into the store. If a file is refused, the version in force stays in force.

    If the same files were loaded before, the existing version is returned.

    Raises:
        KeyError: there is no such dataset.
        ReferenceFileError: something is wrong with a file; nothing has changed.
        ReferenceStoreError: the store cannot be written to.
        ReferenceDataError: a version of the store is damaged.
    """
    current = snapshot(now.date(), store).version(name)
    loaded = load_files(
        name,
        paths,
        effective_from=effective_from,
        effective_to=effective_to,
        partial=partial,
        current=current,
    )
    return install(loaded, store, now=now)


def install(loaded: Loaded, store: Path, *, now: datetime) -> Version:
    """Put checked rows into the store as a version.

    Everything is written to a temporary folder and then renamed once, so that readers never see an
    incomplete version.

    Raises:
        ReferenceStoreError: the store cannot be written to.
    """
    name = loaded.dataset.name
    target = store / name / version_name(loaded)
    present = next((known for known in stored_versions(store) if known.path.parent == target), None)
    if present is not None:
        return present
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=store) as folder:
            whole = Path(folder) / target.name
            whole.mkdir()
            version = _written(loaded, whole, target, now)
            whole.rename(target)
    except OSError as error:
        raise ReferenceStoreError(f"{store}: cannot be written to: {error.strerror or error}") from error
    return version


def _written(loaded: Loaded, folder: Path, target: Path, now: datetime) -> Version:
    table = folder / TABLE
    write_table(loaded.dataset, loaded.rows, table)
    version = Version(
        loaded.dataset.name, target.name, loaded.coverage, loaded.period.first, loaded.period.last,
        loaded.rows.height, checksum(table), target / TABLE,
        tuple(str(source) for source in loaded.sources), now,
    )  # fmt: skip
    manifest = folder / MANIFEST
    manifest.write_text(json.dumps(version.manifest(), indent=2) + "\n", encoding="utf-8")
    for path in (table, manifest):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    return version


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a version is unchanged since it was stored; `problem` is empty if it
    is.
    """

    version: Version
    problem: str


def verify(store: Path) -> list[Verified]:
    """Verify every version of the package and the store: the table's hash and its number of rows.

    Raises:
        ReferenceDataError: a version of the store has no readable manifest.
    """
    return [
        Verified(version, _problem(version)) for version in (*packaged_versions(), *stored_versions(store))
    ]


def _problem(version: Version) -> str:
    from claimwright.reference.tables import scan

    if version.sha256 and checksum(version.path) != version.sha256:
        return "the table has changed since it was stored; remove the folder and load again"
    try:
        rows = scan(version).collect().height
    except ReferenceDataError:
        return "the table cannot be read; remove the folder and load again"
    return "" if version.rows in {-1, rows} else f"has {rows:,} rows, not {version.rows:,}"
