"""Runs the rules over claims as they are and as they would be, and tells the difference. Stores nothing."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.claim_changes import Change, Changed, with_changes
from claimwright.domain.derived import KnownOccurrences
from claimwright.domain.removed_lines import without_lines
from claimwright.engines.rules import Repairer, Waiver, waived
from claimwright.features.checking import Checker, meaning_of
from claimwright.features.reference_data import reference_snapshot

from .writing import beside, renumbered, written

_GRAVITY = {"block": 0, "warn": 1, "note": 2}


@dataclass(frozen=True)
class ShownFinding:
    """A finding as a person reads it; never a value of the claim."""

    code: str
    title: str
    severity: str
    line: int | None
    field: str | None
    detail: str | None


@dataclass(frozen=True)
class Trial:
    """What the rules say after a change: the findings that go, come and stay, without waived ones.

    `blocks` is true where a new finding blocks the claim. `route` is where the rules alone would send it.
    """

    gone: list[ShownFinding]
    new: list[ShownFinding]
    left: list[ShownFinding]
    blocks: bool
    route: str

    @property
    def ended(self) -> list[str]:
        """Rules that have no finding any more."""
        return sorted({each.code for each in self.gone} - {each.code for each in (*self.left, *self.new)})


@dataclass(frozen=True)
class Variant:
    """A claim with changes: the batch of one claim, and what was changed in it.

    `repeats` is the occurrence of its number and of its content in its own file. `left` is what went with
    lines that were removed; `numbers` has the old number of each line that stays, by its new one. Changes and
    findings name lines by their old numbers, which are those that the person sees.
    """

    batch: ClaimBatch
    changed: Sequence[Changed] = ()
    repeats: tuple[int, int] = (1, 1)
    left: Sequence[Changed] = ()
    numbers: Mapping[int, int] = field(default_factory=dict)

    @property
    def changed_rows(self) -> Sequence[Changed]:
        """What was changed, by the numbers that lines have in the batch."""
        if not self.numbers:
            return self.changed
        new = {old: number for number, old in self.numbers.items()}
        return [
            each if each.change.line is None
            else replace(each, change=replace(each.change, line=new[each.change.line]))
            for each in self.changed
        ]  # fmt: skip


@dataclass(frozen=True)
class CheckedVariant:
    """A variant as it would be written; `is_writable` is false where it would come back differently."""

    batch: ClaimBatch
    findings: list[ShownFinding]
    is_writable: bool


@dataclass
class Bench:
    """The rules of a day, ready: a checker without state, and the repairs of its rulebook."""

    checker: Checker
    repairer: Repairer = field(init=False)

    def __post_init__(self) -> None:
        self.repairer = Repairer(self.checker.rulebook, reference=lambda _: self.checker.reference)

    @property
    def day(self) -> datetime.date:
        """The evaluation date."""
        return self.checker.as_of

    def title_of(self, code: str) -> str:
        """What a code means, in one sentence."""
        try:
            return meaning_of(code, self.checker.rulebook).title
        except KeyError:
            return code

    def run(self, variants: Sequence[Variant], waivers: Sequence[Waiver]) -> list[CheckedVariant]:
        """The findings of each variant, all in one scan, worst first."""
        if not variants:
            return []
        batch = beside(each.batch for each in variants)
        result = written(batch, {at: each.changed_rows for at, each in enumerate(variants, start=1)})
        seen = KnownOccurrences(*zip(*(each.repeats for each in variants), strict=True))
        checked = self.checker.check(result.batch, result.findings, seen=seen, threads=1)
        findings = waived(checked.findings, result.batch, waivers, as_of=self.day)
        shown: list[list[ShownFinding]] = [[] for _ in variants]
        kept = findings.filter(pl.col("claim").is_not_null() & pl.col("waiver").is_null())
        for row in kept.select("claim", "code", "severity", "line", "field", "element", "detail").iter_rows():
            claim, code, severity, line, name, element, detail = row
            words = " ".join(each for each in (element if name is None else None, detail) if each) or None
            line = variants[claim - 1].numbers.get(line, line)
            shown[claim - 1].append(ShownFinding(code, self.title_of(code), str(severity), line, name, words))
        return [
            CheckedVariant(
                renumbered(result.batch.select([at]), 1),
                sorted(each, key=lambda one: (_GRAVITY[one.severity], one.code, one.line or 0)),
                at not in result.unwritable,
            )
            for at, each in enumerate(shown, start=1)
        ]

    def proposed(self, batch: ClaimBatch, codes: Iterable[str]) -> dict[str, list[Change]]:
        """What the repairs of these rules would change, by code."""
        return self.repairer.propose(batch, codes, as_of=self.day)


def changed_claim(
    batch: ClaimBatch,
    changes: Iterable[Change],
    repeats: tuple[int, int] = (1, 1),
    removed_lines: Collection[int] = (),
) -> Variant:
    """A claim with the changes, and then without the lines; `repeats` is as in `Variant`.

    Raises:
        ChangeError: one of them can't be made.
    """
    after, made = with_changes(batch, changes)
    if not removed_lines:
        return Variant(after, made, repeats)
    cut = without_lines(after, removed_lines)
    return Variant(cut.batch, made, repeats, cut.left, cut.numbers)


def difference(before: Sequence[ShownFinding], after: Sequence[ShownFinding]) -> Trial:
    """What goes, comes and stays from one run of the rules to another."""
    first, then = Counter(before), Counter(after)
    gone, new = list((first - then).elements()), list((then - first).elements())
    blocks = any(each.severity == "block" for each in new)
    waits = any(each.severity in {"block", "warn"} for each in after)
    return Trial(gone, new, list((first & then).elements()), blocks, "review" if waits else "production")


class Benches:
    """The bench of today, made at first use and kept until the day is over or reference data are loaded."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: Bench | None = None

    def of(self, day: datetime.date) -> Bench:
        """The bench of a day."""
        known = reference_snapshot(day)
        with self._lock:
            kept = self._kept
            if kept is None or kept.day != day or kept.checker.reference.known != known.known:
                kept = self._kept = Bench(Checker(as_of=day, reference=known))
            return kept
