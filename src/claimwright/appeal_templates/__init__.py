"""The letter templates that ship with the package, one file each.

This module only finds the texts. The engine that reads a file checks its content
(`claimwright.engines.drafting`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["packaged_templates"]


@cache
def packaged_templates() -> dict[str, str]:
    """The texts of the templates, by file name, sorted."""
    return {
        f"appeal_templates/{entry.name}": entry.read_text(encoding="utf-8")
        for entry in sorted(files(__package__).iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".md")
    }
