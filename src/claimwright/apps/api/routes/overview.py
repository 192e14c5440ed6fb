"""The overview of a practice."""

from __future__ import annotations

import datetime

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.errors import ApiError, Detail
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import Day, OneFacility
from claimwright.assembly.reviews import GATHER_SECONDS, gather
from claimwright.features.overview import MOST_DAYS, PERIOD_DAYS, Overview, practice_overview
from claimwright.foundation import clock
from claimwright.store.listings import list_facilities

routes = Resource("overview", "The overview: figures, what happened, what needs a person")


@routes.get("/overview", action="claims.list")
def overview(
    asker: Asking,
    facility: OneFacility = None,
    from_on: Day | None = None,
    to_on: Day | None = None,
) -> Overview:
    """Figures with their definition, answers of the period, and what waits; amounts are cents.

    The period is from `from_on` to `to_on`, at most 400 days; without them the 30 days until today. Days in
    A/R and what waits are as of now; days in A/R are for those who may read the ledger.
    """
    today = clock.today()
    ends = to_on or today
    begins = from_on or ends - datetime.timedelta(days=PERIOD_DAYS - 1)
    if not 0 <= (ends - begins).days < MOST_DAYS:
        place = Detail(field="query.from_on", message=f"a period has 1 to {MOST_DAYS} days.")
        raise ApiError("invalid_request", details=[place])
    gather(asker.caller, asker.services.settings, asker.services.database, within=GATHER_SECONDS)
    may = asker.services.access.may
    with asker.services.database.transaction(asker.caller) as connection:
        return practice_overview(
            connection, today, begins=begins, ends=ends, facilities=asker.within(facility),
            shows_ledger=may(asker.caller, "ledger.read"), shows_appeals=may(asker.caller, "appeals.list"),
            shows_alerts=may(asker.caller, "analytics.read"),
        )  # fmt: skip


@routes.get("/facilities", action="own.read")
def facilities(asker: Asking) -> list[str]:
    """The facilities whose claims you may see, by name, as far as files came for them."""
    with asker.services.database.transaction(asker.caller) as connection:
        return list_facilities(connection, asker.facilities)
