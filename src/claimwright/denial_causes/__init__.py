"""The classification of denials as data: one YAML file for each cause, with its cases.

This module only finds the texts. The engine that reads a file checks its content
(`claimwright.engines.denials`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["packaged_causes"]


@cache
def packaged_causes() -> dict[str, str]:
    """The texts of the causes that ship with the package, by file name, sorted."""
    entries = sorted(files(__package__).iterdir(), key=lambda entry: entry.name)
    return {
        f"denial_causes/{entry.name}": entry.read_text(encoding="utf-8")
        for entry in entries
        if entry.name.endswith(".yaml")
    }
