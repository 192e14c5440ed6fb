"""Logs, metrics, spans and health: what they tell, and what they never tell."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from claimwright.platform.observability import (
    HealthServer,
    Metrics,
    configure_logs,
    get_logger,
    health_of,
    scope,
    span,
)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    written = io.StringIO()
    before = logging.getLogger().handlers
    configure_logs(stream=written)
    yield written
    structlog.reset_defaults()
    logging.getLogger().handlers = before


def told(stream: io.StringIO) -> dict[str, Any]:
    [line] = stream.getvalue().splitlines()
    said: dict[str, Any] = json.loads(line)
    return said


# --- logs ---------------------------------------------------------------------------------------------


def test_a_line_is_json_with_the_ids_of_its_scope(stream: io.StringIO) -> None:
    with scope(tenant="north", correlation_id="c-1"), scope(run_id=7):
        get_logger("pipeline").info("chunk committed", chunk=3, claims=5_000)
    said = told(stream)
    assert said.items() >= {
        "event": "chunk committed", "level": "info", "logger": "pipeline", "tenant": "north",
        "correlation_id": "c-1", "run_id": 7, "chunk": 3, "claims": 5_000,
    }.items()  # fmt: skip
    assert said["timestamp"].endswith("Z")


def test_the_ids_end_with_their_scope(stream: io.StringIO) -> None:
    with scope(tenant="north"):
        pass
    get_logger("x").info("after")
    assert "tenant" not in told(stream)


def test_threads_have_scopes_of_their_own(stream: io.StringIO) -> None:
    with scope(tenant="north"):
        other = threading.Thread(target=lambda: get_logger("x").info("elsewhere"))
        other.start()
        other.join()
    assert "tenant" not in told(stream)


@pytest.mark.parametrize(
    "keys",
    [
        {"patient_last_name": "RIVERA"},
        {"claim_id": "RIVERA-1"},
        {"status": {"name": "RIVERA"}},
        {"reason": "RIVERA called"},
        {"message": "NM1*IL*1*RIVERA*ANA"},
        {"message": "write to rivera@RIVERA.example"},
        {"rows": ["CLM*RIVERA"]},
        {"message": "x" * 300 + "RIVERA"},
    ],
)
def test_what_is_not_on_the_list_is_withheld_and_named(stream: io.StringIO, keys: dict[str, Any]) -> None:
    get_logger("x").info("something", **keys)
    assert "RIVERA" not in stream.getvalue()
    assert told(stream)["withheld"] == sorted(keys)


def test_an_event_that_looks_like_a_piece_of_a_claim_is_withheld(stream: io.StringIO) -> None:
    get_logger("x").info("failed at NM1*IL*1*RIVERA")
    assert told(stream)["event"] == "(withheld)"


def test_an_exception_is_told_by_class_and_place_never_by_its_message(stream: io.StringIO) -> None:
    try:
        int("RIVERA")
    except ValueError as problem:
        get_logger("x").error("could not read", exc_info=problem)
    said = told(stream)
    assert said["exception_class"] == "ValueError"
    assert said["place"].partition(":")[0].endswith("test_observability")
    assert "RIVERA" not in stream.getvalue()


def test_what_a_library_logs_is_told_without_its_words(stream: io.StringIO) -> None:
    logging.getLogger("some.library").warning("refused RIVERA")
    assert told(stream)["logger"] == "some.library"
    assert "RIVERA" not in stream.getvalue()


def test_as_a_library_nothing_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    get_logger("x").error("nobody asked")
    assert capsys.readouterr() == ("", "")
    structlog.reset_defaults()


# --- metrics ------------------------------------------------------------------------------------------


def values(metrics: Metrics) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for each in families
        for sample in each.samples
    }


def test_claims_failures_and_revenue_are_counted() -> None:
    metrics = Metrics()
    metrics.processed("production", 4_000, charge_cents=123_456, expected_cents=99)
    metrics.processed("review", 1_000, charge_cents=4)
    metrics.failed("unreadable", 2)
    found = values(metrics)
    assert found["claimwright_claims_processed_total", "production"] == 4_000
    assert found["claimwright_claims_processed_total", "review"] == 1_000
    assert found["claimwright_claims_failed_total", "unreadable"] == 2
    assert found["claimwright_revenue_cents_total", "charged"] == 123_460
    assert found["claimwright_revenue_cents_total", "expected"] == 99


def test_stages_are_timed_and_queues_pools_and_breakers_are_shown() -> None:
    metrics = Metrics()
    metrics.stage("price", 0.25)
    metrics.queue("staged", 12)
    metrics.pool(size=4, idle=1, waiting=2)
    metrics.breaker("model", "open")
    metrics.retried("ConnectionTimeout")
    metrics.delivered("webhook", "failed")
    found = values(metrics)
    assert found["claimwright_stage_seconds_sum", "price"] == 0.25
    assert found["claimwright_stage_seconds_bucket", "0.1", "price"] == 0
    assert found["claimwright_stage_seconds_bucket", "0.3", "price"] == 1
    assert found["claimwright_queue_depth", "staged"] == 12
    assert found["claimwright_pool_connections", "used"] == 3
    assert found["claimwright_pool_waiting",] == 2
    assert [found["claimwright_breaker_state", "model", state] for state in ("closed", "open")] == [0, 1]


def test_a_sum_below_nothing_counts_as_none() -> None:
    metrics = Metrics()
    metrics.processed("review", 1, charge_cents=-500, expected_cents=-1)
    metrics.processed("production", 1, charge_cents=700)
    found = values(metrics)
    assert found["claimwright_revenue_cents_total", "charged"] == 700
    assert found["claimwright_revenue_cents_total", "expected"] == 0


_COUNTED_BY_THREE = """
import os
from claimwright.platform.observability import METRICS, MultiprocessMetrics
together = MultiprocessMetrics()
def counting(claims):
    child = os.fork()
    if not child:
        METRICS().processed("production", claims, charge_cents=100)
        METRICS().stage("price", 0.25)
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
counting(3)
counting(4)
METRICS().processed("production", 5)
METRICS().queue("staged", 2)
print(METRICS().text().decode())
together.__exit__(None, None, None)
print("left", os.path.exists(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_processes_that_count_together_tell_what_all_have_counted_even_those_that_were_killed() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _COUNTED_BY_THREE], capture_output=True, text=True, check=True
    ).stdout
    assert 'claimwright_claims_processed_total{route="production"} 12.0' in told
    assert 'claimwright_revenue_cents_total{kind="charged"} 200.0' in told
    assert 'claimwright_stage_seconds_count{stage="price"} 2.0' in told
    assert 'claimwright_queue_depth{queue="staged"} 2.0' in told
    assert told.endswith("left False\n")


