"""What collecting costs, as people enter it by month."""

from __future__ import annotations

import datetime
import uuid

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.analytics_sums import enter_cost

from .question import FigureError

_MOST_CENTS = 10**13


def enter_monthly_cost(caller: Caller, connection: Connection, month: datetime.date, cents: int) -> None:
    """Enter the cost of a month, in cents, in place of what was entered for it before.

    Raises:
        FigureError: the month is in the future, or the amount is none.
    """
    first = month.replace(day=1)
    if first > clock.today():
        raise FigureError("a month in the future has no cost yet.")
    if not 0 <= cents <= _MOST_CENTS:
        raise FigureError("a cost is zero or more, in cents.")
    enter_cost(connection, first, cents)
    audit.append(
        caller, connection, action="analytics.cost_entered", subject=f"month:{first:%Y-%m}",
        detail={"amount_cents": cents}, correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
