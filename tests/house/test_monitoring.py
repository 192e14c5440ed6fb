"""Alert rules, dashboards and runbook pages: fresh, right as promtool sees it, and of metrics that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from claimwright.platform.observability import Metrics
from claimwright.platform.observability.samples import FAMILIES

_NAMES = re.compile(r"\b(?:claimwright_|claims_|revenue_|processing_|validation_|sla_|ml_prediction_)\w+")
_ENDINGS = ("_bucket", "_sum", "_count")


def known_metrics() -> set[str]:
    """The names of all series that Claimwright exposes."""
    names = set()
    for family in FAMILIES.values():
        names |= {family.name + end for end in _ENDINGS} if family.kind == "histogram" else {family.name}
    registry = CollectorRegistry()
    Metrics(registry)
    for metric in registry.collect():
        ends = {"counter": ("_total",), "histogram": _ENDINGS}.get(metric.type, ("",))
        names |= {metric.name + end for end in ends}
    return names


def rules(root: Path) -> list[dict[str, Any]]:
    text = (root / "deploy" / "prometheus" / "claimwright.rules.yml").read_text()
    found: list[dict[str, Any]] = yaml.safe_load(text)["groups"][0]["rules"]
    return found


def dashboards(root: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((root / "deploy" / "grafana").glob("*.json"))]


def test_the_files_are_as_the_list_says(repo_root: Path) -> None:
    command = [sys.executable, str(repo_root / "scripts" / "generate_monitoring.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("action", ["check", "test"])
def test_promtool_accepts_the_rules_and_every_fault_fires(action: str, repo_root: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("NOT TESTED: there is no promtool on the path; `make prometheus` installs it")
    name = "claimwright.rules.yml" if action == "check" else "claimwright.test.yml"
    done = subprocess.run(
        [promtool, action, "rules", name], cwd=repo_root / "deploy" / "prometheus", capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_has_a_unit_test_and_a_page_of_the_runbook(repo_root: Path) -> None:
    text = (repo_root / "deploy" / "prometheus" / "claimwright.test.yml").read_text()
    tested = {
        check["alertname"]: bool(check["exp_alerts"])
        for each in yaml.safe_load(text)["tests"]
        for check in each["alert_rule_test"]
    }
    for rule in rules(repo_root):
        assert tested[rule["alert"]], rule["alert"]
        page = repo_root / rule["annotations"]["runbook"]
        assert page.is_file(), page
        assert rule["alert"] in page.read_text()
        assert "1. " in page.read_text()
        assert rule["labels"]["severity"] in {"critical", "warning"}


def test_the_faults_that_operators_fear_have_a_rule(repo_root: Path) -> None:
    severity = {
        rule["alert"].removeprefix("Claimwright"): rule["labels"]["severity"] for rule in rules(repo_root)
    }
    critical = {"Down", "DatabaseLost", "ProcessingStopped", "ErrorRate", "PhiAccessAnomaly"}
    warning = {"LatencyOverSla", "QueueGrowth", "ModelDegradation", "Disk", "StalledJobs"}
    assert {name for name, of in severity.items() if of == "critical"} == critical
    assert warning <= {name for name, of in severity.items() if of == "warning"}


def test_every_query_is_of_metrics_that_exist(repo_root: Path) -> None:
    queries = [rule["expr"] for rule in rules(repo_root)]
    for board in dashboards(repo_root):
        queries += [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    asked = {name for query in queries for name in _NAMES.findall(query)}
    assert asked - known_metrics() == set()
    named = {
        "claims_processed_total", "claims_failed_total", "revenue_processed_dollars",
        "processing_latency_bucket", "ml_prediction_accuracy", "validation_pass_rate",
        "sla_compliance_percentage",
    }  # fmt: skip
    assert named <= asked


def test_dashboards_are_of_the_form_that_grafana_reads(repo_root: Path) -> None:
    """Facts of Grafana's JSON model; no Grafana has read these files."""
    boards = dashboards(repo_root)
    assert len({board["uid"] for board in boards}) == len(boards) == 3
    for board in boards:
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", board["uid"])
        assert isinstance(board["schemaVersion"], int)
        source = board["templating"]["list"][0]
        assert (source["type"], source["query"]) == ("datasource", "prometheus")
        taken: set[tuple[int, int]] = set()
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
        for panel in board["panels"]:
            assert panel["type"] in {"timeseries", "stat"}
            assert panel["title"]
            assert panel["datasource"] == {"type": "prometheus", "uid": "${source}"}
            place = panel["gridPos"]
            assert place["x"] >= 0
            assert place["x"] + place["w"] <= 24
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not cells & taken
            taken |= cells
            ids = [target["refId"] for target in panel["targets"]]
            assert len(set(ids)) == len(ids) >= 1
