"""The inputs of commands that read claims: 837 files, folders of them, and folders of tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claimwright.features.intake import Source


def claim_sources(paths: Iterable[str]) -> list[Source]:
    """The inputs of these paths; claims in another format are converted to the equivalent 837.

    Raises:
        SourceError: a path does not exist, or a folder contains no file.
    """
    from claimwright.features.intake import Source, sources

    found: list[Source] = []
    for path in paths:
        if path != "-" and _is_table_folder(Path(path)):
            found.append(Source(path, None, made=partial(_tables, Path(path))))
        else:
            found += sources([path])
    return found


def _is_table_folder(path: Path) -> bool:
    from claimwright.features.conversion import is_table_folder

    return path.is_dir() and is_table_folder(path)


def _tables(folder: Path) -> Iterator[bytes]:
    from claimwright.engines.x12 import write_837
    from claimwright.features.conversion import read_tables

    return write_837(read_tables(folder))