# --- spans --------------------------------------------------------------------------------------------


def test_spans_carry_ids_and_nothing_that_is_not_on_the_list(exporter: InMemorySpanExporter) -> None:
    exporter.clear()
    with scope(tenant="north", run_id=7), span("price", chunk=3, patient_last_name="RIVERA"):
        pass
    [made] = exporter.get_finished_spans()
    assert dict(made.attributes or {}) == {"tenant": "north", "run_id": 7, "chunk": 3}


def test_a_failed_span_tells_the_class_and_not_the_message(exporter: InMemorySpanExporter) -> None:
    exporter.clear()
    with pytest.raises(ValueError, match="RIVERA"), span("price"):
        raise ValueError("RIVERA")
    [made] = exporter.get_finished_spans()
    assert "ValueError" in made.to_json()
    assert "RIVERA" not in made.to_json()


# --- health -------------------------------------------------------------------------------------------


def asked(server: HealthServer, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, problem.read().decode()


def broken() -> None:
    raise ConnectionError("password=hunter2")


def test_a_process_whose_parts_answer_is_live_and_ready() -> None:
    with HealthServer({"database": lambda: None}) as server:
        assert asked(server, "/health/live")[0] == 200
        status, said = asked(server, "/health/ready")
        assert (status, json.loads(said)["checks"]) == (200, {"database": "ok"})


def test_a_process_with_a_broken_part_is_live_but_not_ready() -> None:
    with HealthServer({"database": broken, "objects": lambda: None}) as server:
        assert asked(server, "/health/live")[0] == 200
        status, said = asked(server, "/health/ready")
        assert (status, json.loads(said)["checks"]) == (503, {"database": "ConnectionError", "objects": "ok"})
        assert "hunter2" not in said


def test_a_check_that_hangs_has_failed() -> None:
    release, answered = threading.Event(), threading.Event()

    def hanging() -> None:
        release.wait(120)
        answered.set()

    health = health_of({"slow": hanging}, within_seconds=0.1)
    # Whoever asked has the outcome, and the check still hangs.
    assert not answered.is_set()
    release.set()
    assert dict(health.checks) == {"slow": "no answer in time"}


def test_metrics_are_served_and_other_paths_are_not() -> None:
    with HealthServer({}) as server:
        assert asked(server, "/metrics")[0] == 200
        assert asked(server, "/etc/passwd")[0] == 404
