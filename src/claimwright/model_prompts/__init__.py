"""The prompts that ship with the package: one file a task, with front matter, governed like templates."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files


def packaged_prompts() -> Mapping[str, str]:
    """The texts of the files, by file name."""
    found = (each for each in files(__name__).iterdir() if each.name.endswith(".md"))
    return {each.name: each.read_text(encoding="utf-8") for each in sorted(found, key=lambda each: each.name)}
