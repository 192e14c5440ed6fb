"""Values of figures, from sums of facts. Pure: it reads no store."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .definition import Kpi, KpiCase, Side
from .fact_catalogue import FACTS
from .formula import Formula
from .grouped_sums import GroupedSums
from .known import MEASURES
from .packing import PLACES, Numbers
from .periods import Period
from .rollup import AGES, OF_FACT
from .survival import median_of_waits

NOTHING = "nothing_recorded"
NO_DENOMINATOR = "no_denominator"
HALF_UNPAID = "half_not_reached"
SUPPRESSED = "small_count"
MEANING = {
    NOTHING: "Nothing of this was recorded in the period.",
    NO_DENOMINATOR: "What it is divided by is zero in the period.",
    HALF_UNPAID: "Fewer than half of the claims are paid yet, so there is no median.",
    SUPPRESSED: "Fewer than 11 claims: not shown to those who may not see who the patients are.",
}
Flags = npt.NDArray[np.bool_]
# Of a group: its values, in the order of the dimensions.
Group: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Value:
    """A figure of one group and period.

    `numerator` and `denominator` are the sums; `value` is null with a `reason` of `MEANING`. `items` is how
    many claims or items there are behind it, `fewest` how many are behind the smaller part of a share.
    """

    value: float | int | None
    numerator: int | None
    denominator: int | None
    items: int
    reason: str | None = None
    fewest: int = 0


def window_of(side: Side, period: Period) -> tuple[int | None, int]:
    """The first and the last day, as ordinals, over which a side is summed; None for all days before."""
    ends = period.ends.toordinal()
    if side.over == "balance":
        return None, ends
    if side.over == "trailing":
        assert side.days is not None
        return ends - side.days + 1, ends
    return period.begins.toordinal(), ends


def breakdown_of(formula: Formula, group_by: Sequence[str]) -> tuple[str, ...]:
    """Those of the dimensions that all facts of a formula have; a rate by cause is of all that was
    answered.
    """

    def has(name: str, dimension: str) -> bool:
        if dimension == "facility":
            return name != "cost"
        if dimension == "age":
            return FACTS[name].is_balance and name in {"ar_insurance", "ar_patient", "unbilled"}
        return dimension in FACTS[name].dimensions

    return tuple(each for each in group_by if all(has(name, each) for name in formula.facts))


def side_sums(
    side: Side, sums: GroupedSums, own: Sequence[str], group_by: Sequence[str]
) -> dict[tuple[int, Group], tuple[int, int]]:
    """The sum of a side, and how many items it has, by window and group.

    `own` are those of the dimensions that the side's facts have; of the others, "" stands in the group.
    """
    facts, buckets = sums.columns["fact"], sums.columns["bucket"]
    total, items = np.zeros(len(facts), dtype=np.int64), np.zeros(len(facts), dtype=np.int64)
    counted = np.zeros(len(facts), dtype=bool)
    for term in side.sql.terms:
        own_rows = np.isin(facts, [PLACES[name] for name in term.facts])
        if term.ages:
            own_rows &= np.isin(buckets, term.ages)
        total += np.where(own_rows, term.sign * sums.measure(term.measure), 0)
        items += np.where(own_rows, sums.measure("items"), 0)
        counted |= own_rows
    if not counted.all():
        kept = {name: column[counted] for name, column in sums.columns.items()}
        sums, total, items = GroupedSums(kept, sums.names), total[counted], items[counted]
    summed, keys = sums.by(own, group_by, {"total": total, "items": items})
    pairs = zip(summed["total"].tolist(), summed["items"].tolist(), strict=True)
    return dict(zip(keys, pairs, strict=True))


def evaluate(
    kpi: Kpi,
    periods: Sequence[Period],
    group_by: Sequence[str],
    numerator: GroupedSums,
    denominator: GroupedSums | None,
) -> dict[tuple[int, Group], Value]:
    """The figure of every period and group that has something in it."""
    own = breakdown_of(kpi.numerator.sql, group_by)
    above = side_sums(kpi.numerator, numerator, own, group_by)
    if kpi.denominator is None:
        # A group that owed something once and owes nothing now is no row.
        is_over = kpi.numerator.over == "balance" and bool(group_by)
        return {
            key: Value(total, total, None, abs(items))
            for key, (total, items) in above.items()
            if not is_over or total or items
        }
    assert denominator is not None
    shared = breakdown_of(kpi.denominator.sql, group_by)
    below = side_sums(kpi.denominator, denominator, shared, group_by)
    is_shared = shared == tuple(group_by)
    keys = set(above) | set(below) if is_shared else set(above)
    found = {}
    for window, group in keys:
        if kpi.numerator.sql.facts == {"cost"} and (window, group) not in above:
            # Nobody entered a cost: that is not a cost of zero.
            continue
        top, top_items = above.get((window, group), (0, 0))
        of = group
        if not is_shared:
            of = tuple(value if name in shared else "" for name, value in zip(group_by, group, strict=True))
        bottom, items = below.get((window, of), (0, 0))
        parts = [abs(top_items), abs(items)]
        if kpi.unit == "share":
            parts.append(abs(items) - abs(top_items))
        fewest = min((each for each in parts if each > 0), default=0)
        count = abs(items if is_shared else top_items)
        found[window, group] = _quotient(kpi, periods[window], top, bottom, count, fewest)
    return found


def _quotient(kpi: Kpi, period: Period, top: int, bottom: int, items: int, fewest: int) -> Value:
    side = kpi.denominator
    assert side is not None
    if bottom == 0:
        return Value(None, top, 0, items, NO_DENOMINATOR, fewest)
    # Whole numbers are divided exactly and rounded once.
    days = (side.days or period.days) if side.per_day else 1
    return Value(top * days / bottom, top, bottom, items, None, fewest)


def median_of(
    kpi: Kpi, sums: GroupedSums, own: Sequence[str], group_by: Sequence[str], unpaid: GroupedSums
) -> dict[tuple[int, Group], Value]:
    """Median waits: `sums` has waits by their days (`bucket`), `unpaid` what is not paid by the days that it
    has waited (`waited`).
    """
    assert kpi.method == "median"
    own_waits = np.isin(sums.columns["fact"], [PLACES[name] for name in kpi.numerator.sql.facts])
    own_waits &= sums.columns["bucket"] >= 0
    paid = _by_days(sums, "bucket", own_waits, own, group_by)
    waiting = _by_days(unpaid, "waited", unpaid.measure("items") > 0, own, group_by)
    nothing = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    found = {}
    for key in paid.keys() | waiting.keys():
        done, open_ = paid.get(key, nothing), waiting.get(key, nothing)
        value = median_of_waits(done, open_)
        count = int(done[1].sum())
        whole = count + int(open_[1].sum())
        if whole:
            found[key] = Value(value, count, whole, whole, None if value is not None else HALF_UNPAID)
    return found


_Waits: TypeAlias = tuple[Numbers, Numbers]


def _by_days(
    sums: GroupedSums, column: str, rows: Flags, own: Sequence[str], group_by: Sequence[str]
) -> dict[tuple[int, Group], _Waits]:
    """By window and group, days in order, and how many waited so long."""
    kept = GroupedSums({name: numbers[rows] for name, numbers in sums.columns.items()}, sums.names)
    columns = {"days": kept.columns[column], "items": kept.measure("items")}
    summed, keys = kept.by(own, group_by, columns, also=["days"])
    found, at = {}, 0
    for key, run in itertools.groupby(keys):
        ends = at + sum(1 for _ in run)
        found[key] = (summed["days"][at:ends], summed["items"][at:ends])
        at = ends
    return found


def suppress_small(
    found: Mapping[tuple[int, Group], Value], *, below: int = 11
) -> dict[tuple[int, Group], Value]:
    """The values, without those of 1 to 10 claims, and without as many more, the smallest first, as it takes
    that the hidden ones together have no fewer than 11 and are not one alone: what they sum up to is what the
    whole has more than the rest. A share of which 1 to 10 claims are one part, or the rest, is hidden, too.

    Source: CMS cell size suppression policy: no cell of 1 to 10, and none that lets one be derived.
    """
    hidden = {key for key, each in found.items() if 0 < (each.fewest or each.items) < below}
    for window in {key[0] for key in found}:
        own = [key for key in found if key[0] == window and len(found) > 1]
        small = [key for key in own if key in hidden]
        if not small or not any(key[1] for key in own):
            continue
        others = sorted((key for key in own if key not in hidden), key=lambda key: (found[key].items, key))
        for key in others:
            counts = [found[each].fewest or found[each].items for each in small]
            if len(small) > 1 and sum(counts) >= below:
                break
            if found[key].items:
                small.append(key)
        hidden.update(small)
    return {
        key: Value(None, None, None, 0, SUPPRESSED) if key in hidden else each for key, each in found.items()
    }


def value_of_case(kpi: Kpi, case: KpiCase) -> Value | None:
    """What a case comes to; None if nothing is recorded."""
    ends = datetime.date(2026, 6, 30)
    period = Period(ends - datetime.timedelta(days=case.period_days - 1), ends)
    buckets = [
        AGES.index(each.age) if each.age else -1 if each.wait_days is None else each.wait_days
        for each in case.facts
    ]
    sums = _sums_of_case(
        {
            "fact": [PLACES[each.fact] for each in case.facts], "bucket": buckets,
            **{measure: [getattr(each, measure) for each in case.facts] for measure in MEASURES},
        }
    )  # fmt: skip
    if kpi.method == "median":
        waiting = [each for each in case.facts if each.submitted_days_ago is not None]
        unpaid = _sums_of_case(
            {
                "fact": [PLACES[each.fact] for each in waiting],
                "waited": [each.submitted_days_ago or 0 for each in waiting],
                "items": [each.items for each in waiting],
            }
        )
        return median_of(kpi, sums, (), (), unpaid).get((0, ()))
    return evaluate(kpi, [period], (), sums, sums).get((0, ()))


def _sums_of_case(columns: Mapping[str, Sequence[int]]) -> GroupedSums:
    numbers = {name: np.array(values, dtype=np.int64) for name, values in columns.items()}
    return GroupedSums({"window": np.zeros_like(numbers["fact"]), **numbers}, {})


def is_of_facts(dimension: str) -> bool:
    """Whether a dimension is of facts, such as the cause, and not of claims."""
    return dimension in OF_FACT
