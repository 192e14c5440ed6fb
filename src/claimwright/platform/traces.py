"""Traces that a store leaves outside its database.

They show that a missing database was lost, not never created.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claimwright.platform.settings import Settings

# Folders of object storage that only a store writes: source files, and audit checkpoints.
_OF_A_STORE = ("files", "audit")


def store_traces(settings: Settings) -> Sequence[str]:
    """What is left of the store that the settings name: its key-encryption key, its objects.

    Raises:
        ObjectError: object storage can't be read.
    """
    from claimwright.platform.objects import open_objects

    found = []
    if settings.phi.key_file.exists():
        found.append(f"its key {settings.phi.key_file}")
    objects = open_objects(settings)
    kept = [folder for folder in _OF_A_STORE if next(objects.keys(folder), None) is not None]
    return found + [f"{folder}/ in {settings.objects.url}" for folder in kept]
