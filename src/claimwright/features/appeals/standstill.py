"""Cases that stand: in progress, and nothing done for longer than a limit. Each standstill is told once."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.store import appeals as rows
from claimwright.store.alert_deliveries import add_delivery

from .audit_events import publish_case, record_case

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

# A stage takes a second; a language model up to minutes, with its retries.
LONGEST_MINUTES = 30


def tell_stalled(
    caller: Caller,
    connection: Connection,
    *,
    minutes: int = LONGEST_MINUTES,
    targets: Sequence[str] = (),
) -> list[rows.AppealCase]:
    """Publish `appeal.stalled.v1` for cases that have stood for so many minutes and were not told yet.

    Targets of alerts get one message about all of them; the deliveries of alerts send it.
    """
    now = clock.now()
    stalled = rows.stalled_cases(connection, now - datetime.timedelta(minutes=minutes))
    for case in stalled:
        stood = int((now - case.changed_at).total_seconds() // 60)
        rows.mark_stalled(connection, case.case_id, now)
        publish_case(caller, connection, case, "stalled", {"stage": case.stage, "minutes": stood})
        record_case(caller, connection, case, "stalled", {"stage": case.stage})
    for target in targets if stalled else ():
        add_delivery(
            connection, target=target, definition=None, what="stalled",
            incidents=[case.case_id for case in stalled], now=now,
        )  # fmt: skip
    return stalled
