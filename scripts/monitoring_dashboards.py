"""The one list of dashboards for Grafana: business, pipeline, machine and database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Grafana 10 and newer read this version of the JSON model, and migrate it to their own.
SCHEMA_VERSION = 38
_WIDTH, _HEIGHT = 12, 8


@dataclass(frozen=True)
class Panel:
    """A panel: title, unit of Grafana, its queries with their legends. `kind`: timeseries or stat."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    kind: str = "timeseries"


@dataclass(frozen=True)
class Dashboard:
    """A dashboard and its panels, two a row."""

    uid: str
    title: str
    panels: tuple[Panel, ...]


DASHBOARDS: tuple[Dashboard, ...] = (
    Dashboard(
        "claimwright-business",
        "Claimwright: business",
        (
            Panel("Claims processed an hour", "short",
                  (("sum by (route) (increase(claims_processed_total[1h]))", "{{route}}"),)),
            Panel("Claims that failed an hour", "short",
                  (("sum by (failure_reason) (increase(claims_failed_total[1h]))", "{{failure_reason}}"),)),
            Panel("Dollars charged an hour", "currencyUSD",
                  (("sum(increase(revenue_processed_dollars[1h]))", "charged"),
                   ("sum(increase(revenue_expected_dollars[1h]))", "expected"))),
            Panel("Processed within the service level", "percent",
                  (("min(sla_compliance_percentage)", "30 days"),), "stat"),
            Panel("Clean claims", "percentunit", (("min(validation_pass_rate)", "30 days"),), "stat"),
            Panel("Predictions that were right", "percentunit",
                  (("ml_prediction_accuracy", "{{model}} {{role}}"),)),
            Panel("Alerts on figures", "short",
                  (("sum by (severity) (claimwright_figure_alerts_open)", "{{severity}}"),), "stat"),
            Panel("Age of the figures", "s", (("max(claimwright_figures_age_seconds)", "oldest"),)),
        ),
    ),
    Dashboard(
        "claimwright-pipeline",
        "Claimwright: pipeline",
        (
            Panel("Latency of claims", "s", tuple(
                (f"histogram_quantile({share}, sum by (le) (rate(processing_latency_bucket[1h])))", name)
                for share, name in (("0.5", "half"), ("0.95", "95 %"), ("0.99", "99 %")))),
            Panel("Queues", "short", (("sum by (queue) (claimwright_queue_depth)", "{{queue}}"),)),
            Panel("Seconds of a chunk by stage", "s", ((
                "sum by (stage) (rate(processing_stage_seconds_total[15m])) / "
                "sum by (stage) (rate(processing_stage_chunks_total[15m]))", "{{stage}}"),)),
            Panel("Jobs", "short", (("sum by (state) (claimwright_jobs)", "{{state}}"),
                                    ("sum(claimwright_chunks_stalled)", "chunks stalled"))),
            Panel("Retries an hour", "short",
                  (("sum by (error_class) (increase(claimwright_retries_total[1h]))", "{{error_class}}"),)),
            Panel("Circuit breakers that are open", "short",
                  (('sum by (breaker) (claimwright_breaker_state{state="open"})', "{{breaker}}"),)),
            Panel("Deliveries of events an hour", "short",
                  (("sum by (target, outcome) (increase(claimwright_event_deliveries_total[1h]))",
                    "{{target}} {{outcome}}"),)),
            Panel("Messages of alerts", "short",
                  (("sum by (state) (claimwright_alert_messages)", "{{state}}"),)),
        ),
    ),
    Dashboard(
        "claimwright-machine",
        "Claimwright: machine and database",
        (
            Panel("Processor in use", "percentunit", ((
                '1 - sum(rate(claimwright_cpu_seconds_total{mode="idle"}[5m])) / '
                "sum(rate(claimwright_cpu_seconds_total[5m]))", "all"), ("max(claimwright_load)", "load"))),
            Panel("Memory", "bytes", (("claimwright_memory_bytes", "{{state}}"),)),
            Panel("Disk in use", "percentunit", ((
                'max by (folder) (claimwright_disk_bytes{state="used"}) / '
                'max by (folder) (claimwright_disk_bytes{state="total"})', "{{folder}}"),)),
            Panel("Size of the database", "bytes", (("max(claimwright_database_bytes)", "database"),)),
            Panel("Time of statements", "s", tuple(
                (f"histogram_quantile({share}, sum by (le) "
                 "(rate(claimwright_database_statement_seconds_bucket[5m])))", name)
                for share, name in (("0.5", "half"), ("0.95", "95 %"), ("0.99", "99 %")))),
            Panel("Slow statements and deadlocks an hour", "short",
                  (("sum(increase(claimwright_database_slow_statements_total[1h]))", "slow"),
                   ("sum(increase(claimwright_database_deadlocks_total[1h]))", "deadlocks"))),
            Panel("Connections", "short",
                  (("sum by (state) (claimwright_database_connections)", "{{state}}"),
                   ("max(claimwright_database_connections_most)", "allowed"),
                   ("sum(claimwright_pool_waiting)", "requests that wait"))),
            Panel("Longest transaction", "s",
                  (("max(claimwright_database_longest_seconds)", "longest"),
                   ("max(claimwright_database_probe_seconds)", "empty statement"))),
        ),
    ),
)  # fmt: skip


def dashboard(wanted: Dashboard) -> dict[str, Any]:
    """A dashboard in Grafana's JSON model."""
    source = {"type": "prometheus", "uid": "${source}"}
    return {
        "uid": wanted.uid,
        "title": wanted.title,
        "tags": ["claimwright"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "timezone": "browser",
        "templating": {
            "list": [{"name": "source", "label": "Source", "type": "datasource", "query": "prometheus"}]
        },
        "annotations": {"list": []},
        "panels": [
            {
                "id": number + 1,
                "title": panel.title,
                "type": panel.kind,
                "datasource": source,
                "gridPos": {
                    "x": number % 2 * _WIDTH, "y": number // 2 * _HEIGHT, "w": _WIDTH, "h": _HEIGHT,
                },
                "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
                "options": {},
                "targets": [
                    {"refId": chr(65 + place), "datasource": source, "expr": query, "legendFormat": legend}
                    for place, (query, legend) in enumerate(panel.queries)
                ],
            }
            for number, panel in enumerate(wanted.panels)
        ],
    }  # fmt: skip
