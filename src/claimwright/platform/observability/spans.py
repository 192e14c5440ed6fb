"""OpenTelemetry spans: how long each part of the work took, and in which larger part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from claimwright.platform.disclosure import ALLOWED, looks_like_phi

from .scope import current

if TYPE_CHECKING:
    from claimwright.platform.settings import Settings


@contextmanager
def span(name: str, **attributes: Any) -> Iterator[None]:
    """A span around a piece of work, with the ids of the scope and attributes from the list of `disclosure`.

    A failure is recorded by its class only; its message could contain a value. Almost free if tracing is off.
    """
    from opentelemetry import trace

    told = {**current(), **attributes}
    with trace.get_tracer("claimwright").start_as_current_span(
        name,
        attributes={
            key: value
            for key, value in told.items()
            if key in ALLOWED and not (isinstance(value, str) and looks_like_phi(value))
        },
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield
        except BaseException as problem:
            made.set_status(trace.Status(trace.StatusCode.ERROR, type(problem).__name__))
            raise


def configure_spans(settings: Settings) -> None:
    """Export spans as the settings say. An exporter that the embedding program set is kept."""
    if settings.telemetry.traces == "none":
        return
    import sys

    from opentelemetry import trace
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "claimwright"}))
    if settings.telemetry.traces == "otlp":
        from .span_export import sending

        # Spans left in its queue are sent when the process ends.
        provider.add_span_processor(sending(settings))
    else:
        provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stderr)))
    trace.set_tracer_provider(provider)
