"""Metrics that are read when Prometheus asks: from the store, the database server and the machine.

One list of families: a sample of an unknown one can't be added, and dashboards and alert rules are checked
against it. Names are those that operators look for; labels come from fixed sets, never a tenant.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: its name, its type, what it says, and the names of its labels."""

    name: str
    kind: Kind
    says: str
    labels: tuple[str, ...] = ()


FAMILIES: Mapping[str, Family] = {
    each.name: each
    for each in (
        Family("claims_processed_total", "counter", "Claims processed since the beginning.", ("route",)),
        Family("claims_failed_total", "counter", "Claims that became dead letters.", ("failure_reason",)),
        Family("claims_unprocessable_total", "counter", "Claims that became dead letters, of all reasons."),
        Family("revenue_processed_dollars", "counter", "Charges of the processed claims, in dollars."),
        Family("revenue_expected_dollars", "counter", "What processed claims should be paid, in dollars."),
        Family("processing_latency", "histogram", "Seconds from arrival to processing of claims."),
        Family("processing_stage_seconds_total", "counter", "Time of chunks in a stage.", ("stage",)),
        Family("processing_stage_chunks_total", "counter", "Chunks that went through a stage.", ("stage",)),
        Family("validation_pass_rate", "gauge", "Share of clean claims, of 1; 30 days."),
        Family("sla_compliance_percentage", "gauge", "Processed within 24 hours, percent; 30 days."),
        Family("claimwright_sla_seconds", "gauge", "The setting telemetry.sla_hours, in seconds."),
        Family("claimwright_figures_age_seconds", "gauge", "Seconds since figures were brought up to date."),
        Family("claimwright_access_alerts_open", "gauge", "Alerts of unusual access that nobody reviewed."),
        Family("claimwright_figure_alerts_open", "gauge", "Open alerts on figures.", ("severity",)),
        Family("claimwright_alert_messages", "gauge", "Messages of alerts by state.", ("state",)),
        Family("claimwright_jobs", "gauge", "Jobs: waiting, running, stalled, failed.", ("state",)),
        Family("claimwright_chunks_stalled", "gauge", "Chunks whose lease has run out without a commit."),
        Family("claimwright_database_up", "gauge", "1 if the database answers in time, otherwise 0."),
        Family("claimwright_database_probe_seconds", "gauge", "Seconds that an empty statement takes."),
        Family("claimwright_database_connections", "gauge", "Connections to the database.", ("state",)),
        Family("claimwright_database_connections_most", "gauge", "Connections that the server allows."),
        Family("claimwright_database_deadlocks_total", "counter", "Deadlocks of the database."),
        Family("claimwright_database_commits_total", "counter", "Committed transactions."),
        Family("claimwright_database_rollbacks_total", "counter", "Transactions that were rolled back."),
        Family("claimwright_database_bytes", "gauge", "Size of the database."),
        Family("claimwright_database_longest_seconds", "gauge", "Age of the longest transaction under way."),
        Family("claimwright_cpu_seconds_total", "counter", "Processor seconds of the machine.", ("mode",)),
        Family("claimwright_load", "gauge", "Load of the machine over a minute, by processor."),
        Family("claimwright_memory_bytes", "gauge", "Memory of the machine.", ("state",)),
        Family("claimwright_disk_bytes", "gauge", "Disks that data is on.", ("folder", "state")),
        Family("claimwright_scrape_seconds", "gauge", "Seconds that reading these metrics took."),
    )
}


class Samples:
    """Samples of the families, to be written in Prometheus' text format."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def add(self, name: str, value: float, **labels: str) -> None:
        """Add a sample.

        Raises:
            KeyError: there is no such family, or the labels are not its own.
        """
        family = FAMILIES[name]
        if set(labels) != set(family.labels):
            raise KeyError(f"{name} has the labels {', '.join(family.labels) or 'none'}")
        self._line(name, name, value, labels)

    def add_histogram(self, name: str, buckets: Sequence[tuple[str, float]], total: float) -> None:
        """Add a histogram: counts by upper edge, not cumulative, the last one `+Inf`; and the sum."""
        assert FAMILIES[name].kind == "histogram"
        count = 0.0
        for edge, number in buckets:
            count += number
            self._line(name, f"{name}_bucket", count, {"le": edge})
        self._line(name, f"{name}_sum", total, {})
        self._line(name, f"{name}_count", count, {})

    def forget_all(self) -> None:
        """Leave out everything that was added."""
        self._lines.clear()

    def text(self) -> bytes:
        """The samples in Prometheus' text format, 0.0.4."""
        parts = []
        for name, lines in self._lines.items():
            family = FAMILIES[name]
            parts += [f"# HELP {name} {family.says}", f"# TYPE {name} {family.kind}", *lines]
        return "".join(f"{each}\n" for each in parts).encode()

    def _line(self, family: str, name: str, value: float, labels: Mapping[str, str]) -> None:
        told = ",".join(f'{key}="{_escaped(each)}"' for key, each in labels.items())
        shown = repr(value) if math.isfinite(value) and value % 1 else str(int(value))
        self._lines.setdefault(family, []).append(f"{name}{{{told}}} {shown}" if told else f"{name} {shown}")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
