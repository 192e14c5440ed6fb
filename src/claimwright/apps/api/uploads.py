"""Streams the body of a request to work in a thread: chunk by chunk, gzip decompressed, nothing stored.

Reader and sender wait for each other, so that memory holds only a few chunks. A small body is read whole
first; then few of them are worked on at once, and the others wait without a thread.
"""

from __future__ import annotations

import queue
import zlib
from collections.abc import Callable, Iterator
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from claimwright.features.intake import SMALL_BYTES

from .errors import ApiError

T = TypeVar("T")
_WAITING = 16
# So many small bodies are worked on at once in a process. Much of the work on claims holds the interpreter's
# lock: with more threads, each waits for that lock in the middle of its transaction, and holds up whoever
# waits for what the transaction has locked.
SMALL_AT_ONCE = 2
_CUT_OFF = "the upload was cut off."
_GZIP = b"\x1f\x8b"
# Maximum decompressed size of a body, as a multiple of its size: claims compress to about a tenth.
_MOST_GROWTH = 100
_FREE_BYTES = 10_000_000
_PIECE = 1 << 20
# Where the first segment of an 837 begins, also after what some systems put before it.
_BEGINNING = 65_536
_SEGMENT = b"ISA"


def claim_file(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks of an 837, as they are.

    Raises:
        ApiError: there is no interchange at the beginning: it is another kind of file, or none.
    """
    begun = b""
    for chunk in chunks:
        begun += chunk
        if _SEGMENT in begun or len(begun) >= _BEGINNING:
            break
    if _SEGMENT not in begun:
        raise ApiError(
            "unusable_input", "the body is no 837: it has no ISA segment at its beginning. Nothing is stored."
        )
    yield begun
    yield from chunks


async def whole_body(request: Request, most: int, refusal: str) -> bytes:
    """The body of a request, of at most so many bytes.

    Raises:
        ApiError: it is longer, which the refusal says.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > most:
            raise ApiError("too_large", refusal)
    return bytes(content)


class Upload:
    """A body during upload."""

    def __init__(self, request: Request) -> None:
        self._stream = request.stream()
        length = request.headers.get("content-length", "")
        self._is_small = length.isdecimal() and int(length) <= SMALL_BYTES
        self._small_at_once: anyio.CapacityLimiter = request.app.state.small_uploads
        self._chunks: queue.Queue[bytes | BaseException | None] = queue.Queue(_WAITING)

    async def consumed_by(self, work: Callable[[Iterator[bytes]], T]) -> T:
        """The result of the work, which receives the chunks in a thread.

        Raises:
            ApiError: the body begins like gzip but is not gzip, or decompresses to too much; or was cut off.
        """
        if not self._is_small:
            return await self._streamed(work)
        try:
            whole = [chunk async for chunk in self._stream if chunk]
        except ClientDisconnect:
            raise ApiError("invalid_request", _CUT_OFF) from None
        return await anyio.to_thread.run_sync(work, _unpacked(iter(whole)), limiter=self._small_at_once)

    async def _streamed(self, work: Callable[[Iterator[bytes]], T]) -> T:
        result: list[T] = []
        problems: list[Exception] = []

        async def run() -> None:
            try:
                result.append(await run_in_threadpool(work, _unpacked(self._arriving())))
            except Exception as problem:  # noqa: BLE001 - raised below, out of the group
                problems.append(problem)
            # The sender may still fill the queue and must not wait forever.
            scope.cancel()

        async with anyio.create_task_group() as group:
            scope = group.cancel_scope
            group.start_soon(run)
            await self._fill()
            # The work ends the scope; until then this task only waits.
            await anyio.sleep_forever()
        if problems:
            raise problems[0]
        return result[0]

    async def _fill(self) -> None:
        try:
            async for chunk in self._stream:
                if chunk:
                    await self._put(chunk)
        except ClientDisconnect:
            await self._put(ApiError("invalid_request", _CUT_OFF))
            return
        except ApiError as problem:
            await self._put(problem)
            return
        await self._put(None)

    async def _put(self, item: bytes | BaseException | None) -> None:
        while True:
            try:
                self._chunks.put_nowait(item)
            except queue.Full:
                await anyio.sleep(0.005)
            else:
                return

    def _arriving(self) -> Iterator[bytes]:
        while (item := self._chunks.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(chunks, b"")
    if not first.startswith(_GZIP):
        if first:
            yield first
        yield from chunks
        return
    unpacker = zlib.decompressobj(wbits=31)
    taken, given = 0, 0
    for chunk in _with(first, chunks):
        taken += len(chunk)
        waiting = chunk
        while waiting:
            try:
                piece = unpacker.decompress(waiting, _PIECE)
            except zlib.error:
                raise ApiError(
                    "unusable_input", "the body begins like gzip but is not valid gzip. Send it again."
                ) from None
            given += len(piece)
            if given > _FREE_BYTES + taken * _MOST_GROWTH:
                raise ApiError("too_large", "the body decompresses to far more than claims would.")
            if piece:
                yield piece
            waiting = unpacker.unconsumed_tail
    if not unpacker.eof:
        raise ApiError("unusable_input", "the gzip content is incomplete. Send it again.")


def _with(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
