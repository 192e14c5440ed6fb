"""Deadlines and prompt-pay rules as dated data: YAML files with their laws.

This module only finds the texts. The engine that reads a file checks its content
(`claimwright.engines.deadlines`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["packaged_deadlines"]


@cache
def packaged_deadlines() -> dict[str, str]:
    """The texts of the files that ship with the package, by file name, sorted."""
    entries = sorted(files(__package__).iterdir(), key=lambda entry: entry.name)
    return {
        f"deadline_rules/{entry.name}": entry.read_text(encoding="utf-8")
        for entry in entries
        if entry.name.endswith(".yaml")
    }
