"""Metrics that are read from the store when Prometheus asks: exact after restarts, over all processes.

What is read from the store belongs to all tenants together. Figures are read at most once a minute, and are
as fresh as whoever brings them up to date. If the database does not answer in time, `claimwright_database_up`
is 0, and what comes from it is left out.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.foundation import clock

if TYPE_CHECKING:
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.observability.samples import Samples
    from claimwright.platform.settings import Settings
    from claimwright.store.metric_counts import TenantMetrics

# Prometheus waits ten seconds for an answer, by default.
_CONNECT_SECONDS = 2.0
_STATEMENT_MS = 4_000
_FIGURES_SECONDS = 60.0
_FIGURES = {
    "validation_pass_rate": ("clean_claim_rate", 1),
    "sla_compliance_percentage": ("pipeline_sla", 100),
}


class StoreMetrics:
    """Reads the metrics of a store. Of several requests at once, one reads and the others get the same."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings, self._database = settings, database
        self._lock = threading.Lock()
        self._figures: dict[str, float] = {}
        self._figures_due = 0.0

    def text(self) -> bytes:
        """All metrics: of the store, the server, the machine, and those that processes count themselves."""
        from claimwright.platform.observability import METRICS
        from claimwright.platform.observability.machine import add_machine
        from claimwright.platform.observability.samples import Samples

        with self._lock:
            begun, samples = clock.seconds(), Samples()
            self._read(samples)
            home = self._settings.home
            add_machine(samples, {"home": home, "database": self._settings.database.home})
            samples.add("claimwright_sla_seconds", self._settings.telemetry.sla_hours * 3_600)
            samples.add("claimwright_scrape_seconds", clock.seconds() - begun)
            return samples.text() + METRICS().text()

    def _read(self, samples: Samples) -> None:
        import psycopg
        from psycopg_pool import PoolTimeout

        from claimwright.foundation.errors import ClaimwrightError
        from claimwright.platform.observability import METRICS, get_logger

        stats = self._database.pool.get_stats()
        METRICS().pool(
            size=stats.get("pool_size", 0), idle=stats.get("pool_available", 0),
            waiting=stats.get("requests_waiting", 0),
        )  # fmt: skip
        try:
            with self._database.pool.connection(timeout=_CONNECT_SECONDS) as connection:
                self._read_from(connection, samples)
            samples.add("claimwright_database_up", 1)
        except (psycopg.Error, PoolTimeout, ClaimwrightError) as problem:
            samples.forget_all()
            samples.add("claimwright_database_up", 0)
            get_logger("metrics").warning("metrics can't be read", error_class=type(problem).__name__)

    def _read_from(self, connection: Connection, samples: Samples) -> None:
        from claimwright.platform.database import tenancy
        from claimwright.platform.database.server_metrics import server_metrics
        from claimwright.platform.jobs.counting import job_counts
        from claimwright.store.metric_counts import tenant_metrics

        begun = clock.seconds()
        connection.execute("select 1")
        samples.add("claimwright_database_probe_seconds", clock.seconds() - begun)
        connection.execute(f"set statement_timeout = {_STATEMENT_MS}".encode())
        try:
            server = server_metrics(connection)
            samples.add("claimwright_database_deadlocks_total", server.deadlocks)
            samples.add("claimwright_database_commits_total", server.commits)
            samples.add("claimwright_database_rollbacks_total", server.rollbacks)
            samples.add("claimwright_database_bytes", server.size_bytes)
            samples.add("claimwright_database_connections_most", server.most_connections)
            samples.add("claimwright_database_longest_seconds", server.longest_seconds)
            others = server.connections - server.active - server.idle_in_transaction
            for state, count in (
                ("active", server.active), ("idle_in_transaction", server.idle_in_transaction),
                ("idle", others),
            ):  # fmt: skip
                samples.add("claimwright_database_connections", count, state=state)
            for state, count in job_counts(connection).items():
                samples.add("claimwright_jobs", count, state=state)
            found: list[TenantMetrics] = []
            reads_figures = clock.seconds() >= self._figures_due
            shares: dict[str, list[tuple[int, int]]] = defaultdict(list)
            for (tenant,) in connection.execute("select store.tenants()").fetchall():
                caller = Caller(tenant, "system:metrics")
                with tenancy(connection, caller):
                    found.append(tenant_metrics(connection))
                    if reads_figures:
                        self._read_figures(caller, connection, shares)
            self._settle_figures(shares, reads=reads_figures)
            _add_counts(samples, found)
            for name, value in self._figures.items():
                samples.add(name, value)
        finally:
            if not connection.closed:
                connection.execute("reset statement_timeout")

    def _read_figures(
        self, caller: Caller, connection: Connection, shares: dict[str, list[tuple[int, int]]]
    ) -> None:
        from claimwright.features.analytics import answer, ask

        from .health import breaker_standings
        from .metrics import measure_breakers
        from .predictions import measure_predictions

        for metric, (figure, _) in _FIGURES.items():
            found = answer(connection, ask(figure), hide_small=False)
            total = found.totals[0]
            if total.denominator:
                shares[metric].append((total.numerator or 0, total.denominator))
            if found.refreshed_at is not None:
                age = (clock.now() - found.refreshed_at).total_seconds()
                shares["claimwright_figures_age_seconds"].append((int(age), 1))
        measure_breakers(breaker_standings(self._settings, connection))
        measure_predictions(caller, self._settings, connection)

    def _settle_figures(self, shares: dict[str, list[tuple[int, int]]], *, reads: bool) -> None:
        if not reads:
            return
        self._figures_due = clock.seconds() + _FIGURES_SECONDS
        self._figures = {}
        for metric, (_, times) in _FIGURES.items():
            if below := sum(each for _, each in shares[metric]):
                self._figures[metric] = times * sum(each for each, _ in shares[metric]) / below
        if ages := shares["claimwright_figures_age_seconds"]:
            self._figures["claimwright_figures_age_seconds"] = max(age for age, _ in ages)


