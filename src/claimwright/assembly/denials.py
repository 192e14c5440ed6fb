"""Builds what works on denials from settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .stores import open_sealer

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.database import Database
    from claimwright.platform.jobs import Jobs
    from claimwright.platform.settings import Settings


def alert_jobs(settings: Settings, database: Database) -> Jobs:
    """The queue of alerts about denials of all tenants. Call its `work`.

    Raises:
        PhiError: the keys can't be loaded; when a job runs.
    """
    from claimwright.features.denials import give_alerts, register_alerts
    from claimwright.foundation import clock
    from claimwright.platform.jobs import Jobs

    def work(caller: Caller, correlation_id: str) -> None:
        sealer = open_sealer(settings, database)
        with database.transaction(caller) as connection:
            give_alerts(caller, connection, clock.today(), sealer, correlation_id=correlation_id)

    return register_alerts(Jobs(database.address), work)
