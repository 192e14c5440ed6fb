"""`/health/live`, `/health/ready` and `/metrics`, on a port of the loopback interface.

Live: this process responds; if it does not, restart it. Ready: everything that it needs also responds; if
not, send it no work. Readiness is checked on each request, and a check that takes too long has failed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from .logs import get_logger
from .metrics import METRICS

_LOG = get_logger("health")

Check = Callable[[], None]
"""Returns if all is well, and raises if not."""

CHECK_SECONDS = 5.0
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Health:
    """The results by check name: `ok`, or the class of the failure."""

    checks: Mapping[str, str]

    @property
    def is_ready(self) -> bool:
        """Whether every check was passed."""
        return all(outcome == "ok" for outcome in self.checks.values())


def health_of(checks: Mapping[str, Check], *, within_seconds: float = CHECK_SECONDS) -> Health:
    """Run all checks concurrently."""
    if not checks:
        return Health({})
    # Not a `with`: a check that hangs must not block the response.
    pool = ThreadPoolExecutor(len(checks), thread_name_prefix="health")
    try:
        asked = {name: pool.submit(check) for name, check in checks.items()}
        outcomes = {}
        for name, answer in asked.items():
            try:
                answer.result(within_seconds)
                outcomes[name] = "ok"
            except TookTooLong:
                outcomes[name] = "no answer in time"
            except Exception as problem:  # noqa: BLE001 - whatever a check raises is its answer
                outcomes[name] = type(problem).__name__
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return Health(outcomes)


class HealthServer:
    """A small HTTP server in its own threads. Use it as a context manager."""

    def __init__(
        self, checks: Mapping[str, Check], *, port: int = 0, measure: Callable[[], None] | None = None
    ) -> None:
        """`measure` is called before metrics are returned, to update the values that are computed on request.

        Raises:
            OSError: the port is taken.
        """
        self._checks = dict(checks)
        self._measure = measure
        self._server = ThreadingHTTPServer((_LOOPBACK, port), self._handler())
        self._server.daemon_threads = True
        self.port: int = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="health", daemon=True
        )

    def __enter__(self) -> HealthServer:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, path: str) -> tuple[int, str, bytes]:
        if path == "/health/live":
            return 200, "application/json", b'{"status":"ok"}'
        if path == "/health/ready":
            health = health_of(self._checks)
            said = {"status": "ok" if health.is_ready else "failing", "checks": dict(health.checks)}
            return 200 if health.is_ready else 503, "application/json", json.dumps(said).encode()
        if path == "/metrics":
            self._count()
            return 200, "text/plain; version=0.0.4; charset=utf-8", METRICS().text()
        return 404, "text/plain", b"/health/live, /health/ready, /metrics\n"

    def _count(self) -> None:
        if self._measure is None:
            return
        try:
            self._measure()
        except Exception as problem:  # noqa: BLE001 - what can't be counted must not hide what can
            _LOG.warning("metrics could not be measured", exc_info=problem)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, kind, body = answer(self.path.partition("?")[0])
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.send_header("cache-control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Log nothing: a line for each scrape is useless."""

        return Handler
