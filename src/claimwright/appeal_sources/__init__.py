"""The sources that appeal letters may cite, as data: laws, manuals, determinations, each with its dates.

This module only finds the texts. The engine that reads a file checks its content
(`claimwright.engines.drafting`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["packaged_requirements", "packaged_sources"]
_REQUIREMENTS = "requirements.yaml"


@cache
def packaged_sources() -> dict[str, str]:
    """The texts of the files of sources, by file name, sorted."""
    return {
        f"appeal_sources/{entry.name}": entry.read_text(encoding="utf-8")
        for entry in sorted(files(__package__).iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".yaml") and entry.name != _REQUIREMENTS
    }


@cache
def packaged_requirements() -> str:
    """The text of what a letter must have, by kind of payer and level."""
    return (files(__package__) / _REQUIREMENTS).read_text(encoding="utf-8")
