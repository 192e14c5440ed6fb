"""What a manager asks every morning, from the store as it is.

Definitions follow the HFMA MAP Keys: clean-claim rate, initial denial rate, days in accounts receivable; each
figure carries its own definition, period and basis.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.platform.database import Connection
from claimwright.store import figures
from claimwright.store.figures import DayFigures, Pile, Share

_PERIOD_DAYS = 30
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
    value: float | None
    before: float | None
    is_better_high: bool
    definition: str
    basis: str


@dataclass(frozen=True)
class Need:
    """Something that waits for a person; `kind` is a kind of work items, or `held_payment`."""

    kind: str
    items: int
    cents: int
    oldest: datetime.datetime | None
    next_due: datetime.date | None


@dataclass(frozen=True)
class Overview:
    """The overview as of a day; `days` are the last 30."""

    as_of: datetime.date
    figures: list[Figure]
    days: list[DayFigures]
    needs: list[Need]


def practice_overview(
    connection: Connection, today: datetime.date, *, facilities: Sequence[str] | None = None
) -> Overview:
    """The overview of these facilities; None for all of them. Held payments belong to no facility."""
    tomorrow = today + datetime.timedelta(days=1)
    begins = tomorrow - datetime.timedelta(days=_PERIOD_DAYS)
    before = begins - datetime.timedelta(days=_PERIOD_DAYS)
    piles = figures.piles_of_work(connection, facilities)
    needs = [Need(each.kind, each.items, each.stake_cents, each.oldest, each.next_due) for each in piles]
    if facilities is None:
        held, cents = figures.held_payments(connection)
        if held:
            needs.append(Need("held_payment", held, cents, None, None))
    return Overview(
        today,
        [
            _rate(
                "Clean-claim rate", True,
                "Claims without a finding that blocks or warns, of all claims received in the last 30 days.",
                figures.clean_claims(connection, begins, tomorrow, facilities),
                figures.clean_claims(connection, before, begins, facilities), "claims",
            ),
            _rate(
                "Initial denial rate", False,
                "Claims of which the first payer denied something, of all that first payers answered in the "
                "last 30 days.",
                figures.denied_claims(connection, begins, tomorrow, facilities),
                figures.denied_claims(connection, before, begins, facilities), "answered claims",
            ),
            _days_receivable(connection, tomorrow, facilities),
            _waiting(piles),
        ],
        figures.days_of_answers(connection, begins, today, facilities),
        needs,
    )  # fmt: skip


def _rate(name: str, is_better_high: bool, definition: str, now: Share, before: Share, what: str) -> Figure:
    return Figure(
        name, "share", _quotient(now), _quotient(before), is_better_high, definition,
        f"{now.part:,} of {now.whole:,} {what}",
    )  # fmt: skip


def _quotient(share: Share) -> float | None:
    return share.part / share.whole if share.whole else None


def _days_receivable(
    connection: Connection, tomorrow: datetime.date, facilities: Sequence[str] | None
) -> Figure:
    begins = tomorrow - datetime.timedelta(days=_CHARGE_DAYS)
    found = figures.receivable(connection, begins, tomorrow, facilities)
    daily = found.charged_cents / _CHARGE_DAYS
    return Figure(
        "Days in A/R", "days", found.owed_cents / daily if daily else None, None, False,
        "Dollars that payers and patients owe, divided by the average charges of a day of service in the "
        "last 90 days.",
        f"$ {found.owed_cents / 100:,.2f} owed, $ {daily / 100:,.2f} charged a day",
    )  # fmt: skip


def _waiting(piles: Sequence[Pile]) -> Figure:
    items = sum(each.items for each in piles)
    return Figure(
        "Waiting for us", "cents", float(sum(each.stake_cents for each in piles)), None, False,
        "Dollars at stake in all open work items: what is lost if nobody works on them.",
        f"{items:,} open items",
    )  # fmt: skip
