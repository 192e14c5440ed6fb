"""Sums over windows of days, which may overlap, such as all days before each end of a month."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .known import MEASURES
from .packing import Columns

_EPOCH = datetime.date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Window:
    """Days over which facts are summed, both included; `begins` is None for all days before."""

    number: int
    begins: datetime.date | None
    ends: datetime.date


@dataclass(frozen=True)
class Stretches:
    """What of packs is read for some windows: the windows by day and by month, and their months and years."""

    by_day: list[Window]
    by_month: list[Window]
    months: list[datetime.date]
    years: tuple[datetime.date, datetime.date] | None


def stretches_of(windows: Iterable[Window]) -> Stretches:
    """Windows as whole months and the days before and after them."""
    by_day: list[Window] = []
    by_month: list[Window] = []
    for window in windows:
        first = datetime.date.min
        if window.begins is not None:
            first = window.begins if window.begins.day == 1 else _next_month(window.begins)
        # The first month that is not whole.
        last = (window.ends + datetime.timedelta(days=1)).replace(day=1)
        if last <= first:
            by_day.append(window)
            continue
        begins = None if window.begins is None else first
        by_month.append(Window(window.number, begins, last - datetime.timedelta(days=1)))
        if window.begins is not None and window.begins < first:
            by_day.append(Window(window.number, window.begins, first - datetime.timedelta(days=1)))
        if last <= window.ends:
            by_day.append(Window(window.number, last, window.ends))
    months = {month for window in by_day for month in _months(window)}
    years = None
    if by_month:
        begins = min(each.begins or datetime.date.min for each in by_month)
        years = (begins.replace(month=1, day=1), max(each.ends for each in by_month).replace(month=1, day=1))
    return Stretches(by_day, by_month, sorted(months), years)


def months_of(windows: Iterable[Window]) -> list[datetime.date]:
    """The first days of all months that windows have days of."""
    return sorted({month for window in windows for month in _months(window)})


def windowed(days: Columns, windows: Sequence[Window]) -> Columns:
    """The rows of days that each window has, with `window`; to be summed by it.

    `days` has `on_day`, as days since 1970. What lies between two ends of windows is summed once, whichever
    windows have it.
    """
    on_day = days["on_day"]
    rest = {name: column for name, column in days.items() if name != "on_day"}
    if len(windows) == 1:
        (window,) = windows
        inside = on_day <= _number(window.ends)
        if window.begins is not None:
            inside &= on_day >= _number(window.begins)
        found = {name: column[inside] for name, column in rest.items()}
        return {"window": np.full(int(inside.sum()), window.number), **found}
    edges = sorted({edge for window in windows for edge in _edges(window)})
    part = np.searchsorted(np.array(edges, dtype=np.int64), on_day, side="right")
    parts = summed_by({"part": part, **rest}, [name for name in ("part", *rest) if name not in MEASURES])
    place = {edge: number for number, edge in enumerate(edges)}
    starts = np.searchsorted(parts["part"], np.arange(len(edges) + 2))
    runs = []
    for window in windows:
        begins = 0 if window.begins is None else place[_number(window.begins)] + 1
        ends = place[_number(window.ends) + 1]
        runs.append(np.arange(starts[begins], starts[ends + 1]))
    numbers = np.repeat([window.number for window in windows], [len(run) for run in runs])
    rows = np.concatenate(runs) if runs else np.zeros(0, dtype=np.int64)
    return {"window": numbers, **{name: parts[name][rows] for name in rest}}


def summed_by(columns: Columns, keys: Sequence[str]) -> Columns:
    """One row for equal keys, in their order, with the sums of the other columns."""
    if not len(columns[keys[0]]):
        return columns
    order = np.lexsort([columns[key] for key in reversed(keys)])
    placed = {key: columns[key][order] for key in keys}
    changes = np.zeros(len(order), dtype=bool)
    changes[0] = True
    for key in keys:
        changes[1:] |= placed[key][1:] != placed[key][:-1]
    starts = np.flatnonzero(changes)
    sums = {
        name: np.add.reduceat(column[order], starts) for name, column in columns.items() if name not in placed
    }
    return {**{key: column[starts] for key, column in placed.items()}, **sums}


def _number(day: datetime.date) -> int:
    return day.toordinal() - _EPOCH


def _edges(window: Window) -> list[int]:
    after = _number(window.ends) + 1
    return [after] if window.begins is None else [_number(window.begins), after]


def _months(window: Window) -> list[datetime.date]:
    if window.begins is None:
        return []
    month, found = window.begins.replace(day=1), []
    while month <= window.ends:
        found.append(month)
        month = _next_month(month)
    return found


def _next_month(day: datetime.date) -> datetime.date:
    return (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
