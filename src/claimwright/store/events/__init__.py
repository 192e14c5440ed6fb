"""Events about claims: their schemas, and how one is published in the transaction of its change."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller
from claimwright.platform import events
from claimwright.platform.events import PLATFORM_EVENTS, Catalogue

if TYPE_CHECKING:
    import psycopg

__all__ = ["EVENTS", "publish"]

# Every event of the program.
EVENTS = Catalogue(resources.files(__package__) / "schemas", after=PLATFORM_EVENTS)


def publish(
    caller: Caller,
    connection: psycopg.Connection,
    *,
    type: str,  # noqa: A002 - as CloudEvents names it
    subject: str,
    data: Mapping[str, Any],
    correlation_id: str,
) -> None:
    """Write an event into the outbox, as `claimwright.platform.events.publish` does.

    Raises:
        EventError: there is no such event, or its schema does not allow the data.
    """
    events.publish(
        caller,
        connection,
        type=type,
        subject=subject,
        data=data,
        correlation_id=correlation_id,
        catalogue=EVENTS,
    )
