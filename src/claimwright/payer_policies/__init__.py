"""Coverage policies that ship: public national determinations, their criteria in our words, as data.

This module only finds the texts; the engine that reads a file checks its content
(`claimwright.engines.criteria`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["packaged_policies"]


@cache
def packaged_policies() -> dict[str, str]:
    """The texts of the policies, by file name, sorted."""
    return {
        f"payer_policies/{entry.name}": entry.read_text(encoding="utf-8")
        for entry in sorted(files(__package__).iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".yaml")
    }
