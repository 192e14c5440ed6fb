"""The server's sockets, and its orderly end."""

from __future__ import annotations

import http.client
import shutil
import signal
import socket
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

from tests.apps.api.conftest import opened
from tests.apps.api.served import own_server
from tests.database_server import Store

from claimwright.apps.api.serving import listening


def test_what_a_connection_sends_does_not_wait_for_acknowledgements() -> None:
    with listening("127.0.0.1", 0) as server, socket.create_connection(server.getsockname()):
        connection, _ = server.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_who_hears_live_events_is_sent_home_when_the_server_stops(
    processed: tuple[Store, Path], tmp_path: Path
) -> None:
    """The stream ends as it should, not in the middle; the request after it too; the command says 0."""
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    with store.copied() as copy:
        with opened(copy, tmp_path) as doors:
            headers = doors.token("claims_processor")
        with own_server(copy, tmp_path) as server, ExitStack() as open_ones:
            place = urlsplit(server.address).netloc
            hearing, sending = (
                open_ones.enter_context(closing(http.client.HTTPConnection(place, timeout=60)))
                for _ in range(2)
            )
            hearing.request("GET", "/api/v1/events/stream", headers=headers)
            stream = open_ones.enter_context(closing(hearing.getresponse()))
            assert stream.readline() == b": live\n"
            # A body that is still on its way when the stop is asked for.
            body = b'{"number": "A"}'
            sending.putrequest("POST", "/api/v1/claims/search")
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                sending.putheader(name, value)
            sending.putheader("Content-Length", str(len(body)))
            sending.endheaders(body[:5])
            server.process.send_signal(signal.SIGTERM)
            # To the end: a stream that is cut off raises IncompleteRead.
            stream.read()
            sending.send(body[5:])
            answer = open_ones.enter_context(closing(sending.getresponse()))
            assert (answer.status, answer.read()) == (200, b"[]")
            assert server.process.wait(60) == 0
