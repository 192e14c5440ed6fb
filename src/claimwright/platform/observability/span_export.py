"""Spans to a collector, by OTLP over HTTP: in the background, and never in the way of the work.

A collector that is away or slow costs a bounded queue of spans, which then go nowhere, and one warning. Only
spans of our own go out: a library that tells OpenTelemetry of its work may put anything into its attributes.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from claimwright.foundation import clock

if TYPE_CHECKING:
    from claimwright.platform.settings import Settings

# The name under which our spans are made.
OURS = "claimwright"
# The path that OTLP/HTTP gives to spans (OTLP specification 1.x, "OTLP/HTTP Request").
_PATH = "/v1/traces"
# A batch is given up after so long, its tries included: the longest that a process waits at its end.
_BATCH_SECONDS = 3
# How long a collector that failed is left alone. Spans that end meanwhile are dropped.
_REST_SECONDS = 30
# Queue and batch as OpenTelemetry recommends them; a chunk has six spans.
_QUEUE, _BATCH, _EVERY_MILLISECONDS = 2_048, 512, 5_000


def sending(settings: Settings) -> SpanProcessor:
    """What sends spans to the collector that the settings name, in batches, the last at the process's end.

    Certificates, compression and further headers may be given by the variables that OpenTelemetry names for
    them (`OTEL_EXPORTER_OTLP_*`).
    """
    for noisy in ("opentelemetry.exporter", "opentelemetry.sdk"):
        # They would say again what the one warning says, and what the collector answered.
        logging.getLogger(noisy).setLevel(logging.CRITICAL + 1)
    return BatchSpanProcessor(
        _Sending(settings),
        max_queue_size=_QUEUE,
        schedule_delay_millis=_EVERY_MILLISECONDS,
        max_export_batch_size=_BATCH,
    )


class _Sending(SpanExporter):
    """Sends our own spans; one that fails rests for a while, and is told of once."""

    def __init__(self, settings: Settings) -> None:
        self._url = _address(settings.telemetry.otlp_url)
        self._rests_until: float | None = None
        self._exporter: SpanExporter | None = None
        try:
            self._exporter = _otlp(settings, self._url)
        except (ValueError, OSError) as problem:
            # A variable of OpenTelemetry that can't be used, such as a certificate that is not there.
            self._warn(type(problem).__name__)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send what is ours of them, or drop it."""
        own = [
            each for each in spans if each.instrumentation_scope and each.instrumentation_scope.name == OURS
        ]
        if not own:
            return SpanExportResult.SUCCESS
        if self._exporter is None or (self._rests_until is not None and clock.seconds() < self._rests_until):
            return SpanExportResult.FAILURE
        result = self._exporter.export(own)
        if result is not SpanExportResult.SUCCESS:
            if self._rests_until is None:
                self._warn("no answer, or a refusal")
            self._rests_until = clock.seconds() + _REST_SECONDS
        return result

    def shutdown(self) -> None:
        """Nothing is sent after this."""
        if self._exporter is not None:
            self._exporter.shutdown()

    def _warn(self, why: str) -> None:
        from .logs import get_logger, is_logging

        if is_logging():
            get_logger("spans").warning("spans can't be sent", error_class=why)
        else:
            # The host alone: a path may hold a key.
            host = urlsplit(self._url).netloc
            sys.stderr.write(f"spans can't be sent to {host}: {why}. The work goes on without them.\n")


def _address(url: str) -> str:
    return url if urlsplit(url).path.strip("/") else url.rstrip("/") + _PATH


def _otlp(settings: Settings, url: str) -> SpanExporter:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    given = settings.telemetry.otlp_headers
    headers = dict(_headers(given.get_secret_value())) if given else None
    return OTLPSpanExporter(endpoint=url, headers=headers, timeout=_BATCH_SECONDS)


def _headers(text: str) -> list[tuple[str, str]]:
    pairs = (each.partition("=") for each in text.split(",") if each.strip())
    return [(name.strip(), value.strip()) for name, _, value in pairs]
