"""Loads newer published files from a folder: each is recognised by its name, and loaded if it is newer.

No network is used: only files in the folder are considered.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from claimwright.reference import Version, dataset, snapshot
from claimwright.reference.versions import checksum, stored_versions

from .changes import Changes, changes
from .layouts import recognised
from .periods import period_of
from .problems import ReferenceFileError
from .store import load


@dataclass(frozen=True, slots=True)
class Update:
    """The result for the files of one release: the version, or why there is none.

    `outcome` is loaded, present, refused or unknown.
    """

    files: tuple[Path, ...]
    dataset: str | None
    outcome: str
    version: Version | None = None
    problem: str = ""
    changes: Changes | None = None


def update(folder: Path, store: Path, *, now: datetime, into: Path | None = None) -> list[Update]:
    """Load every file of a folder that belongs to a dataset and is not in the store yet.

    Each version is compared with the previous version in force. `into` is another store to load into, used
    for a plan: the versions in force stay in force.

    Parts of one release, such as the four files of a quarter's pairs, are loaded together. An invalid file
    does not prevent the others from being loaded.

    Raises:
        NotADirectoryError: there is no such folder.
        ReferenceStoreError: the store cannot be written to.
        ReferenceDataError: a version of the store is damaged.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder}: is not a folder")
    known = {source for version in stored_versions(store) for source in version.sources}
    return [_update(name, files, store, known, now, into or store) for name, files in _releases(folder)]


def _releases(folder: Path) -> Iterable[tuple[str | None, tuple[Path, ...]]]:
    """Files by dataset and release, in the order of their names."""
    groups: dict[tuple[str | None, str], list[Path]] = {}
    for path in sorted(
        entry for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith(".")
    ):
        for name in recognised(path.name) or _inside(path) or (None,):
            groups.setdefault((name, _release(name, path)), []).append(path)
    for (name, _), files in groups.items():
        yield name, tuple(files)


def _inside(path: Path) -> tuple[str, ...]:
    """The datasets of the files within a zip whose own name is not recognised, such as rvu26c.zip."""
    if path.suffix.lower() != ".zip":
        return ()
    try:
        with zipfile.ZipFile(path) as archive:
            names = [Path(each).name for each in archive.namelist()]
    except zipfile.BadZipFile:
        return ()
    return tuple(dict.fromkeys(found for name in names for found in recognised(name)))


def _release(name: str | None, path: Path) -> str:
    """The common name of the parts of one release: their name without the number of the part."""
    if name is None or period_of(dataset(name), path.name) is None:
        return path.name
    return re.sub(r"[-_ ]f[0-9](?=\.)", "", path.name.lower())


def _update(
    name: str | None, files: tuple[Path, ...], store: Path, known: set[str], now: datetime, into: Path
) -> Update:
    if name is None:
        return Update(files, None, "unknown")
    if all(f"{path.name} (sha256 {checksum(path)})" in known for path in files):
        return Update(files, name, "present")
    try:
        before = snapshot(now.date(), store).version(name)
        version = load(name, files, into, now=now)
        return Update(files, name, "loaded", version, changes=changes(before, version))
    except ReferenceFileError as refused:
        return Update(files, name, "refused", problem=str(refused))
