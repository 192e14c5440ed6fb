"""Alerts before a clock lapses: an event once for each denial, clock and threshold of days.

The job `ALERT` gives the alerts of one tenant. It may run twice: what was given is remembered in the
transaction of its event.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Sequence

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.deadlines import Override, alerts
from claimwright.foundation import clock
from claimwright.platform.database import Connection
from claimwright.platform.jobs import Jobs
from claimwright.store.denial_alerts import insert_alerts
from claimwright.store.denial_work import denials_at_work, denials_on_appeal
from claimwright.store.sealed_claims import Opens

from .audit_events import tell_alerts
from .contract_clocks import overrides_in
from .facts import with_claim_facts
from .weighing import running_clocks

ALERT = "denials.alert"
THRESHOLDS = (30, 14, 7, 1)


def give_alerts(
    caller: Caller,
    connection: Connection,
    as_of: datetime.date,
    opener: Opens | None = None,
    *,
    thresholds: Sequence[int] = THRESHOLDS,
    overrides: Sequence[Override] = (),
    correlation_id: str | None = None,
) -> int:
    """Publish an event for each clock of an open denial that has newly reached a threshold. Returns how many.

    Where an appeal was sent or lost, the clocks of the next level and of external review count. A clock that
    has passed several thresholds since the last time gives one alert, for the smallest.

    Raises:
        PhiError: a record of a claim can't be opened.
    """
    denials = with_claim_facts(caller, connection, denials_at_work(connection), opener)
    overrides = overrides or overrides_in(connection)
    appealed = with_claim_facts(caller, connection, denials_on_appeal(connection), opener)
    running = pl.concat(
        [running_clocks(denials, as_of, overrides), _of_next_level(appealed, as_of, overrides)]
    )
    near = alerts(running, thresholds).sort("due_on", "denial", "clock")
    if not near.height:
        return 0
    given = insert_alerts(connection, near, clock.now())
    facts = pl.concat([each.select("denial", "claim_key", "amount_cents") for each in (denials, appealed)])
    rows = [
        row
        for row in near.join(facts, on="denial", how="left", maintain_order="left").iter_rows(named=True)
        if (row["denial"], row["clock"], row["threshold"]) in given
    ]
    if rows:
        tell_alerts(caller, connection, rows, correlation_id or str(uuid.uuid4()))
    return len(rows)


def _of_next_level(
    denials: pl.DataFrame, as_of: datetime.date, overrides: Sequence[Override]
) -> pl.DataFrame:
    """The clocks of appeals and reviews after the level that was appealed last."""
    found = running_clocks(denials, as_of, overrides)
    levels = denials.select("denial", "appealed_level")
    is_later = pl.col("level") > pl.col("appealed_level")
    is_review = (pl.col("kind") == "external_review") & (pl.col("appealed_level") == 1)
    return (
        found.join(levels, on="denial", maintain_order="left")
        .filter(is_later.fill_null(value=False) | is_review)
        .drop("appealed_level")
    )


def register_alerts(jobs: Jobs, work: Callable[[Caller, str], object] | None = None) -> Jobs:
    """The queue with the job `ALERT`; `work` gets caller and correlation id.

    A process that only submits does not need `work`.
    """

    @jobs.job(ALERT)
    def run(caller: Caller, correlation_id: str) -> None:
        if work is None:
            raise RuntimeError("this process only submits alerts")
        work(caller, correlation_id)

    return jobs


def submit_alerts(caller: Caller, connection: Connection, jobs: Jobs) -> None:
    """Queue the alerts of the caller's tenant for a worker. `jobs` must define `ALERT`."""
    jobs.defer(caller, connection, ALERT, lock=f"{ALERT}:{caller.tenant}", correlation_id=str(uuid.uuid4()))
