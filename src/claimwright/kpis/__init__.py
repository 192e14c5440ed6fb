"""The figures (KPIs) as data: one YAML file for each, with its source, benchmark and cases.

This module only finds the texts. The engine that reads a file checks its content
(`claimwright.engines.kpis`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["packaged_kpis"]


@cache
def packaged_kpis() -> dict[str, str]:
    """The texts of the figures that ship with the package, by file name, sorted."""
    entries = sorted(files(__package__).iterdir(), key=lambda entry: entry.name)
    return {
        f"kpis/{entry.name}": entry.read_text(encoding="utf-8")
        for entry in entries
        if entry.name.endswith(".yaml")
    }
