"""A collector of spans: speaks OTLP over HTTP as its specification has it, and keeps what it got."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests.platform.local_http import serving


@dataclass
class Collector:
    """`got` are the requests, `bodies` the same as bytes, `headers` those of each."""

    url: str = ""
    got: list[ExportTraceServiceRequest] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for request in self.got
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


def attributes(span: Span) -> dict[str, object]:
    return {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in span.attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens on a port of this machine."""
    made = Collector()

    def answer(handler: BaseHTTPRequestHandler, headers: dict[str, str], body: bytes) -> None:
        if handler.path != "/v1/traces" or headers["content-type"] != "application/x-protobuf":
            handler.send_error(404)
            return
        try:
            request = ExportTraceServiceRequest.FromString(body)
        except DecodeError:
            handler.send_error(400)
            return
        made.got.append(request)
        made.bodies.append(body)
        made.headers.append(headers)
        said = ExportTraceServiceResponse().SerializeToString()
        handler.send_response(200)
        handler.send_header("content-type", "application/x-protobuf")
        handler.send_header("content-length", str(len(said)))
        handler.end_headers()
        handler.wfile.write(said)

    with serving(answer) as made.url:
        yield made
