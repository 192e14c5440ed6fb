"""A signal as its file states it: what is counted, the dated bounds, and the authority.

There are two kinds. `share` compares, for each provider, how many of the counted lines are marked with the
same share of the other providers of its taxonomy. `day` adds up the units of the counted lines of a provider
on one day. One YAML file holds one signal, in `claimwright.rulebook`, with cases of both outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from claimwright.domain.findings import SNIP_TYPES, Severity
from claimwright.foundation.located_yaml import read_mapping
from claimwright.rulebook import RuleSource, packaged_signals

SHARE, DAY = "share", "day"

_TEXTS = ("code", "name", "title", "what", "why", "fix")
_BOUNDS = {
    SHARE: (
        "least_lines", "least_of_each", "least_peers", "least_peer_lines", "standard_errors", "deviations",
        "margin",
    ),
    DAY: ("most_units",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """A counted group: ranges of procedures, both ends included; and which of these lines are marked.

    Marked are some procedures, or lines with one of some modifiers; nothing is marked for the kind `day`.
    """

    name: str
    counted: tuple[tuple[str, str], ...]
    marked: tuple[tuple[str, str], ...] = ()
    modifiers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The bounds from a date on, and their source."""

    valid_from: date
    source: str
    bounds: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        return self.bounds[name]


@dataclass(frozen=True, slots=True)
class SignalCase:
    """A provider, its peers or its days, and whether the signal fires on it."""

    name: str
    fires: bool
    given: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal."""

    code: str
    name: str
    title: str
    severity: Severity
    snip: int
    kind: str
    authority: tuple[str, ...]
    what: str
    why: str
    fix: str
    groups: tuple[Group, ...]
    thresholds: tuple[Thresholds, ...]
    cases: tuple[SignalCase, ...] = field(repr=False)
    file: str = ""

    def bounds_on(self, day: date) -> Thresholds | None:
        """The bounds in force on a day; None before the first."""
        begun = [entry for entry in self.thresholds if entry.valid_from <= day]
        return max(begun, key=lambda entry: entry.valid_from) if begun else None


@cache
def load_signals() -> tuple[Signal, ...]:
    """The built-in signals, in the order of their codes."""
    return tuple(sorted(map(read_signal, packaged_signals()), key=lambda signal: signal.code))


def read_signal(source: RuleSource) -> Signal:
    """The signal of a file.

    Raises:
        ValueError: something is missing or invalid; the message says what, and names the file.
    """

    def refused(what: str) -> ValueError:
        return ValueError(f"{source.file}: {what}")

    data = read_mapping(source.text, source.file)
    texts = {key: " ".join(str(data.get(key, "")).split()) for key in _TEXTS}
    for key, text in texts.items():
        if not text:
            raise refused(f"{key} is missing")
    if data.get("kind") not in _BOUNDS:
        raise refused("kind is neither share nor day")
    kind, snip = str(data["kind"]), data.get("snip")
    if snip not in SNIP_TYPES:
        raise refused("snip is not a SNIP type")
    authority = tuple(" ".join(entry.split()) for entry in data.get("authority", ()))
    thresholds = tuple(_thresholds(entry, kind, refused) for entry in data.get("thresholds", ()))
    groups = tuple(_group(entry, refused) for entry in data.get("groups", ()))
    cases = tuple(
        SignalCase(
            str(entry["name"]),
            bool(entry["fires"]),
            {key: value for key, value in entry.items() if key not in {"name", "fires"}},
        )
        for entry in data.get("cases", ())
    )
    if not (authority and thresholds and groups):
        raise refused("authority, thresholds and groups all have at least one entry")
    if {case.fires for case in cases} != {True, False}:
        raise refused("cases of both outcomes are wanted")
    return Signal(
        texts["code"], texts["name"], texts["title"], Severity(data.get("severity", "note")), snip, kind,
        authority, texts["what"], texts["why"], texts["fix"], groups, thresholds, cases, source.file,
    )  # fmt: skip


def _thresholds(entry: Mapping[str, Any], kind: str, refused: Any) -> Thresholds:
    bounds = {key: entry[key] for key in _BOUNDS[kind] if isinstance(entry.get(key), int | float)}
    source = " ".join(str(entry.get("source", "")).split())
    if len(bounds) < len(_BOUNDS[kind]) or not source or type(entry.get("from")) is not date:
        raise refused(f"thresholds have from, source, {', '.join(_BOUNDS[kind])}")
    return Thresholds(entry["from"], source, bounds)


def _group(entry: Mapping[str, Any], refused: Any) -> Group:
    def ranges(key: str) -> tuple[tuple[str, str], ...]:
        return tuple((str(first), str(last)) for first, last in entry.get(key, ()))

    group = Group(
        str(entry.get("name", "")), ranges("counted"), ranges("marked"), frozenset(entry.get("modifiers", ()))
    )
    if not group.name or not group.counted or (group.marked and group.modifiers):
        raise refused("a group has a name, counted, and marked or modifiers")
    return group
