"""What has to be complete before it is used, set aside: in memory while it is small, then in a file.

The file has no name, and each piece of it is encrypted (AES-256-GCM) with a key that only this process has
and that ends with the spool: what a crash leaves on the disk opens for nobody.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from claimwright.foundation.errors import StoreError

_PIECE = 1 << 20


class SpoolError(StoreError):
    """There is no room to set something aside, or it does not come back as it was."""


class Spool:
    """Bytes that are set aside, and read as often as needed, each time from the beginning."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._sizes: list[int] = []
        self._file: IO[bytes] | None = None
        self._cipher = AESGCM(secrets.token_bytes(32))
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, content: bytes) -> bool:
        """Take content to memory; whether there is so much of it that it should be put aside."""
        self._buffer += content
        return len(self._buffer) >= _PIECE

    def put_aside(self) -> None:
        """Write what is in memory to the file.

        Raises:
            SpoolError: there is no room.
        """
        try:
            if self._file is None:
                file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - ended with the spool
                self._file = self._stack.enter_context(file)
            sealed = memoryview(
                self._cipher.encrypt(self._nonce(len(self._sizes)), bytes(self._buffer), None)
            )
            self._sizes.append(len(sealed))
            while sealed:
                sealed = sealed[self._file.write(sealed) :]
        except OSError:
            raise SpoolError("there is no room for temporary files.") from None
        self._buffer.clear()

    def chunks(self) -> Iterator[bytes]:
        """Everything from the beginning.

        Raises:
            SpoolError: the file does not have what was written.
        """
        if self._file is not None:
            self._file.seek(0)
            for number, size in enumerate(self._sizes):
                yield self._piece(self._file, number, size)
        if self._buffer:
            yield bytes(self._buffer)

    def _piece(self, file: IO[bytes], number: int, size: int) -> bytes:
        from cryptography.exceptions import InvalidTag

        read = b""
        try:
            while len(read) < size and (more := file.read(size - len(read))):
                read += more
            return self._cipher.decrypt(self._nonce(number), read, None)
        except (OSError, InvalidTag):
            raise SpoolError("a temporary file does not have what was written.") from None

    @staticmethod
    def _nonce(number: int) -> bytes:
        # Each key is of one spool, so that a counter never repeats.
        return number.to_bytes(12, "big")
