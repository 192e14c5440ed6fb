"""A real Prometheus scrapes a real `serve`, and its alerts fire when something is broken."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.features.pipeline.bench_of_claims import CALLER, command, environment_of, value
from tests.features.pipeline.conftest import Staging

from claimwright.foundation import clock
from claimwright.platform.access import raise_alert
from claimwright.platform.database import SUPERUSER
from claimwright.store.metric_counts import add_counts

TOKEN = "a-token-of-more-than-24-characters"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def eventually(found: Callable[[], Any], what: str, seconds: float = 120) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if answer := found():
                return answer
        time.sleep(0.5)
    raise AssertionError(f"{what}: not within {seconds} s")


@contextmanager
def process(words: list[str], log: Path, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("ab") as written,
        subprocess.Popen(words, stdout=written, stderr=written, **more) as started,
    ):
        try:
            yield started
        finally:
            started.terminate()
            try:
                started.wait(60)
            except subprocess.TimeoutExpired:
                started.kill()


@dataclass
class Scrape:
    """The API's metrics."""

    port: int

    def text(self) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            found: str = answer.read().decode()
        return found

    def value(self, name: str, **labels: str) -> float:
        for family in text_string_to_metric_families(self.text()):
            for sample in family.samples:
                # The library adds an ending to counters that have none.
                is_it = sample.name.removesuffix("_total") == name.removesuffix("_total")
                if is_it and labels.items() <= sample.labels.items():
                    return float(sample.value)
        raise AssertionError(f"there is no {name}")


def firing(prometheus: int) -> set[str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{prometheus}/api/v1/alerts", timeout=10) as answer:
        alerts = json.load(answer)["data"]["alerts"]
    return {each["labels"]["alertname"] for each in alerts if each["state"] == "firing"}


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="NOT TESTED: there is no prometheus; see `make prometheus`"
)
def test_alerts_fire_when_the_fault_is_made(waiting: Staging, tmp_path: Path, repo_root: Path) -> None:
    port, own = free_port(), free_port()
    environment = environment_of(waiting.store, waiting.folder) | {
        "CLAIMWRIGHT_TELEMETRY_METRICS_TOKEN": TOKEN,
        "CLAIMWRIGHT_DATABASE_CONNECT_TIMEOUT_SECONDS": "3",
    }
    rules = (repo_root / "deploy" / "prometheus" / "claimwright.rules.yml").read_text()
    # The rules themselves, with seconds in place of the minutes after which they fire.
    (tmp_path / "rules.yml").write_text(re.sub(r"for: (?!0m)\d+[mh]", "for: 2s", rules))
    (tmp_path / "prometheus.yml").write_text(
        "global: {scrape_interval: 5s, evaluation_interval: 2s}\n"
        "rule_files: [rules.yml]\n"
        "scrape_configs:\n- job_name: claimwright\n  scrape_timeout: 5s\n"
        f"  authorization: {{credentials: {TOKEN}}}\n"
        f"  static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n"
    )
    scrape, log = Scrape(port), tmp_path / "serve.log"
    api = command("serve", "--only", "api", "--port", str(port))
    scraper = [
        "prometheus", "--config.file", "prometheus.yml", "--storage.tsdb.path", "data",
        "--web.listen-address", f"127.0.0.1:{own}",
    ]  # fmt: skip
    with process(scraper, tmp_path / "prometheus.log", cwd=tmp_path):
        with process(api, log, env=environment):
            eventually(scrape.text, "the API answers")
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10)
            assert scrape.value("claims_processed_total", route="production") == 0
            staged = value(waiting.store, "select count(*) from staging.claims")
            assert scrape.value("claimwright_queue_depth", queue="staged") == staged
            # Claims wait, and nothing processes them.
            eventually(lambda: "ClaimwrightProcessingStopped" in firing(own), "processing stopped")
            assert not firing(own) & {"ClaimwrightDown", "ClaimwrightDatabaseLost", "ClaimwrightErrorRate"}
            with waiting.store.open() as database, database.transaction(CALLER) as connection:
                raise_alert(connection, kind="walk", actor="user:9", day=clock.today(), counted=40, usual=15)
                add_counts(connection, {("failed", "WorkerCrashed"): 60})
            eventually(lambda: "ClaimwrightPhiAccessAnomaly" in firing(own), "PHI access")
            eventually(lambda: "ClaimwrightErrorRate" in firing(own), "error rate")
            with psycopg.connect(
                waiting.store.server.address(SUPERUSER, "postgres"), autocommit=True
            ) as root:
                name = waiting.store.name
                root.execute(f"alter database {name} allow_connections false".encode())
                root.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
                )
                eventually(lambda: "ClaimwrightDatabaseLost" in firing(own), "database lost")
                assert scrape.value("claimwright_database_up") == 0
                root.execute(f"alter database {name} allow_connections true".encode())
            eventually(lambda: "ClaimwrightDatabaseLost" not in firing(own), "the database is back")
        eventually(lambda: "ClaimwrightDown" in firing(own), "down")

        # With all its parts, it processes what waits; started anew, it has counted every claim once.
        with process(command("serve", "--port", str(port)), log, env=environment):
            eventually(
                lambda: value(waiting.store, "select count(*) from staging.claims") == 0, "processed", 240
            )
            eventually(scrape.text, "the API answers")
            stored = value(waiting.store, "select count(*) from production.claims")
            counted = scrape.value("claims_processed_total", route="production") + scrape.value(
                "claims_processed_total", route="review"
            )
            assert counted == stored
            # A part of its own has the pipeline; the API tells what it counts.
            assert scrape.value("claimwright_stage_seconds_count", stage="write") >= 1
            eventually(lambda: "ClaimwrightDown" not in firing(own), "up again")
        with process(api, log, env=environment):
            eventually(scrape.text, "the API answers")
            again = scrape.value("claims_processed_total", route="production")
            assert again + scrape.value("claims_processed_total", route="review") == stored
            assert scrape.value("processing_latency_count") == stored
            charge = value(waiting.store, "select sum(total_charge) from production.claims")
            assert scrape.value("revenue_processed_dollars") == pytest.approx(float(str(charge)))
            assert scrape.value("claims_failed_total", failure_reason="WorkerCrashed") == 60
