"""The API of `Doors` as a server of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from tests.apps.api.conftest import Doors
from tests.database_server import Store

from claimwright.apps.api.connections import Paces
from claimwright.apps.api.serving import Server, server_config
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
        server = Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"{'https' if config.is_ssl else 'http'}://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


# So long a server may take to start, on a machine with other work.
_STARTS_SECONDS = 120.0


@dataclass(frozen=True)
class OwnServer:
    """A server that runs as people start it: its address, and its (first) process."""

    address: str
    process: subprocess.Popen[bytes]

    def children(self) -> list[int]:
        """The processes that it has started."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(each) for each in listed.split()]


@contextmanager
def own_server(store: Store, folder: Path, *words: str) -> Iterator[OwnServer]:
    """The API of a store as `claimwright serve` starts it, with more words of the command."""
    said = folder / "said"
    variables = os.environ | {
        "CLAIMWRIGHT_DATABASE_URL": store.url, "CLAIMWRIGHT_HOME": str(folder / "home"),
    }  # fmt: skip
    command = [sys.executable, "-m", "claimwright.apps.cli.main", "serve", "--only", "api", "--port", "0"]
    with said.open("wb") as file:
        process = subprocess.Popen([*command, *words], env=variables, stdout=file, stderr=file)
    try:
        yield OwnServer(_said_address(said, process), process)
    finally:
        process.terminate()
        process.wait(60)


def _said_address(said: Path, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + _STARTS_SECONDS
    while time.monotonic() < until and process.poll() is None:
        for line in said.read_text().splitlines():
            if line.startswith("http") and line.endswith("/docs"):
                return line.removesuffix("/docs")
        time.sleep(0.1)
    raise AssertionError(said.read_text())
