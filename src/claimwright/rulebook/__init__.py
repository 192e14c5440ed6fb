"""The packaged rules as data: one YAML file for each rule, in a folder for each family.

This module only finds the texts. The engine that reads a rule file checks its content
(`claimwright.engines.rules`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

__all__ = ["RuleSource", "base_claims", "packaged_rules", "packaged_signals", "rules_in"]

# A rule fits on a page, so a larger file is not a rule.
LARGEST_FILE = 200_000

# Folders without rules: the clean claims of the cases, and the signals over whole files.
_SIGNALS = "file_signals"
_NO_FAMILIES = {"base", _SIGNALS}


@dataclass(frozen=True, slots=True)
class RuleSource:
    """The text of one rule file, and the file name that messages show."""

    file: str
    text: str
    is_packaged: bool = False


@cache
def packaged_rules() -> tuple[RuleSource, ...]:
    """The texts of the rules that ship with the package, in the order of their paths."""
    families = (folder for folder in _folders(files(__package__)) if folder.name not in _NO_FAMILIES)
    return tuple(
        source for family in sorted(families, key=lambda folder: folder.name) for source in _sources(family)
    )


@cache
def packaged_signals() -> tuple[RuleSource, ...]:
    """The texts of the signals that ship with the package: rules over a whole file."""
    return tuple(_sources(files(__package__) / _SIGNALS))


def _sources(family: Traversable) -> Iterable[RuleSource]:
    for rule in sorted(family.iterdir(), key=lambda path: path.name):
        if rule.name.endswith(".yaml"):
            text = rule.read_text(encoding="utf-8")
            yield RuleSource(f"rulebook/{family.name}/{rule.name}", text, is_packaged=True)


def _folders(folder: Traversable) -> Iterable[Traversable]:
    return (entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("__"))


@cache
def base_claims() -> dict[str, str]:
    """The texts of the clean claims on which the cases of rules build, by form letter."""
    folder = files(__package__) / "base"
    return {
        entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }


def rules_in(path: Path) -> tuple[RuleSource, ...]:
    """The texts of the rule files at a path: one file, or every `.yaml` and `.yml` below a folder.

    Raises:
        FileNotFoundError: there is nothing at the path.
        ValueError: a file is not UTF-8 text, or too large to be a rule.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    if path.is_file():
        return (_read(path),)
    found = sorted(
        entry for entry in path.rglob("*") if entry.suffix in {".yaml", ".yml"} and entry.is_file()
    )
    return tuple(_read(entry) for entry in found)


def _read(path: Path) -> RuleSource:
    data = path.read_bytes()
    if len(data) > LARGEST_FILE:
        raise ValueError(f"{path}: {len(data)} bytes are too many for a rule; one file holds one rule")
    try:
        return RuleSource(str(path), data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from error
