"""Newer published files in a folder: each recognised by its name, and loaded where it is newer.

There is no network: what is not in the folder is not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from claimwright.reference import Version, dataset
from claimwright.reference.versions import checksum, stored_versions

from .layouts import recognised
from .periods import period_of
from .problems import ReferenceFileError
from .store import load


@dataclass(frozen=True, slots=True)
class Update:
    """What became of the files of one release: the version, or why there is none.

    `outcome` is loaded, present, refused or unknown.
    """

    files: tuple[Path, ...]
    dataset: str | None
    outcome: str
    version: Version | None = None
    problem: str = ""


def update(folder: Path, store: Path, *, now: datetime) -> list[Update]:
    """Load every file of a folder that belongs to a dataset and is not in the store yet.

    Parts of one release, such as the four files of a quarter's pairs, are loaded together. One bad file does
    not keep the others from being loaded.

    Raises:
        NotADirectoryError: there is no such folder.
        ReferenceStoreError: the store cannot be written to.
        ReferenceDataError: a version of the store is damaged.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder}: is no folder")
    known = {source for version in stored_versions(store) for source in version.sources}
    return [_update(name, files, store, known, now) for name, files in _releases(folder)]


def _releases(folder: Path) -> Iterable[tuple[str | None, tuple[Path, ...]]]:
    """Files by dataset and release, in the order of their names."""
    groups: dict[tuple[str | None, str], list[Path]] = {}
    for path in sorted(
        entry for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith(".")
    ):
        for name in recognised(path.name) or (None,):
            groups.setdefault((name, _release(name, path)), []).append(path)
    for (name, _), files in groups.items():
        yield name, tuple(files)


def _release(name: str | None, path: Path) -> str:
    """What the parts of one release have in common: their name without the number of the part."""
    if name is None or period_of(dataset(name), path.name) is None:
        return path.name
    return re.sub(r"[-_ ]f[0-9](?=\.)", "", path.name.lower())


def _update(name: str | None, files: tuple[Path, ...], store: Path, known: set[str], now: datetime) -> Update:
    if name is None:
        return Update(files, None, "unknown")
    if all(f"{path.name} (sha256 {checksum(path)})" in known for path in files):
        return Update(files, name, "present")
    try:
        return Update(files, name, "loaded", load(name, files, store, now=now))
    except ReferenceFileError as refused:
        return Update(files, name, "refused", problem=str(refused))
