"""What became of claims, and how well a rule foresaw it: precision and recall with their intervals.

The unit is a claim number (CLM01), since that is what a remittance gives back. A claim number counts as
touched where the rule fired on any claim of that number, and as denied where any row about it says so.
Numbers without a known outcome are left out of every rate.

    precision  of the touched, the share that was denied
    recall     of the denied, the share that was touched
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from claimwright.foundation.errors import InputError

# The quantile of the normal distribution that leaves 2.5% above it: an interval of 95%.
_Z95 = 1.959963984540054

_DENIED = {
    "yes": True,
    "y": True,
    "true": True,
    "1": True,
    "no": False,
    "n": False,
    "false": False,
    "0": False,
}
_COLUMNS = ("claim_id", "denied")


class OutcomeError(InputError, ValueError):
    """A file of outcomes that can't be used; says which line, what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claim number: whether it was denied, and with which reason codes."""

    is_denied: bool
    carcs: frozenset[str] = frozenset()


_PAID = Outcome(False)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the interval in which the true share lies with 95% confidence."""

    count: int
    total: int

    @property
    def value(self) -> float | None:
        """The share, from 0 to 1; None of nothing."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval; None of nothing.

        Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22
        (1927). It stays within 0 and 1 and holds for few claims, which the plain normal interval does not.
        """
        if not self.total:
            return None
        n, p, z2 = self.total, self.count / self.total, _Z95 * _Z95
        centre = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z95 / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How what a rule touched compares with what was denied, in claim numbers whose outcome is known."""

    touched_denied: int
    touched_paid: int
    untouched_denied: int
    untouched_paid: int
    unknown: int
    """Touched claim numbers of which no outcome is known; in none of the rates."""

    @property
    def precision(self) -> Share:
        """Of the touched, how many were denied."""
        return Share(self.touched_denied, self.touched_denied + self.touched_paid)

    @property
    def recall(self) -> Share:
        """Of the denied, how many were touched."""
        return Share(self.touched_denied, self.touched_denied + self.untouched_denied)

    @property
    def base_rate(self) -> Share:
        """Of all, how many were denied: what a rule that fires at random would have as its precision."""
        denied = self.touched_denied + self.untouched_denied
        return Share(denied, denied + self.touched_paid + self.untouched_paid)


def agreement(
    touched: frozenset[str],
    claim_ids: frozenset[str],
    outcomes: Mapping[str, Outcome],
    *,
    carcs: frozenset[str] | None = None,
) -> Agreement:
    """How the touched claim numbers, of all that were read, agree with their outcomes.

    With `carcs`, only a denial that gives one of these reasons counts as a denial; one for another reason
    alone counts as none, which the rule could not have foreseen.
    """
    known = claim_ids & outcomes.keys()
    denied = {
        claim_id
        for claim_id in known
        if outcomes[claim_id].is_denied and (carcs is None or outcomes[claim_id].carcs & carcs)
    }
    ours = touched & known
    return Agreement(
        len(ours & denied),
        len(ours - denied),
        len(denied - ours),
        len(known - denied - ours),
        len(touched - known),
    )


def read_outcomes(path: Path) -> dict[str, Outcome]:
    """What became of each claim number of a CSV with the columns `claim_id`, `denied` and, if known, `carc`.

    `denied` is yes or no. Several rows may be about one claim, and `carc` may hold several codes with
    blanks between them, with their group (CO-16) or without.

    Raises:
        OutcomeError: a column is missing or a row can't be read; names the line and no value of it.
        OSError: the file can't be read.
    """
    outcomes: dict[str, Outcome] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for claim_id, is_denied, carcs in _rows(path, file):
                earlier = outcomes.get(claim_id, _PAID)
                # What was paid has adjustments too; their reasons are no denial.
                reasons = carcs if is_denied else frozenset()
                outcomes[claim_id] = Outcome(is_denied or earlier.is_denied, reasons | earlier.carcs)
    except UnicodeDecodeError as problem:
        raise OutcomeError(f"{path}: not UTF-8 text (byte {problem.start}); save it as UTF-8") from None
    except csv.Error:
        raise OutcomeError(f"{path}: not a CSV; save it with commas and a header line") from None
    if not outcomes:
        raise OutcomeError(f"{path}:1: there is no row below the header; add one a claim")
    return outcomes


def _rows(path: Path, lines: Iterator[str]) -> Iterator[tuple[str, bool, frozenset[str]]]:
    reader = csv.reader(lines)
    header = [name.strip().lower() for name in next(reader, [])]
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        raise OutcomeError(
            f"{path}:1: no column {' and no '.join(missing)}; the header is claim_id,denied,carc"
        )
    places = {name: header.index(name) for name in (*_COLUMNS, "carc") if name in header}
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        cells = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
        denied = _DENIED.get(cells["denied"].lower())
        if not cells["claim_id"]:
            raise OutcomeError(f"{path}:{reader.line_num}: claim_id is empty; give the number of CLM01")
        if denied is None:
            raise OutcomeError(f"{path}:{reader.line_num}: denied is neither yes nor no; write one of them")
        yield cells["claim_id"], denied, _carcs(cells.get("carc", ""))


def _carcs(text: str) -> frozenset[str]:
    """The reason codes of a cell: `16`, `CO-16`, `CO16 PR2`."""
    codes = set()
    for word in text.upper().replace(";", " ").replace(",", " ").replace("|", " ").split():
        bare = word.replace("-", "")
        for group in ("CO", "PR", "OA", "PI", "CR"):
            if bare.startswith(group) and len(bare) > len(group):
                bare = bare[len(group) :]
                break
        codes.add(bare)
    return frozenset(codes)
