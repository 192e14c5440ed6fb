"""Observability of a pipeline process: metrics, logs, spans, and health over HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .health import breaker_standings, health_checks
from .predictions import MEASURED_EVERY_SECONDS, measure_predictions

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.pipeline import Committed
    from claimwright.platform.breakers import Standing
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.observability import HealthServer
    from claimwright.platform.settings import Settings


def configure_observability(settings: Settings, *, logs: bool) -> None:
    """Configure spans as the settings say, and log lines to standard error if wanted."""
    from claimwright.platform.observability import configure_logs, configure_spans

    if logs:
        configure_logs(settings)
    configure_spans(settings)


def count_commit(done: Committed) -> None:
    """Count a chunk that was committed."""
    from claimwright.platform.observability import METRICS, get_logger

    metrics = METRICS()
    metrics.processed("production", done.produced, charge_cents=int(done.charge * 100))
    metrics.processed("review", done.review, expected_cents=int(done.expected * 100))
    for reason, count in done.dead_reasons.items():
        metrics.failed(reason, count)
    for stage, seconds in done.seconds.items():
        metrics.stage(stage, seconds)
    # Logged last, so that the metrics already include the chunk when its log line appears.
    log = get_logger("pipeline")
    log.info("chunk committed", chunk=done.chunk, claims=done.claims, dead_letters=done.dead)


@contextmanager
def serve_health(caller: Caller, settings: Settings, database: Database, port: int) -> Iterator[HealthServer]:
    """Serve the metrics and health of the program's processes over HTTP, on a loopback port.

    Raises:
        OSError: the port can't be used.
    """
    from claimwright.foundation import clock
    from claimwright.platform.observability import METRICS, HealthServer

    due = [0.0]

    def measure() -> None:
        metrics = METRICS()
        with database.transaction(caller) as connection:
            _measure_queues(settings, connection)
            measure_breakers(breaker_standings(settings, connection))
            if clock.seconds() >= due[0]:
                due[0] = clock.seconds() + MEASURED_EVERY_SECONDS
                measure_predictions(caller, settings, connection)
        pool = database.pool.get_stats()
        metrics.pool(
            size=pool.get("pool_size", 0),
            idle=pool.get("pool_available", 0),
            waiting=pool.get("requests_waiting", 0),
        )

    with HealthServer(health_checks(settings), port=port, measure=measure) as server:
        yield server


def measure_breakers(standings: Iterable[Standing]) -> None:
    """Update the metrics of circuit breakers."""
    from claimwright.platform.observability import METRICS

    for each in standings:
        METRICS().breaker(each.name, each.state.value)


def time_statements(settings: Settings) -> None:
    """Count how long the statements of this process take, and which are slow."""
    from claimwright.platform.database.statement_times import listen_to_statements
    from claimwright.platform.observability import METRICS

    metrics, slow = METRICS(), settings.telemetry.slow_query_seconds
    listen_to_statements(lambda seconds: metrics.statement(seconds, is_slow=seconds > slow))


def _measure_queues(settings: Settings, connection: Connection) -> None:
    from claimwright.features.claims import waiting
    from claimwright.features.delivery import open_target, undelivered
    from claimwright.platform.observability import METRICS

    for queue, depth in waiting(connection).items():
        METRICS().queue(queue, depth)
    if settings.pipeline.target_url is not None:
        target = open_target(settings.pipeline.target_url.get_secret_value())
        METRICS().queue("delivery", undelivered(connection, target.name))
