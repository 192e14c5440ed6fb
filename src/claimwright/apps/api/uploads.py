"""Streams the body of a request to work in a thread: chunk by chunk, gzip decompressed, nothing stored.

Reader and sender wait for each other, so that memory holds only a few chunks. A small body is read whole
first; then few of them are worked on at once, and the others wait without a thread, some of them to be worked
on together.

Where the settings name a virus scanner, every body is set aside until it is complete and the scanner has
said that it is clean: before that, nothing reads it. Few are scanned at once; others wait without a thread.
"""

from __future__ import annotations

import asyncio
import queue
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from claimwright.features.intake import SMALL_BYTES
from claimwright.foundation.errors import ClaimwrightError
from claimwright.platform.spool import Spool
from claimwright.platform.virus_scanner import UnscannableError, VirusScanner

from .asking import services_of
from .errors import ApiError

T = TypeVar("T")
Work = Callable[[Iterator[bytes]], T]
# Work that is done later, together with that of others.
Queued = Callable[[Iterator[bytes]], Future[T]]
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
# Bytes per call of the decompressor: it copies what is left of them at the end of a member.
_FED = 1 << 12
# Errors of every route that takes a body as it is.
SCANNED = ("too_large", "virus_found", "scanner_unavailable")
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
    """The body of a request, of at most so many bytes, scanned.

    Raises:
        ApiError: it is longer, which the refusal says.
        VirusFoundError, UnscannableError, ScannerUnavailableError: the scanner does not call it clean.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > most:
            raise ApiError("too_large", refusal)
    scanner = services_of(request).scanner
    if scanner is not None:
        await _scanned(request, scanner, lambda: iter([bytes(content)]))
    return bytes(content)


async def scanned_text(request: Request) -> bytes:
    """The body of a request as `Request.body`, scanned.

    Raises:
        VirusFoundError, UnscannableError, ScannerUnavailableError: the scanner does not call it clean.
    """
    content = await request.body()
    scanner = services_of(request).scanner
    if scanner is not None:
        await _scanned(request, scanner, lambda: iter([content]))
    return content


async def _scanned(request: Request, scanner: VirusScanner, content: Callable[[], Iterator[bytes]]) -> None:
    limiter: anyio.CapacityLimiter = request.app.state.scans
    await anyio.to_thread.run_sync(lambda: scanner.scan(content()), limiter=limiter)


class Upload:
    """A body during upload."""

    def __init__(self, request: Request) -> None:
        self._request, self._scanner = request, services_of(request).scanner
        self._stream = request.stream()
        length = request.headers.get("content-length", "")
        self._is_small = length.isdecimal() and int(length) <= SMALL_BYTES
        self._small_at_once: anyio.CapacityLimiter = request.app.state.small_uploads
        self._chunks: queue.Queue[bytes | BaseException | None] = queue.Queue(_WAITING)

    async def consumed_by(self, work: Work[T], *, queued: Queued[T] | None = None) -> T:
        """The result of the work, which receives the chunks in a thread.

        A small body goes to `queued` instead, if given: that works on several which wait together.

        Raises:
            ApiError: the body begins like gzip but is not gzip, or decompresses to too much; or was cut off.
            VirusFoundError, UnscannableError, ScannerUnavailableError: the scanner does not call it clean.
        """
        if self._scanner is not None:
            return await self._after_a_scan(self._scanner, work, queued)
        if not self._is_small:
            return await self._streamed(work)
        try:
            whole = [chunk async for chunk in self._stream if chunk]
        except ClientDisconnect:
            raise ApiError("invalid_request", _CUT_OFF) from None
        return await self._worked_on(_unpacked(iter(whole)), work, queued)

    async def _worked_on(self, chunks: Iterator[bytes], work: Work[T], queued: Queued[T] | None) -> T:
        if self._is_small and queued is not None:
            return await asyncio.wrap_future(queued(chunks))
        limiter = self._small_at_once if self._is_small else None
        return await anyio.to_thread.run_sync(work, chunks, limiter=limiter)

    async def _after_a_scan(self, scanner: VirusScanner, work: Work[T], queued: Queued[T] | None) -> T:
        with Spool() as spool:
            await self._set_aside(spool, scanner.largest_bytes)
            problem: ClaimwrightError | None = None
            try:
                await _scanned(self._request, scanner, lambda: _unpacked(spool.chunks()))
            except ClaimwrightError as refusal:
                problem = refusal
            # The work is told of a refusal where it would read: it may have to report how far it came.
            chunks = _unpacked(spool.chunks()) if problem is None else _refused(problem)
            return await self._worked_on(chunks, work, queued)

    async def _set_aside(self, spool: Spool, most: int) -> None:
        size = 0
        try:
            async for chunk in self._stream:
                size += len(chunk)
                if size > most:
                    raise UnscannableError
                if spool.add(chunk):
                    await run_in_threadpool(spool.put_aside)
        except ClientDisconnect:
            raise ApiError("invalid_request", _CUT_OFF) from None

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
    while first and len(first) < len(_GZIP) and (more := next(chunks, b"")):
        first += more
    if not first.startswith(_GZIP):
        if first:
            yield first
        yield from chunks
        return
    unpacker = zlib.decompressobj(wbits=31)
    taken, given, left = 0, 0, b""
    for chunk in _with(first, chunks):
        taken += len(chunk)
        waiting = memoryview(left + chunk)
        left = b""
        while waiting:
            if unpacker.eof:
                # Several members are one content, as `cat a.gz b.gz` and block compression write them.
                if len(waiting) < len(_GZIP):
                    left = bytes(waiting)
                    break
                if waiting[: len(_GZIP)] != _GZIP:
                    _refuse_more(waiting)
                    break
                unpacker = zlib.decompressobj(wbits=31)
            fed = waiting[:_FED]
            try:
                piece = unpacker.decompress(fed, _PIECE)
            except zlib.error:
                raise ApiError(
                    "unusable_input", "the body begins like gzip but is not valid gzip. Send it again."
                ) from None
            given += len(piece)
            if given > _FREE_BYTES + taken * _MOST_GROWTH:
                raise ApiError("too_large", "the body decompresses to far more than claims would.")
            if piece:
                yield piece
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            waiting = waiting[len(fed) - len(rest) :]
    _refuse_more(left)
    if not unpacker.eof:
        raise ApiError("unusable_input", "the gzip content is incomplete. Send it again.")


def _refuse_more(rest: bytes | memoryview) -> None:
    """Refuse what comes after the last member, unless it is padding: it would be lost."""
    if any(rest):
        raise ApiError("unusable_input", "after the gzip content comes something else. Send it again.")


def _refused(problem: Exception) -> Iterator[bytes]:
    for each in (problem,):
        raise each
    yield b""


def _with(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
