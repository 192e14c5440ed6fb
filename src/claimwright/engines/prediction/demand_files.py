"""What payers demand, in a model's files, and the checks of what is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .demand_kinds import DEMANDS, MOST_BLOCKS, DemandKind, Real
from .demands import STRENGTHS, DemandCells, DemandEvidence, DemandHabits, habits_size

_PREFIX = "demand"
_HABITS = ("strengths", "conditions", "spans", "having", "log_odds")


def demands_out(demands: Mapping[str, DemandEvidence]) -> dict[str, Any]:
    """The arrays of all kinds. Of counts by cell, band and block only those that are not 0."""
    arrays: dict[str, Any] = {}
    for name, each in demands.items():
        cells, habits = each.cells, each.habits
        at = np.flatnonzero(cells.total)
        parts = {
            "keys": cells.keys,
            "payer": cells.payer,
            "lines": cells.lines,
            "having": cells.having,
            "at": at,
            "total": cells.total.ravel()[at],
            "denied": cells.denied.ravel()[at],
            "numbers": np.array([habits.chance, habits.blocks, each.first_day]),
            **{f"habits.{part}": getattr(habits, part) for part in _HABITS},
        }
        arrays |= {f"{_PREFIX}.{name}.{part}": values for part, values in parts.items()}
    return arrays


def demands_in(arrays: Mapping[str, Any]) -> dict[str, DemandEvidence]:
    """All kinds, from their arrays. Raises ValueError where counts are outside of what they count."""
    return {kind.rate: _read(kind, arrays) for kind in DEMANDS}


def _read(kind: DemandKind, arrays: Mapping[str, Any]) -> DemandEvidence:
    def part(name: str) -> Any:
        return arrays[f"{_PREFIX}.{kind.rate}.{name}"]

    chance, blocks, first_day = part("numbers").tolist()
    if not 1 <= blocks <= MOST_BLOCKS:
        raise ValueError(f"{kind.rate}: blocks")
    shape = (len(part("keys")), kind.bands, int(blocks))

    def counts(name: str) -> Real:
        found = np.zeros(int(np.prod(shape)))
        # A negative position would be one from the end.
        if (part("at") < 0).any():
            raise ValueError(f"{kind.rate}: positions")
        found[part("at")] = part(name)
        return found.reshape(shape)

    cells = DemandCells(
        part("keys"), part("payer"), counts("total"), counts("denied"), part("lines"), part("having")
    )
    learned = {name: part(f"habits.{name}") for name in _HABITS}
    habits = DemandHabits(chance=float(chance), blocks=int(blocks), **learned)
    return DemandEvidence(kind.rate, cells, habits, int(first_day))


def faults_of_demands(demands: Mapping[str, DemandEvidence], payers: int) -> Iterator[str]:
    """The parts that can't be used; none if all is consistent."""
    for name, each in demands.items():
        yield from (f"{_PREFIX}.{name}.{part}" for part in _faults(each, payers))


def _faults(each: DemandEvidence, payers: int) -> Iterator[str]:
    cells, habits = each.cells, each.habits
    size = (len(cells.keys),)
    if cells.keys.dtype.kind not in "iu" or (np.diff(cells.keys) <= 0).any():
        yield "keys"
    if (
        cells.payer.shape != size
        or cells.payer.dtype.kind not in "iu"
        or not _within(cells.payer, 0, payers - 1)
    ):
        yield "payer"
    counts = (cells.total, cells.denied, cells.total - cells.denied)
    if not all(_within(each, -1e-6, 1e12) for each in counts):
        yield "total"
    if cells.lines.shape != size or cells.having.shape != size or not _within(cells.having, 0, cells.lines):
        yield "lines"
    if not 0 < habits.chance < 1:
        yield "chance"
    shapes = {
        "strengths": STRENGTHS.shape,
        "conditions": (each.conditions.shape[1],),
        "spans": (3,),
        "having": (3,),
        "log_odds": (habits_size(payers),),
    }
    for name, shape in shapes.items():
        values = getattr(habits, name)
        limits = (-1e3, 1e3) if name == "log_odds" else (0, 1)
        if (
            values.shape != shape
            or not _within(values, *limits)
            or (name in ("strengths", "conditions", "spans") and not (values > 0).all())
        ):
            yield f"habits.{name}"
    # All 0, where nothing meets the demand, or shares whose logarithms exist.
    if habits.having.any() and not ((habits.having > 0) & (habits.having < 1)).all():
        yield "habits.having"


def _within(values: Any, low: float, high: float | Real) -> bool:
    return bool((np.isfinite(values) & (values >= low) & (values <= high)).all())
