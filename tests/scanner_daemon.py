"""A virus scanner on a socket of this machine that speaks clamd's protocol, well or badly; and a real clamd.

Source of the protocol: clamd(8). The stand-in finds what has the harmless test string of the European
Institute for Computer Antivirus Research in it, which is put together here: no file of ours is to look like a
virus.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"

Manner = Literal[
    "well", "silent", "drips", "cut_off", "error", "odd", "early", "endless", "limits", "refuses_all"
]


@dataclass
class ScannerDaemon:
    """What it got, and how it answers the next file."""

    url: str
    manner: Manner = "well"
    stream_max_length: int = 1_000_000
    version: str = "ClamAV 1.4.3/27840/Mon Nov 30 08:24:07 2026"
    scanned: list[bytes] = field(default_factory=list)
    # How many files it has under way, and the most of them at once.
    busy: int = 0
    most_busy: int = 0
    holds: threading.Event | None = None

    def serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            command = self._until_null(connection)
            if command == b"zVERSION":
                connection.sendall(self.version.encode() + b"\0")
            elif command == b"zINSTREAM":
                self._instream(connection)
            else:
                connection.sendall(b"UNKNOWN COMMAND\0")

    def _instream(self, connection: socket.socket) -> None:
        if self.manner == "early":
            connection.sendall(b"stream: OK\0")
            # Whoever looks before the end of the file finds the answer there.
        content = bytearray()
        while size := int.from_bytes(self._exactly(connection, 4), "big"):
            content += self._exactly(connection, size)
            if len(content) > self.stream_max_length:
                connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        if self.holds is not None:
            self.holds.wait(60)
        self.busy -= 1
        self.scanned.append(bytes(content))
        self._answer(connection, bytes(content))

    def _answer(self, connection: socket.socket, content: bytes) -> None:
        match self.manner:
            case "silent":
                connection.recv(1)
            case "drips":
                for each in b"stream: " + b"O" * 10_000:
                    connection.sendall(bytes([each]))
                    time.sleep(0.02)
            case "cut_off":
                connection.sendall(b"stream: O")
            case "error":
                connection.sendall(b"Can't allocate memory ERROR\0")
            case "odd":
                connection.sendall(b"stream: OK, I suppose\0")
            case "endless":
                connection.sendall(b"stream: " + b"O" * 20_000)
            case "limits":
                connection.sendall(b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0")
            case "refuses_all":
                connection.sendall(b"stream: Test.All FOUND\0")
            case "well" | "early":
                found = b"Eicar-Signature FOUND" if EICAR in content else b"OK"
                connection.sendall(b"stream: " + found + b"\0")

    @staticmethod
    def _until_null(connection: socket.socket) -> bytes:
        command = b""
        while not command.endswith(b"\0"):
            command += ScannerDaemon._exactly(connection, 1)
        return command[:-1]

    @staticmethod
    def _exactly(connection: socket.socket, size: int) -> bytes:
        content = b""
        while len(content) < size:
            piece = connection.recv(min(size - len(content), 65_536))
            if not piece:
                raise ConnectionError
            content += piece
        return content


@contextmanager
def scanner_daemon(folder: Path | None = None) -> Iterator[ScannerDaemon]:
    """A stand-in; on a UNIX socket in a folder, or on a port of this machine."""
    if folder is None:
        listening = socket.create_server(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
    else:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(folder / "clamd.ctl"))
        listening.listen()
        url = f"unix:{folder / 'clamd.ctl'}"
    daemon = ScannerDaemon(url)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=daemon.serve, args=[connection], daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield daemon
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(10)


def missing_clamd() -> str | None:
    """Why there is no real clamd for a test; None if there is one."""
    return None if shutil.which("clamd") else "clamd is not installed (Debian: clamav-daemon)"


@contextmanager
def real_clamd(folder: Path, *, stream_max_length: str = "1M") -> Iterator[str]:
    """The address of a real clamd, which knows one signature: the test string, by its hash (clamav.hdb)."""
    database = folder / "signatures"
    database.mkdir()
    digest = hashlib.md5(EICAR, usedforsecurity=False).hexdigest()
    (database / "own.hdb").write_text(f"{digest}:{len(EICAR)}:Test.Eicar\n")
    # And wherever it is in a file (.ndb: name, any target, any place, the bytes).
    (database / "own.ndb").write_text(f"Test.Eicar.Within:0:*:{EICAR.hex()}\n")
    lines = [
        f"DatabaseDirectory {database}", f"LocalSocket {folder / 'clamd.ctl'}", "Foreground yes",
        f"StreamMaxLength {stream_max_length}", f"TemporaryDirectory {folder}", "AlertExceedsMax yes",
        f"User {os.environ.get('USER', 'root')}",
    ]  # fmt: skip
    configuration = folder / "clamd.conf"
    configuration.write_text("\n".join(lines) + "\n")
    said = (folder / "said").open("wb")
    process = subprocess.Popen(
        [shutil.which("clamd") or "clamd", "--config-file", str(configuration)], stdout=said, stderr=said
    )
    try:
        until = time.monotonic() + 120
        while not (folder / "clamd.ctl").exists():
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError((folder / "said").read_text())
            time.sleep(0.1)
        yield f"unix:{folder / 'clamd.ctl'}"
    finally:
        process.terminate()
        process.wait(60)
        said.close()
