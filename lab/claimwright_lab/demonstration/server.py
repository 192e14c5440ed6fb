"""The demonstration's server: one process in the background, known by a file with its number and address."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from claimwright.foundation.errors import ClaimwrightError

_FIRST_PORT, _PORTS = 8443, 20
_PATIENCE_SECONDS = 120


class ServerError(ClaimwrightError):
    """The server did not start. The message names its log."""


@dataclass(frozen=True)
class DemoServer:
    """A server of the practice in a folder."""

    home: Path

    @property
    def _note(self) -> Path:
        return self.home / "server.json"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.home / "server.log"

    def address(self) -> str | None:
        """The address of the server that runs; None if none does."""
        try:
            noted = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        address = str(noted["address"])
        return address if _answers(address) else None

    def start(self) -> str:
        """Start it unless it runs; the address.

        Raises:
            ServerError: it does not answer.
        """
        running = self.address()
        if running is not None:
            return running
        port = _free_port()
        address = f"http://127.0.0.1:{port}"
        command = [
            sys.executable,
            "-m",
            "claimwright.apps.cli.main",
            "serve",
            "--only",
            "api",
            "--port",
            str(port),
        ]
        variables = dict(os.environ) | {
            "CLAIMWRIGHT_HOME": str(self.home),
            # The accounts are printed, so a second factor would protect nothing.
            "CLAIMWRIGHT_API_SECOND_FACTOR_ROLES": "",
            "CLAIMWRIGHT_API_NOTICE": "Demonstration practice: all data is synthetic.",
        }
        with self.log.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=variables,
                start_new_session=True,
            )  # fmt: skip
        self._note.write_text(json.dumps({"process": process.pid, "address": address}), encoding="utf-8")
        ends = time.monotonic() + _PATIENCE_SECONDS
        while not _answers(address):
            if process.poll() is not None or time.monotonic() > ends:
                raise ServerError(f"the server did not start. Its messages: {self.log}")
            time.sleep(0.3)
        return address

    def stop(self) -> bool:
        """End it; whether one ran."""
        if self.address() is None:
            return False
        process = int(json.loads(self._note.read_text(encoding="utf-8"))["process"])
        self._note.unlink()
        os.kill(process, signal.SIGTERM)
        return True


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health/live", timeout=2) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    for port in range(_FIRST_PORT, _FIRST_PORT + _PORTS):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return 0
