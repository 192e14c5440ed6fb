"""Receivers of alerts on this machine: a web server and a mail server, with what came in."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.mail_receiver import MailReceiver, receiving_mail

from claimwright.platform.mail import MailServer


@dataclass
class Web:
    """A web server; `status` is what it answers. `hangs`: it never does."""

    port: int = 0
    status: int = 200
    hangs: bool = False
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def web() -> Iterator[Web]:
    made = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if made.hangs:
                made.let_go.wait(60)
                return
            self.send_response(made.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.let_go.set()
        server.shutdown()
        server.server_close()


@contextmanager
def mail(folder: Path) -> Iterator[tuple[MailReceiver, MailServer]]:
    """A mail server with STARTTLS and one account, and how it is reached."""
    certificate, key = folder / "mail.pem", folder / "mail.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    with receiving_mail((certificate, key), account=("alerts", "a pass word")) as receiver:
        yield receiver, MailServer(
            "localhost", receiver.port, "claims@example.org", "starttls", "alerts", "a pass word",
            certificate, 60,
        )  # fmt: skip
