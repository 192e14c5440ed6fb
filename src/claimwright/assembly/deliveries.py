"""Delivers production claims to another database, as the settings say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from claimwright.foundation.errors import ConfigurationError

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.delivery import Delivered
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings

# The name of the target's circuit breaker.
_BREAKER = "target"


class TargetMissingError(ConfigurationError):
    """The settings name no delivery target."""


def deliver_claims(
    caller: Caller, settings: Settings, database: Database, *, batch: int = 5_000
) -> Iterator[Delivered]:
    """Deliver the waiting claims to `pipeline.target_url`, behind its circuit breaker; yields each batch.

    Raises:
        TargetMissingError: the settings name no target.
        DeliveryError: the target can't be used.
        TargetUnavailableError: its breaker is open; claims wait.
        features.delivery.TRANSIENT: all `pipeline.attempts` attempts failed.
    """
    from claimwright.features.delivery import (
        TRANSIENT,
        Patience,
        TargetWithBreaker,
        deliver_patiently,
        open_target,
    )
    from claimwright.platform.audit import append
    from claimwright.platform.breakers import Breaker, database_notifier_of, standing_of

    address, wanted = target_address(settings), settings.pipeline
    with database.transaction(caller) as connection:
        before = standing_of(connection, _BREAKER)
    breaker = Breaker(
        _BREAKER,
        wanted.breaker_failures,
        wanted.breaker_seconds,
        database_notifier_of(caller, database),
        before=before,
    )
    batches = deliver_patiently(
        caller,
        database,
        lambda: TargetWithBreaker(open_target(address), breaker, TRANSIENT),
        batch=batch,
        patience=Patience(wanted.attempts, wanted.retry_first_seconds, wanted.retry_longest_seconds),
    )
    delivered = 0
    try:
        for each in batches:
            delivered += each.claims
            yield each
    finally:
        # Delivered claims are in the audit log even if the target failed halfway.
        if delivered:
            with database.transaction(caller) as connection:
                append(
                    caller, connection, action="claims.delivered", subject="target",
                    detail={"claims": delivered}, correlation_id="",
                )  # fmt: skip


def undelivered_claims(caller: Caller, settings: Settings, database: Database) -> int:
    """How many claims wait for the target in the settings."""
    from claimwright.features.delivery import open_target, undelivered

    target = open_target(target_address(settings))
    with database.transaction(caller) as connection:
        return undelivered(connection, target.name)


def target_address(settings: Settings) -> str:
    """The target to which production claims are delivered.

    Raises:
        TargetMissingError: the settings name no target.
    """
    if settings.pipeline.target_url is None:
        raise TargetMissingError(
            "set pipeline.target_url: postgresql://... or mssql://..., the database to deliver to."
        )
    return settings.pipeline.target_url.get_secret_value()
