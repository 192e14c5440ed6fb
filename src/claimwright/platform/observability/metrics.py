"""Metrics for Prometheus: what is processed, what fails and why, how long it takes, what is waiting.

Labels come from fixed sets: stages, reasons, routes, breakers. Never a tenant, never a value of a claim.
"""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prometheus_client import CollectorRegistry

# Buckets from a millisecond to the longest retry, each about three times the previous one.
_BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
_STATES = ("closed", "half_open", "open")
# Folder for counters shared by several processes. The library reads this variable when it is imported.
_TOGETHER = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """The metrics of one process, created at the first count."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = kept = registry or CollectorRegistry()
        # Of shared gauges, the most recent value of any process is reported.
        gauge = partial(Gauge, registry=kept, multiprocess_mode="mostrecent")
        self._claims = Counter(
            "claimwright_claims_processed_total", "Claims that were processed.", ["route"], registry=kept
        )
        self._failed = Counter(
            "claimwright_claims_failed_total",
            "Claims that became dead letters, by reason.",
            ["reason"],
            registry=kept,
        )
        self._revenue = Counter(
            "claimwright_revenue_cents_total",
            "What processed claims charge, and should be paid.",
            ["kind"],
            registry=kept,
        )
        self._stages = Histogram(
            "claimwright_stage_seconds",
            "Time that a chunk spends in a stage.",
            ["stage"],
            buckets=_BUCKETS,
            registry=kept,
        )
        self._retries = Counter(
            "claimwright_retries_total", "Operations that were tried again.", ["error_class"], registry=kept
        )
        self._queues = gauge("claimwright_queue_depth", "What waits.", ["queue"])
        self._pool = gauge("claimwright_pool_connections", "Database connections.", ["state"])
        self._waiting = gauge("claimwright_pool_waiting", "Requests that wait for a connection.")
        self._breakers = gauge(
            "claimwright_breaker_state",
            "1 for the state that a circuit breaker is in, 0 for the others.",
            ["breaker", "state"],
        )
        self._language_models = Counter(
            "claimwright_language_model_calls_total",
            "Requests to language models, by what came of them.",
            ["provider", "outcome"],
            registry=kept,
        )
        self._deliveries = Counter(
            "claimwright_event_deliveries_total",
            "Deliveries of events.",
            ["target", "outcome"],
            registry=kept,
        )

        self._statements = Histogram(
            "claimwright_database_statement_seconds",
            "Time that statements of the database take.",
            buckets=_BUCKETS,
            registry=kept,
        )
        self._slow = Counter(
            "claimwright_database_slow_statements_total",
            "Statements that took longer than telemetry.slow_query_seconds.",
            registry=kept,
        )

        # Named without the program's prefix, as is common for model monitoring.
        self._prediction = {
            name: gauge(f"ml_prediction_{metric}", words, ["model", "role"])
            for name, metric, words in (
                ("claims", "answered_claims", "Answered claims that the other numbers rest on."),
                ("accuracy", "accuracy", "Share of answered claims whose likelier outcome happened."),
                ("pr_auc", "pr_auc", "Area under precision over recall, of denials among answered claims."),
                ("slope", "calibration_slope", "Slope of outcomes on the log odds given; 1 is right."),
                ("error", "calibration_error", "Mean gap between predicted and observed denials."),
            )
        }
        self._drift = gauge("ml_prediction_drift", "Population stability index of a feature.", ["feature"])

    def processed(self, route: str, claims: int, *, charge_cents: int = 0, expected_cents: int = 0) -> None:
        """Count committed claims of a route, with their charges and expected payments.

        A counter can't decrease: a negative sum, caused by negative charges, counts as zero.
        """
        self._claims.labels(route).inc(claims)
        self._revenue.labels("charged").inc(max(charge_cents, 0))
        self._revenue.labels("expected").inc(max(expected_cents, 0))

    def failed(self, reason: str, claims: int = 1) -> None:
        """Count claims that became dead letters for a reason."""
        self._failed.labels(reason).inc(claims)

    def stage(self, stage: str, seconds: float) -> None:
        """Record the time that a chunk spent in a stage."""
        self._stages.labels(stage).observe(seconds)

    def statement(self, seconds: float, *, is_slow: bool) -> None:
        """Record how long a statement of the database took."""
        self._statements.observe(seconds)
        if is_slow:
            self._slow.inc()

    def retried(self, error_class: str) -> None:
        """Count a retry after this kind of failure."""
        self._retries.labels(error_class).inc()

    def queue(self, queue: str, depth: int) -> None:
        """Set the length of a queue."""
        self._queues.labels(queue).set(depth)

    def pool(self, *, size: int, idle: int, waiting: int) -> None:
        """Set the numbers of used and idle connections, and of requests that wait for one."""
        self._pool.labels("used").set(size - idle)
        self._pool.labels("idle").set(idle)
        self._waiting.set(waiting)

    def breaker(self, breaker: str, state: str) -> None:
        """Set the state of a circuit breaker: closed, half_open or open."""
        for each in _STATES:
            self._breakers.labels(breaker, each).set(each == state)

    def language_model(self, provider: str, outcome: str) -> None:
        """Count a request to a language model: answered, or the word of its failure."""
        self._language_models.labels(provider, outcome).inc()

    def delivered(self, target: str, outcome: str, events: int = 1) -> None:
        """Count event deliveries by outcome: delivered, failed or abandoned."""
        self._deliveries.labels(target, outcome).inc(events)

    def predicted(
        self,
        model: str,
        role: str,
        *,
        claims: int,
        accuracy: float,
        pr_auc: float,
        slope: float,
        error: float,
    ) -> None:
        """Set the prediction quality of a model, champion or shadow, on answered claims; NaN is left out."""
        values = {"claims": claims, "accuracy": accuracy, "pr_auc": pr_auc, "slope": slope, "error": error}
        for name, value in values.items():
            if not math.isnan(value):
                self._prediction[name].labels(model, role).set(value)

    def drifted(self, stability: Mapping[str, float]) -> None:
        """Set the drift of each feature since training: population stability index."""
        for feature, value in stability.items():
            self._drift.labels(feature).set(value)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format, of all processes that share counters."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        if _TOGETHER not in os.environ:
            return generate_latest(self.registry)
        of_all = CollectorRegistry()
        # The library has no type for this one.
        MultiProcessCollector(of_all)  # type: ignore[no-untyped-call]
        return generate_latest(of_all)


class _Lazily:
    """The process's metrics. The library is imported at the first count, not with this module."""

    _made: Metrics | None = None

    def __call__(self) -> Metrics:
        """The metrics."""
        if self._made is None:
            self._made = Metrics()
        return self._made


METRICS = _Lazily()


class MultiprocessMetrics:
    """Makes processes that are started later share counters: each of them reports the counts of all.

    Counters of killed processes are kept. Create it before anything is counted. Use it as a context manager:
    the counts are deleted at its end.
    """

    def __init__(self) -> None:
        self._folder = None
        if _TOGETHER not in os.environ:
            _remove_left_over()
            self._folder = tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-")
            os.environ[_TOGETHER] = self._folder

    def __enter__(self) -> MultiprocessMetrics:
        """Nothing is done."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A folder that the caller's environment named is not ours to remove.
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


_FOLDER = "claimwright-metrics-"


def _remove_left_over() -> None:
    """Remove the folders of killed processes of this account."""
    if not hasattr(os, "geteuid"):
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        number = folder.name.removeprefix(_FOLDER).partition("-")[0]
        try:
            is_ours = folder.lstat().st_uid == os.geteuid() and not folder.is_symlink()
            if is_ours and number.isdecimal():
                os.kill(int(number), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            # The process ID now belongs to another account's process, or the folder was just removed.
            continue
