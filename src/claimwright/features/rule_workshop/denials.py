"""Compares a rule's findings with the payers' decisions: precision and recall with confidence intervals.

The unit is a claim number (CLM01), since a remittance identifies claims by it. A claim number counts as
touched if the rule fired on any claim with that number, and as denied if any row about it says so.
Numbers without a known outcome are excluded from every rate.

    precision  the share of the touched claims that was denied
    recall     the share of the denied claims that was touched
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from claimwright.foundation.errors import InputError

# The 97.5% quantile of the normal distribution, for a 95% interval.
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
    """A file of outcomes that can't be used; the message names the line, the problem and the fix."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a claim number: whether it was denied, and with which reason codes."""

    is_denied: bool
    carcs: frozenset[str] = frozenset()


_PAID = Outcome(False)


@dataclass(frozen=True, slots=True)
class Share:
    """A share as two counts, with its 95% confidence interval."""

    count: int
    total: int

    @property
    def value(self) -> float | None:
        """The share, from 0 to 1; None if the total is zero."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval; None if the total is zero.

        Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22
        (1927). Unlike the plain normal interval, it stays within 0 and 1 and is valid for few claims.
        """
        if not self.total:
            return None
        n, p, z2 = self.total, self.count / self.total, _Z95 * _Z95
        centre = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z95 / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A rule's touched claims compared with the denied ones, in claim numbers with a known outcome."""

    touched_denied: int
    touched_paid: int
    untouched_denied: int
    untouched_paid: int
    unknown: int
    """Touched claim numbers without a known outcome; excluded from the rates."""

    @property
    def precision(self) -> Share:
        """The share of the touched claim numbers that was denied."""
        return Share(self.touched_denied, self.touched_denied + self.touched_paid)

    @property
    def recall(self) -> Share:
        """The share of the denied claim numbers that was touched."""
        return Share(self.touched_denied, self.touched_denied + self.untouched_denied)

    @property
    def base_rate(self) -> Share:
        """The share of all claim numbers that was denied: the expected precision of a random rule."""
        denied = self.touched_denied + self.untouched_denied
        return Share(denied, denied + self.touched_paid + self.untouched_paid)


def agreement(
    touched: frozenset[str],
    claim_ids: frozenset[str],
    outcomes: Mapping[str, Outcome],
    *,
    carcs: frozenset[str] | None = None,
) -> Agreement:
    """Compare the touched claim numbers, out of all that were read, with their outcomes.

    With `carcs`, only a denial with one of these reasons counts as a denial. A denial with other reasons
    only does not count, since the rule could not have predicted it.
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
    """The outcome of each claim number in a CSV with the columns `claim_id`, `denied` and, if known, `carc`.

    `denied` is yes or no. Several rows may have the same claim, and `carc` may have several codes separated
    by blanks, with their group (CO-16) or without.

    Raises:
        OutcomeError: a column is missing or a row can't be read; names the line, but no value.
        OSError: the file can't be read.
    """
    outcomes: dict[str, Outcome] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for claim_id, is_denied, carcs in _rows(path, file):
                earlier = outcomes.get(claim_id, _PAID)
                # Paid claims have adjustments too; their reasons are not denials.
                reasons = carcs if is_denied else frozenset()
                outcomes[claim_id] = Outcome(is_denied or earlier.is_denied, reasons | earlier.carcs)
    except UnicodeDecodeError as problem:
        raise OutcomeError(f"{path}: not UTF-8 text (byte {problem.start}); save it as UTF-8") from None
    except csv.Error:
        raise OutcomeError(f"{path}: not a CSV; save it with commas and a header line") from None
    if not outcomes:
        raise OutcomeError(f"{path}:1: there is no row below the header; add one row per claim")
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
