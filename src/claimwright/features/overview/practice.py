"""What a manager asks every morning, from the store as it is.

Definitions follow the HFMA MAP Keys: clean-claim rate, initial denial rate, days in accounts receivable; each
figure carries its own definition, period and basis.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.features.analytics import KpiRow, answer, ask, figure_named, refresh_in
from claimwright.foundation import clock
from claimwright.platform.database import Connection
from claimwright.store import figures
from claimwright.store.figures import DayFigures, OpenWorkTotal

PERIOD_DAYS = 30
# A year beside the same days a year earlier.
MOST_DAYS = 400
# The denominator of net days in A/R.
_CHARGE_DAYS = 90


@dataclass(frozen=True)
class Figure:
    """A figure.

    Attributes:
        name: what it is.
        unit: share (0 to 1), days or cents.
        value: None where there is nothing to compute it from.
        before: of the period before; None where there is none.
        is_better_high: whether more is better.
        definition: in one sentence.
        basis: what it was computed from, such as "412 of 500 claims".
    """

    name: str
    unit: str
    value: int | float | None
    before: int | float | None
    is_better_high: bool
    definition: str
    basis: str


@dataclass(frozen=True)
class Need:
    """Something that waits for a person; `kind` is a kind of work items, `held_payment`, `appeal` or `alert`.

    `cents` is null where it is about no amount.
    """

    kind: str
    items: int
    cents: int | None
    oldest: datetime.datetime | None
    next_due: datetime.date | None


@dataclass(frozen=True)
class Overview:
    """The overview as of a day; `days` are those of the period, from `begins` to `ends`."""

    as_of: datetime.date
    begins: datetime.date
    ends: datetime.date
    figures: list[Figure]
    days: list[DayFigures]
    needs: list[Need]


def practice_overview(
    connection: Connection,
    today: datetime.date,
    *,
    begins: datetime.date,
    ends: datetime.date,
    facilities: Sequence[str] | None = None,
    shows_ledger: bool = True,
    shows_appeals: bool = True,
    shows_alerts: bool = True,
) -> Overview:
    """The overview of these facilities; None for all of them. Held payments and alerts belong to no facility.

    Rates are those of the days from `begins` to `ends`, compared with as many days before them. Without
    `shows_ledger`, net days in A/R are left out; without `shows_appeals` and `shows_alerts`, these are.
    """
    refresh_in(connection)
    work = figures.open_work_totals(connection, facilities, today)
    needs = [
        Need(each.kind, each.items, each.stake_cents, each.oldest, each.next_due)
        for each in work
        if each.items
    ]
    if facilities is None:
        held, cents = figures.held_payments(connection)
        if held:
            needs.append(Need("held_payment", held, cents, None, None))
    if shows_appeals:
        letters, cents, oldest, due = figures.appeals_to_finish(connection, facilities)
        if letters:
            needs.append(Need("appeal", letters, cents, oldest, due))
    if shows_alerts and facilities is None:
        open_alerts, oldest = figures.alerts_to_answer(connection)
        if open_alerts:
            needs.append(Need("alert", open_alerts, None, oldest, None))
    return Overview(
        today,
        begins,
        ends,
        [
            _rate(connection, "Clean-claim rate", "clean_claim_rate", begins, ends, facilities, "claims"),
            _rate(
                connection, "Initial denial rate", "initial_denial_rate", begins, ends, facilities,
                "answered claims",
            ),
            *([_days_receivable(connection, today, begins, facilities)] if shows_ledger else []),
            _waiting(work),
        ],
        figures.days_of_answers(connection, begins, ends, facilities),
        needs,
    )  # fmt: skip


def _rate(
    connection: Connection,
    name: str,
    kpi: str,
    begins: datetime.date,
    ends: datetime.date,
    facilities: Sequence[str] | None,
    what: str,
) -> Figure:
    """A rate of the analytics, with its definition, compared with as many days before."""
    day = datetime.timedelta(days=1)
    last = max(begins, min(ends, clock.today()))

    def over(first: datetime.date, until: datetime.date) -> KpiRow:
        asked = ask(kpi, begins=first, ends=until, facilities=facilities)
        return answer(connection, asked, hide_small=False).totals[0]

    now, earlier = over(begins, last), over(begins - (ends - begins) - day, begins - day)
    sheet = figure_named(kpi)
    return Figure(
        name, "share", now.value, earlier.value, sheet.direction == "higher", sheet.definition,
        f"{now.numerator or 0:,} of {now.denominator or 0:,} {what}",
    )  # fmt: skip


def _days_receivable(
    connection: Connection, today: datetime.date, begins: datetime.date, facilities: Sequence[str] | None
) -> Figure:
    """Net days in A/R as the analytics have them, today, beside the day before the period."""

    def on(day: datetime.date) -> KpiRow:
        asked = ask("net_days_in_ar", begins=day, ends=day, facilities=facilities)
        return answer(connection, asked, hide_small=False).totals[0]

    now, earlier = on(today), on(begins - datetime.timedelta(days=1))
    sheet = figure_named("net_days_in_ar")
    daily = round((now.denominator or 0) / _CHARGE_DAYS)
    return Figure(
        "Days in A/R", "days", now.value, earlier.value, sheet.direction == "higher", sheet.definition,
        f"${_dollars(now.numerator or 0)} owed, ${_dollars(daily)} net revenue a day",
    )  # fmt: skip


def _waiting(work: Sequence[OpenWorkTotal]) -> Figure:
    items = sum(each.items for each in work)
    snoozed = sum(each.snoozed for each in work)
    return Figure(
        "Waiting for us", "cents", sum(each.stake_cents for each in work), None, False,
        "Dollars at stake in the open work items that are not snoozed: what is lost if nobody works on them.",
        f"{items:,} open items" + (f", {snoozed:,} more snoozed" if snoozed else ""),
    )  # fmt: skip


def _dollars(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"
