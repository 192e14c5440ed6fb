"""The overview of a practice."""

from __future__ import annotations

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.resources import Resource
from claimwright.assembly.reviews import gather
from claimwright.features.overview import Overview, practice_overview
from claimwright.foundation import clock

routes = Resource("overview", "The overview: figures, what happened, what needs a person")


@routes.get("/overview", action="claims.list")
def overview(asker: Asking) -> Overview:
    """Figures with their definition, answers of the last 30 days, and what waits; amounts are cents.

    Days in A/R are for those who may read the ledger.
    """
    gather(asker.caller, asker.services.settings, asker.services.database)
    shows_ledger = asker.services.access.may(asker.caller, "ledger.read")
    with asker.services.database.transaction(asker.caller) as connection:
        return practice_overview(
            connection, clock.today(), facilities=asker.facilities, shows_ledger=shows_ledger
        )
