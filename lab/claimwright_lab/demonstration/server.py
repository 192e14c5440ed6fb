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
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from claimwright.foundation.errors import ClaimwrightError

_FIRST_PORT, _PORTS = 8443, 20
_PATIENCE_SECONDS = 120
# The server lets requests finish before it ends; after that it is killed.
_ENDING_SECONDS = 30


class ServerError(ClaimwrightError):
    """The server did not start; the message says why, or names its log."""


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
            ServerError: it does not answer, and was ended; or no port is free.
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
            # Checks what people upload and correct.
            "--only",
            "pipeline",
            # Answers the button that asks for a prediction.
            "--only",
            "worker",
            # Finishes the letters of whoever was killed.
            "--only",
            "letters",
            "--port",
            str(port),
        ]
        variables = dict(os.environ) | {
            "CLAIMWRIGHT_HOME": str(self.home),
            # The accounts are printed, so a second factor would protect nothing.
            "CLAIMWRIGHT_API_SECOND_FACTOR_ROLES": ",",
            "CLAIMWRIGHT_APPEALS_HANDOFF_FOLDER": str(self.home / "handed-off"),
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
                _end_child(process)
                self._note.unlink()
                raise ServerError(f"the server did not start. Its messages: {self.log}")
            time.sleep(0.3)
        return address

    def stop(self) -> bool:
        """End it, and wait until it has ended; whether one ran."""
        if self.address() is None:
            return False
        process = int(json.loads(self._note.read_text(encoding="utf-8"))["process"])
        self._note.unlink()
        _end(process)
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
    raise ServerError(f"no port from {_FIRST_PORT} to {_FIRST_PORT + _PORTS - 1} is free.")


def _end_child(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end(process: int) -> None:
    """End a process, and wait for it: its database must not be stopped before."""
    for each in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(process, each)
        ends = time.monotonic() + _ENDING_SECONDS
        while time.monotonic() < ends:
            if _has_ended(process):
                return
            time.sleep(0.1)


def _has_ended(process: int) -> bool:
    try:
        # Our own child stays in the table of processes until somebody has asked how it ended.
        return os.waitpid(process, os.WNOHANG)[0] == process
    except ChildProcessError:
        pass
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False
