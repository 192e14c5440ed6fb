"""A webhook's other end: a real HTTP server that answers as it is told and keeps what it got."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.platform.local_http import serving

SECRET = "a secret of more than 24 characters"
# The receiver of the tests is on this machine.
HERE = frozenset({"127.0.0.1"})


@dataclass
class Receiver:
    """Answers with the next of `answers`, then with 204; `got` are headers and body of each call."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens on a port of this machine."""
    made = Receiver()

    def answer(handler: BaseHTTPRequestHandler, headers: dict[str, str], body: bytes) -> None:
        made.got.append((headers, body))
        status = made.answers.pop(0) if made.answers else 204
        handler.send_response(status)
        if status == 302:
            handler.send_header("location", made.url)
        handler.end_headers()

    with serving(answer) as address:
        made.url = f"{address}/hook?of=claimwright"
        yield made
