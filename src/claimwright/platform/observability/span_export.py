"""Export of spans to a collector, by OTLP over HTTP: in the background, without delaying the work.

If the collector is down or slow, spans wait in a bounded queue and are then dropped, with one warning. Only
our own spans are exported: libraries that use OpenTelemetry could put any data into their attributes.
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

# The tracer name of our spans.
OURS = "claimwright"
# The OTLP/HTTP path for spans (OTLP specification 1.x, "OTLP/HTTP Request").
_PATH = "/v1/traces"
# A batch is dropped after this time, including retries: the longest that a process waits when it ends.
_BATCH_SECONDS = 3
# Pause after a failure of the collector. Spans that end during it are dropped.
_REST_SECONDS = 30
# Queue and batch as OpenTelemetry recommends them; a chunk has six spans.
_QUEUE, _BATCH, _EVERY_MILLISECONDS = 2_048, 512, 5_000


def sending(settings: Settings) -> SpanProcessor:
    """A span processor that sends batches to the collector in the settings, the last one when the process
    ends.

    Certificates, compression and further headers can be set by OpenTelemetry's own variables
    (`OTEL_EXPORTER_OTLP_*`).
    """
    for noisy in ("opentelemetry.exporter", "opentelemetry.sdk"):
        # The exporter's loggers would repeat our warning, and log the collector's response.
        logging.getLogger(noisy).setLevel(logging.CRITICAL + 1)
    return BatchSpanProcessor(
        _Sending(settings),
        max_queue_size=_QUEUE,
        schedule_delay_millis=_EVERY_MILLISECONDS,
        max_export_batch_size=_BATCH,
    )


class _Sending(SpanExporter):
    """Sends our own spans. After a failure it pauses for a while, and warns once."""

    def __init__(self, settings: Settings) -> None:
        self._url = _address(settings.telemetry.otlp_url)
        self._rests_until: float | None = None
        self._exporter: SpanExporter | None = None
        try:
            self._exporter = _otlp(settings, self._url)
        except (ValueError, OSError) as problem:
            # An OpenTelemetry variable is invalid, for example a certificate file that does not exist.
            self._warn(type(problem).__name__)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send those spans that are ours, or drop them."""
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
        """Stop: nothing is sent after this."""
        if self._exporter is not None:
            self._exporter.shutdown()

    def _warn(self, why: str) -> None:
        from .logs import get_logger, is_logging

        if is_logging():
            get_logger("spans").warning("spans can't be sent", error_class=why)
        else:
            # Only the host: a path could contain a key.
            host = urlsplit(self._url).netloc
            sys.stderr.write(f"spans can't be sent to {host}: {why}. The work continues without them.\n")


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
