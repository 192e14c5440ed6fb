"""Files from outside are passed to a virus scanner: clamd of ClamAV, on this machine.

Source: clamd(8), INSTREAM. A command that begins with `z` ends with a null byte, and so does its answer.
After zINSTREAM come chunks, each behind its length in four bytes (network byte order); a chunk of length 0
ends the file. Only the answer to a file that was sent to its end counts, and only a word that is known:
anything else, and silence, is no clean file. The time limit is for the whole scan, however steadily the
scanner answers.

VirusFoundError           the scanner refuses the file; `signature` is its name for what it found
UnscannableError          the file is larger than the scanner takes
ScannerUnavailableError   there is no verdict; `why` is a word for the log
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from claimwright.foundation import clock
from claimwright.foundation.errors import InputError, StoreError

_CHUNK = 65_536
# "stream: NAME FOUND": names of signatures are short; a longer answer is not one of clamd.
_LONGEST_ANSWER = 4_096
_TOO_LARGE = b"INSTREAM size limit exceeded"
_CLEAN = b"stream: OK"
_FOUND = re.compile(rb"stream: (.+) FOUND", re.DOTALL)
# What a scanner with AlertExceedsMax says of a file that it has not read to its end.
_LIMITS = "Heuristics.Limits.Exceeded"
_VERSION = re.compile(r"ClamAV [\w.+~-]+(?:/(\d+)/(.+))?")
_MADE = "%a %b %d %H:%M:%S %Y"


class VirusFoundError(InputError):
    """The scanner refuses the file."""

    def __init__(self, signature: str) -> None:
        super().__init__("the virus scanner refuses this content. Nothing of it was read or stored.")
        self.signature = signature


class UnscannableError(InputError):
    """The file is larger than what the scanner reads."""

    def __init__(self) -> None:
        super().__init__("this is larger than what the virus scanner reads, so it is not taken. Split it.")


class ScannerUnavailableError(StoreError):
    """The scanner is away, slow, or says something else than a verdict."""

    def __init__(self, why: str) -> None:
        super().__init__("the virus scanner gives no verdict, so nothing is taken. Send it again later.")
        self.why = why


@dataclass(frozen=True, slots=True)
class ScannerState:
    """What the scanner says of itself: number and day of its signatures; None where it has none of ClamAV."""

    signatures: int | None
    made_at: datetime | None


@dataclass(frozen=True, slots=True)
class VirusScanner:
    """The scanner at an address: `unix:/run/clamav/clamd.ctl` or `tcp://127.0.0.1:3310`.

    `largest_bytes` is what it is known to read of a file: behind its own limits, clamd says that a file is
    clean without having read it.
    """

    url: str
    timeout_seconds: float = 60
    largest_bytes: int = 100_000_000

    def scan(self, content: Iterable[bytes]) -> None:
        """Return if the scanner says that this content is clean.

        Raises:
            VirusFoundError, UnscannableError, ScannerUnavailableError: it does not.
        """
        with self._connection() as connection:
            try:
                connection.send(b"zINSTREAM\0")
                sent = 0
                for chunk in _chunks(content):
                    sent += len(chunk)
                    if sent > self.largest_bytes:
                        raise UnscannableError
                    connection.send(len(chunk).to_bytes(4, "big") + chunk)
                if connection.has_answered():
                    _refuse_too_large(connection.answer())
                    raise ScannerUnavailableError("early")
                connection.send(bytes(4))
            except OSError as problem:
                # It closes the connection in the middle of a file that is too large, with a word before that.
                with contextlib.suppress(ScannerUnavailableError, OSError):
                    _refuse_too_large(connection.answer())
                raise _unavailable(problem) from None
            _judge(connection.answer())

    def state(self) -> ScannerState:
        """What the scanner says of itself.

        Raises:
            ScannerUnavailableError: it does not answer, or is no clamd.
        """
        with self._connection() as connection:
            try:
                connection.send(b"zVERSION\0")
            except OSError as problem:
                raise _unavailable(problem) from None
            said = _VERSION.fullmatch(connection.answer().decode("ascii", "replace").strip())
        if said is None:
            raise ScannerUnavailableError("answer")
        if said[1] is None:
            return ScannerState(None, None)
        with contextlib.suppress(ValueError):
            return ScannerState(int(said[1]), datetime.strptime(said[2], _MADE).replace(tzinfo=UTC))
        return ScannerState(int(said[1]), None)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[_Connection]:
        until = clock.seconds() + self.timeout_seconds
        try:
            opened = _opened(self.url, self.timeout_seconds)
        except OSError as problem:
            raise _unavailable(problem) from None
        with opened:
            yield _Connection(opened, until)


class _Connection:
    """A connection that is used up to an instant."""

    def __init__(self, opened: socket.socket, until: float) -> None:
        self._socket, self._until = opened, until

    def send(self, content: bytes) -> None:
        self._socket.settimeout(self._left())
        self._socket.sendall(content)

    def has_answered(self) -> bool:
        """Whether there is an answer already, or the connection is closed."""
        self._socket.settimeout(0)
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        return True

    def answer(self) -> bytes:
        """The answer up to its null byte."""
        said = b""
        try:
            while b"\0" not in said:
                self._socket.settimeout(self._left())
                piece = self._socket.recv(_LONGEST_ANSWER)
                if not piece:
                    raise ScannerUnavailableError("cut_off")
                said += piece
                if len(said) > _LONGEST_ANSWER:
                    raise ScannerUnavailableError("answer")
        except OSError as problem:
            raise _unavailable(problem) from None
        return said.partition(b"\0")[0]

    def _left(self) -> float:
        left = self._until - clock.seconds()
        if left <= 0:
            raise TimeoutError
        return left


def address_of(url: str) -> str | tuple[str, int]:
    """The path of a socket, or a host of this machine and its port.

    Raises:
        ValueError: the address is neither. The content of files crosses no network in the clear.
    """
    parts = urlsplit(url)
    if parts.scheme == "unix" and parts.path.startswith("/") and not parts.netloc:
        return parts.path
    is_here = parts.scheme == "tcp" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not is_here or parts.port is None or parts.path not in {"", "/"}:
        raise ValueError("write unix:/path/of/clamd.ctl, or tcp://127.0.0.1:3310 on this machine")
    return parts.hostname or "", parts.port


def _opened(url: str, timeout: float) -> socket.socket:
    address = address_of(url)
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout)
    opened = socket.socket(socket.AF_UNIX)
    try:
        opened.settimeout(timeout)
        opened.connect(address)
    except BaseException:
        opened.close()
        raise
    return opened


def _chunks(content: Iterable[bytes]) -> Iterator[bytes]:
    for each in content:
        view = memoryview(each)
        for begin in range(0, len(view), _CHUNK):
            yield bytes(view[begin : begin + _CHUNK])


def _judge(said: bytes) -> None:
    _refuse_too_large(said)
    found = _FOUND.fullmatch(said)
    if found is not None:
        name = re.sub(r"[^\w.:+-]", "_", found[1].decode("ascii", "replace"))[:100]
        raise UnscannableError if name.startswith(_LIMITS) else VirusFoundError(name)
    if said != _CLEAN:
        raise ScannerUnavailableError("error" if said.endswith(b"ERROR") else "answer")


def _refuse_too_large(said: bytes) -> None:
    if said.startswith(_TOO_LARGE):
        raise UnscannableError


def _unavailable(problem: OSError) -> ScannerUnavailableError:
    return ScannerUnavailableError("time" if isinstance(problem, TimeoutError) else "connection")
