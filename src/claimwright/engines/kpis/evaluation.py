"""Values of figures, from sums of facts. Pure: it reads no store.

Sums are frames with `window` (which period), the columns of the groups, `fact`, `bucket` and the measures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

import polars as pl

from .definition import Kpi, KpiCase, Side
from .fact_catalogue import FACTS
from .formula import Formula
from .known import MEASURES
from .periods import Period
from .rollup import AGES, OF_FACT
from .survival import median_wait

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
    side: Side, sums: pl.DataFrame, own: Sequence[str], group_by: Sequence[str]
) -> dict[tuple[int, Group], tuple[int, int]]:
    """The sum of a side, and how many items it has, by window and group.

    `own` are the dimensions that `sums` has; of the others, "" stands in the group.
    """
    found: dict[tuple[int, Group], tuple[int, int]] = {}
    places = [own.index(name) if name in own else None for name in group_by]
    terms = [
        (term.sign, MEASURES.index(term.measure), frozenset(term.facts), frozenset(term.ages))
        for term in side.sql.terms
    ]
    items_at = MEASURES.index("items")
    # Row by row: there are few rows, and a frame's fixed cost of an operation is more than all of them.
    for window, fact, bucket, *rest in sums.select("window", "fact", "bucket", *own, *MEASURES).iter_rows():
        values, measures = rest[: len(own)], rest[len(own) :]
        for sign, measure, facts, ages in terms:
            if fact in facts and (not ages or bucket in ages):
                group = tuple("" if place is None else values[place] for place in places)
                total, items = found.get((window, group), (0, 0))
                found[window, group] = (total + sign * measures[measure], items + measures[items_at])
    return found


def evaluate(
    kpi: Kpi,
    periods: Sequence[Period],
    group_by: Sequence[str],
    numerator: pl.DataFrame,
    denominator: pl.DataFrame | None,
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
    keys = set(above) | set(below) if shared == tuple(group_by) else set(above)
    found = {}
    for window, group in keys:
        if kpi.numerator.sql.facts == {"cost"} and (window, group) not in above:
            # Nobody entered a cost: that is not a cost of zero.
            continue
        top, top_items = above.get((window, group), (0, 0))
        key = (
            window,
            tuple(value if name in shared else "" for name, value in zip(group_by, group, strict=True)),
        )
        bottom, items = below.get(key, (0, 0))
        count = abs(items if shared == tuple(group_by) else top_items)
        value = _quotient(kpi, periods[window], top, bottom, count)
        parts = [abs(top_items), abs(items)]
        if kpi.unit == "share":
            parts.append(abs(items) - abs(top_items))
        found[window, group] = replace(value, fewest=min((each for each in parts if each > 0), default=0))
    return found


def _quotient(kpi: Kpi, period: Period, top: int, bottom: int, items: int) -> Value:
    side = kpi.denominator
    assert side is not None
    if bottom == 0:
        return Value(None, top, 0, items, NO_DENOMINATOR)
    exact = Fraction(top, bottom)
    if side.per_day:
        exact *= side.days or period.days
    return Value(float(exact), top, bottom, items)


def median_of(
    kpi: Kpi, sums: pl.DataFrame, own: Sequence[str], group_by: Sequence[str], unpaid: pl.DataFrame
) -> dict[tuple[int, Group], Value]:
    """Median waits: `sums` has waits by their days (`bucket`), `unpaid` has `window`, groups, `waited`
    (days) and `items` that are not paid.
    """
    assert kpi.method == "median"
    paid = _by_days(
        sums.filter(pl.col("fact").is_in(list(kpi.numerator.sql.facts)) & (pl.col("bucket") >= 0)),
        "bucket",
        own,
        group_by,
    )
    waiting = _by_days(unpaid.filter(pl.col("items") > 0), "waited", own, group_by)
    found = {}
    for key in paid.keys() | waiting.keys():
        done, open_ = paid.get(key, {}), waiting.get(key, {})
        value = median_wait(done, open_)
        count = sum(done.values())
        whole = count + sum(open_.values())
        if whole:
            found[key] = Value(value, count, whole, whole, None if value is not None else HALF_UNPAID)
    return found


def _by_days(
    frame: pl.DataFrame, column: str, own: Sequence[str], group_by: Sequence[str]
) -> dict[tuple[int, Group], dict[int, int]]:
    found: dict[tuple[int, Group], dict[int, int]] = {}
    grouped = frame.group_by("window", *own, column).agg(pl.col("items").sum())
    for row in grouped.iter_rows(named=True):
        group = tuple(row[name] if name in own else "" for name in group_by)
        found.setdefault((row["window"], group), {})[row[column]] = row["items"]
    return found


def suppress_small(
    found: Mapping[tuple[int, Group], Value], *, below: int = 11
) -> dict[tuple[int, Group], Value]:
    """The values, without those of 1 to 10 claims, and without one more where a single one could be worked
    out. A share of which 1 to 10 claims are one part, or the rest, is hidden, too.

    Source: CMS cell size suppression policy: no cell of 1 to 10, and none that lets one be derived.
    """
    hidden = {key for key, each in found.items() if 0 < (each.fewest or each.items) < below}
    for window in {key[0] for key in found}:
        own = [key for key in found if key[0] == window and len(found) > 1]
        small = [key for key in own if key in hidden]
        others = sorted((key for key in own if key not in hidden), key=lambda key: (found[key].items, key))
        if len(small) == 1 and others and any(key[1] for key in own):
            hidden.add(others[0])
    return {
        key: Value(None, None, None, 0, SUPPRESSED) if key in hidden else each for key, each in found.items()
    }


def value_of_case(kpi: Kpi, case: KpiCase) -> Value | None:
    """What a case comes to; None if nothing is recorded."""
    import datetime

    ends = datetime.date(2026, 6, 30)
    period = Period(ends - datetime.timedelta(days=case.period_days - 1), ends)
    rows = [
        {
            "window": 0,
            "fact": each.fact,
            "bucket": AGES.index(each.age)
            if each.age
            else each.wait_days
            if each.wait_days is not None
            else -1,
            **{measure: getattr(each, measure) for measure in MEASURES},
        }
        for each in case.facts
    ]
    schema = {
        "window": pl.Int64(),
        "fact": pl.String(),
        "bucket": pl.Int64(),
        **{name: pl.Int64() for name in MEASURES},
    }
    sums = pl.DataFrame(rows, schema=schema, orient="row")
    if kpi.method == "median":
        waiting = [
            {"window": 0, "waited": each.submitted_days_ago, "items": each.items}
            for each in case.facts
            if each.submitted_days_ago is not None
        ]
        unpaid = pl.DataFrame(
            waiting, schema={"window": pl.Int64(), "waited": pl.Int64(), "items": pl.Int64()}, orient="row"
        )
        return median_of(kpi, sums, (), (), unpaid).get((0, ()))
    return evaluate(kpi, [period], (), sums, sums).get((0, ()))


def is_of_facts(dimension: str) -> bool:
    """Whether a dimension is of facts, such as the cause, and not of claims."""
    return dimension in OF_FACT