def _add_counts(samples: Samples, found: list[TenantMetrics]) -> None:
    """Add what was counted for all tenants together."""
    from claimwright.platform.observability import METRICS
    from claimwright.store.metric_counts import BEYOND, LATENCY_EDGES

    counts: Counter[tuple[str, str]] = Counter()
    gauges: Counter[tuple[str, str]] = Counter()
    for each in found:
        counts.update({(name, label): float(value) for name, label, value in each.counts})
        gauges.update(each.gauges)
    for route in ("production", "review"):
        samples.add("claims_processed_total", counts["claims", route], route=route)
    # One reason is there from the beginning, so that the metric is.
    reasons = sorted({"WorkerCrashed", *(label for name, label in counts if name == "failed")})
    for reason in reasons:
        samples.add("claims_failed_total", counts["failed", reason], failure_reason=reason)
    # Without a label, it is there from the beginning: the first failure of a new reason is no increase of its
    # own series, which begins with it.
    samples.add("claims_unprocessable_total", sum(counts["failed", reason] for reason in reasons))
    samples.add("revenue_processed_dollars", float(Decimal(str(counts["charge_cents", ""])) / 100))
    samples.add("revenue_expected_dollars", float(Decimal(str(counts["expected_cents", ""])) / 100))
    buckets = [(edge, counts["latency_bucket", edge]) for edge in (*map(str, LATENCY_EDGES), BEYOND)]
    samples.add_histogram("processing_latency", buckets, counts["latency_sum", ""])
    for stage in sorted(label for name, label in counts if name == "stage_chunks"):
        samples.add("processing_stage_seconds_total", counts["stage_seconds", stage], stage=stage)
        samples.add("processing_stage_chunks_total", counts["stage_chunks", stage], stage=stage)
    samples.add("claimwright_access_alerts_open", gauges["access_alerts", ""])
    samples.add("claimwright_chunks_stalled", gauges["chunks_stalled", ""])
    for severity in ("info", "warning", "critical"):
        samples.add("claimwright_figure_alerts_open", gauges["figure_alerts", severity], severity=severity)
    for state in ("waiting", "given_up"):
        samples.add("claimwright_alert_messages", gauges["alert_messages", state], state=state)
    for queue in ("staged", "chunks", "dead_letters", "review"):
        METRICS().queue(queue, gauges["queue", queue])
