"""Which clocks run for a denial: each with its law, its start, its last day and the days that are left.

Facts of a denial are a frame; what is not known is null or a column that is not there:

    denial              its key, of any type
    payer_kind          a name of `PAYER_KINDS`
    payer_id, state     for contracts and State law
    form                P, I or D
    is_contracted       whether the provider has a contract with the payer
    appealable          false where a remark says that there is no appeal (MA130)
    is_surprise_bill    whether the No Surprises Act applies; is_ongoing_service whether a service was reduced
    amount              dollars in dispute
    notice_on           date of the remittance or notice; received_on, if receipt is documented
    service_from_on, service_to_on
    decision_1_on to decision_4_on            dates of the decisions on appeals
    decision_1_received_on to decision_4_received_on, if documented
    demand_on, exception_on, prior_payer_on, negotiation_ended_on
    appealed_on         day on which the appeal of level 1 was filed
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

import polars as pl

from .calendar import add_business_days, next_business_day
from .rule import NEEDS_APPEAL_RIGHTS, STARTS, ClockRule, DeadlineRules, Kind, Period, Start, load_deadlines

_DAYS = (
    "notice_on", "received_on", "service_from_on", "service_to_on",
    *(f"decision_{level}_on" for level in range(1, 5)),
    *(f"decision_{level}_received_on" for level in range(1, 5)),
    "demand_on", "exception_on", "prior_payer_on", "negotiation_ended_on", "appealed_on",
)  # fmt: skip
# California Health and Safety Code 1374.30(j)(3): nobody has to wait longer for the plan's decision.
_GRIEVANCE_DAYS = 30
_FACTS: dict[str, pl.DataType] = {
    "payer_kind": pl.String(),
    "payer_id": pl.String(),
    "state": pl.String(),
    "form": pl.String(),
    "is_contracted": pl.Boolean(),
    "appealable": pl.Boolean(),
    "is_surprise_bill": pl.Boolean(),
    "is_ongoing_service": pl.Boolean(),
    "amount": pl.Decimal(18, 2),
    **dict.fromkeys(_DAYS, pl.Date()),
}

SCHEMA: dict[str, pl.DataType] = {
    # `denial` comes first, with the type that it was given.
    "clock": pl.String(),
    "name": pl.String(),
    "kind": pl.Enum(get_args(Kind)),
    "level": pl.Int8(),
    # The law or the contract that sets the time.
    "law": pl.String(),
    "starts_with": pl.String(),
    "start_on": pl.Date(),
    # The last day.
    "due_on": pl.Date(),
    # 0 on the last day; negative where it has passed.
    "days_left": pl.Int32(),
    "is_lapsed": pl.Boolean(),
    # The least amount in controversy of the year of `as_of`, null if there is none or it is not known.
    "minimum_amount": pl.Decimal(18, 2),
    "is_below_minimum": pl.Boolean(),
    # What the law asks for beside the time, and what counts as filing.
    "needs": pl.String(),
    "filed": pl.String(),
    "is_contract": pl.Boolean(),
}


@dataclass(frozen=True)
class Override:
    """A contract's or payer's own time.

    With `clock` it replaces the time of that clock. Else it is a clock of its own; of the kind `filing`, it
    replaces those of the law for the same denials.

    Attributes:
        payer_id: the payer whose denials it is for.
        source: the contract and its section.
        days: calendar days.
        kind: what ends; for a clock of its own.
        clock: the code of the clock that it replaces.
        start: from when it counts; None: as the clock that it replaces, or the notice, or for filing the
        service. effective_from: the first start for which it is in force.
        effective_to: the last one.
    """

    payer_id: str
    source: str
    days: int
    kind: Kind = "appeal"
    clock: str | None = None
    start: Start | None = None
    effective_from: date | None = None
    effective_to: date | None = None


def clocks(
    facts: pl.DataFrame,
    as_of: date,
    overrides: Sequence[Override] = (),
    *,
    rules: DeadlineRules | None = None,
) -> pl.DataFrame:
    """Every clock of every denial: `denial` and the columns of `SCHEMA`, by denial and last day.

    A clock whose start is not known yet, such as a second appeal before the first decision, is not there.
    Without appeal rights, only clocks for filing, disputes and recoveries are.
    """
    rules = rules or load_deadlines()
    known = _complete(facts)
    parts = []
    # Of a claim's denials, few rules apply; of none, none.
    for rule in rules.clocks if known.height else ():
        applies = known.filter(_applies(rule))
        if applies.height:
            parts.append(_of_rule(applies, rule, as_of, overrides, rules))
    parts += [_of_contract(known, override, as_of) for override in overrides if override.clock is None]
    found = pl.concat(
        [part for part in parts if not part.is_empty()]
        or [_of_rule(known.clear(), rules.clocks[0], as_of, (), rules)]
    )
    return found.sort("denial", "due_on", "clock")


def soonest(found: pl.DataFrame) -> pl.DataFrame:
    """For each denial the open clock that ends first; denials whose clocks have all lapsed have no row."""
    return (
        found.filter(~pl.col("is_lapsed"))
        .sort("due_on", maintain_order=True)
        .unique("denial", keep="first", maintain_order=True)
    )


def alerts(found: pl.DataFrame, thresholds: Sequence[int] = (30, 14, 7, 1)) -> pl.DataFrame:
    """The open clocks that have reached a threshold of days left, with the smallest one as `threshold`.

    One alert is due for each denial, clock and threshold; the caller remembers which were given.
    """
    reached: pl.Expr = pl.lit(None, pl.Int32)
    for threshold in sorted(thresholds, reverse=True):
        reached = (
            pl.when(pl.col("days_left") <= threshold).then(pl.lit(threshold, pl.Int32)).otherwise(reached)
        )
    return found.filter(~pl.col("is_lapsed")).with_columns(threshold=reached).drop_nulls("threshold")


def _complete(facts: pl.DataFrame) -> pl.DataFrame:
    given = [
        (pl.col(name) if name in facts.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in _FACTS.items()
    ]
    return facts.select("denial", *given)


def _start(start: str, presumed: int) -> pl.Expr:
    """The day from which a clock runs."""
    later = pl.duration(days=presumed)
    if start == "notice":
        return pl.col("notice_on")
    if start == "receipt":
        return pl.coalesce("received_on", pl.col("notice_on") + later)
    if start.startswith("decision_"):
        return pl.coalesce(f"{start}_received_on", pl.col(f"{start}_on") + later)
    if start == "grievance":
        waited = pl.col("appealed_on") + pl.duration(days=_GRIEVANCE_DAYS)
        return pl.min_horizontal(pl.coalesce("decision_1_received_on", "decision_1_on"), waited)
    if start == "service":
        through = pl.coalesce("service_to_on", "service_from_on")
        return (
            pl.when(pl.col("form") == "I")
            .then(through)
            .otherwise(pl.coalesce("service_from_on", "service_to_on"))
        )
    column = {
        "service_from": "service_from_on", "exception": "exception_on", "demand": "demand_on",
        "prior_payer": "prior_payer_on", "negotiation_end": "negotiation_ended_on",
    }[start]  # fmt: skip
    return pl.col(column)


def _due(period: Period, *, rolls: bool) -> pl.Expr:
    """The last day, from `start_on`."""
    start = pl.col("start_on")
    if period.days is not None:
        due = start + pl.duration(days=period.days)
    elif period.business_days is not None:
        due = add_business_days(start, period.business_days, counts_first_day=period.counts_first_day)
    elif period.months is not None:
        due = start.dt.offset_by(f"{period.months}mo")
        if period.overflow == "first_of_next_month":
            due = pl.when(due.dt.day() == start.dt.day()).then(due).otherwise(due + pl.duration(days=1))
    elif period.years is not None:
        due = start.dt.offset_by(f"{period.years}y")
    else:
        due = start.dt.month_start().dt.offset_by(f"{(period.end_of_month or 0) + 1}mo") - pl.duration(days=1)
    return next_business_day(due) if rolls else due


def _applies(rule: ClockRule) -> pl.Expr:
    applies = pl.col("payer_kind").is_in(rule.payer_kinds)
    if rule.states:
        applies &= pl.col("state").is_in(rule.states)
    if rule.states_excluded:
        applies &= pl.col("state").is_in(rule.states_excluded).fill_null(value=False).not_()
    if rule.contracted is not None:
        applies &= pl.col("is_contracted") == rule.contracted
    if rule.surprise_bill:
        applies &= pl.col("is_surprise_bill")
    if rule.ongoing_service:
        applies &= pl.col("is_ongoing_service")
    if rule.needs_demand:
        applies &= pl.col("demand_on").is_not_null()
    if rule.kind in NEEDS_APPEAL_RIGHTS:
        applies &= pl.col("appealable").fill_null(value=True)
    return applies.fill_null(value=False)


def _of_rule(
    facts: pl.DataFrame, rule: ClockRule, as_of: date, overrides: Sequence[Override], rules: DeadlineRules
) -> pl.DataFrame:
    """The clock of a rule for the denials to which it applies."""
    own = [each for each in overrides if each.clock == rule.code]
    replacing = [each for each in overrides if each.clock is None and each.kind == rule.kind == "filing"]
    rows = facts.with_columns(
        start_on=_start(rule.start, rule.presumed_receipt_days), due_on=pl.lit(None, pl.Date),
        law=pl.lit(None, pl.String), is_contract=pl.lit(value=False),
    )  # fmt: skip
    for override in replacing:
        rows = rows.filter(_in_force(override, pl.col("start_on")).fill_null(value=False).not_())
    # A later period replaces an earlier one for the starts that it is for.
    for period in rule.periods:
        fits = pl.lit(value=True)
        if period.effective_from:
            fits &= pl.col("start_on") >= period.effective_from
        if period.until:
            fits &= pl.col("start_on") <= period.until
        if period.notices_from:
            fits &= (pl.col("notice_on") >= period.notices_from).fill_null(value=True)
        fits &= pl.col("due_on").is_null()
        rows = rows.with_columns(
            due_on=pl.when(fits).then(_due(period, rolls=rule.rolls)).otherwise("due_on"),
            law=pl.when(fits).then(pl.lit(f"{period.law}; {rule.law}")).otherwise("law"),
        )
    for override in own:
        if override.start is not None:
            again = _start(override.start, 0)
        else:
            again = pl.col("start_on")
        fits = _in_force(override, again).fill_null(value=False)
        rows = rows.with_columns(
            start_on=pl.when(fits).then(again).otherwise("start_on"), is_contract=pl.col("is_contract") | fits
        ).with_columns(
            due_on=pl.when(fits)
            .then(pl.col("start_on") + pl.duration(days=override.days))
            .otherwise("due_on"),
            law=pl.when(fits).then(pl.lit(override.source)).otherwise("law"),
        )
    least = rules.minimums.get(rule.minimum or "", {}).get(as_of.year)
    named = rows.drop_nulls("due_on").with_columns(
        clock=pl.lit(rule.code), name=pl.lit(rule.name), kind=pl.lit(rule.kind), level=pl.lit(rule.level),
        starts_with=pl.lit(STARTS[rule.start]), minimum_amount=pl.lit(least, pl.Decimal(18, 2)),
        needs=pl.lit(rule.needs or None, pl.String), filed=pl.lit(rule.filed),
    )  # fmt: skip
    return _finished(named, as_of)


def _in_force(override: Override, start: pl.Expr) -> pl.Expr:
    fits = (pl.col("payer_id") == override.payer_id) & start.is_not_null()
    if override.effective_from:
        fits &= start >= override.effective_from
    if override.effective_to:
        fits &= start <= override.effective_to
    return fits


def _of_contract(facts: pl.DataFrame, override: Override, as_of: date) -> pl.DataFrame:
    """A clock that only a contract sets."""
    start = override.start or ("service" if override.kind == "filing" else "notice")
    rows = facts.with_columns(start_on=_start(start, 0)).filter(_in_force(override, pl.col("start_on")))
    if override.kind in NEEDS_APPEAL_RIGHTS:
        rows = rows.filter(pl.col("appealable").fill_null(value=True))
    named = rows.with_columns(
        clock=pl.lit(f"contract-{override.kind.replace('_', '-')}"), name=pl.lit("Time of the contract"),
        kind=pl.lit(override.kind), level=pl.lit(None), law=pl.lit(override.source),
        starts_with=pl.lit(STARTS[start]), due_on=pl.col("start_on") + pl.duration(days=override.days),
        minimum_amount=pl.lit(None, pl.Decimal(18, 2)), needs=pl.lit(None, pl.String),
        filed=pl.lit("as the contract says"), is_contract=pl.lit(value=True),
    )  # fmt: skip
    return _finished(named, as_of)


def _finished(rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    left = (pl.col("due_on") - pl.lit(as_of)).dt.total_days()
    return rows.with_columns(
        days_left=left, is_lapsed=left < 0, is_below_minimum=pl.col("amount") < pl.col("minimum_amount")
    ).select("denial", *(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()))
