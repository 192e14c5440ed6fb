"""The server's sockets."""

from __future__ import annotations

import socket

from claimwright.apps.api.serving import listening


def test_what_a_connection_sends_does_not_wait_for_acknowledgements() -> None:
    with listening("127.0.0.1", 0) as server, socket.create_connection(server.getsockname()):
        connection, _ = server.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
