"""The API of `Doors` as a server of this machine."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from tests.apps.api.conftest import Doors

from claimwright.apps.api.connections import Paces
from claimwright.apps.api.serving import server_config
from claimwright.platform.settings import Settings


@contextmanager
def served(
    doors: Doors, settings: Settings | None = None, app: FastAPI | None = None, paces: Paces | None = None
) -> Iterator[str]:
    """The address of the server, without a path; TLS where the settings have it.

    With an application of its own, its startup and shutdown run too.
    """
    used = settings or doors.services.settings
    with socket.create_server(("127.0.0.1", 0)) as bound:
        config = server_config(app or doors.client.app, used, paces)  # type: ignore[arg-type]  # the application
        config.lifespan = "off" if app is None else "on"
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"{'https' if config.is_ssl else 'http'}://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)
