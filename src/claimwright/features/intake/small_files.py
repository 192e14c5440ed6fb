"""Small files that wait for their turn are read together, in one block; each has a transaction of its own.

To read and prepare a block costs nearly the same for one file as for many. A file that finds nobody before it
is read at once, by itself: only what waits anyway is joined.

Files are joined only within a tenant, whose key computes their blind indexes, and only if each is read as it
would be alone (see `joining.joinable`). If reading a block fails, for whatever reason, its files are read one
by one, so that a bad file fails alone.
"""

from __future__ import annotations

import datetime
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass, field

from claimwright.domain.caller import Caller
from claimwright.engines.x12 import JOINED_BYTES, Delimiters, join_claim_blocks, joinable
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError
from claimwright.platform.metering import demand_room
from claimwright.platform.observability import get_logger
from claimwright.store import staging
from claimwright.store.tenants import require_tenant

from .prepared_claims import PreparedClaims, prepare_files
from .reading import Beginning
from .staging import SMALL_BYTES, Intake, Staged, StoredFile

# So many turns are taken at once. Much of the work on claims holds the interpreter's lock: with more threads,
# each waits for that lock in the middle of its transaction, and holds up whoever waits for what the
# transaction has locked.
AT_ONCE = 2
# So many files a turn, at most. With 16, the fixed cost of a block is small beside their transactions; with
# more, the last of them would only wait longer.
FILES_TOGETHER = 16

_LOG = get_logger("intake.small_files")


@dataclass(frozen=True, eq=False)
class _Offered:
    """A file that waits; `context` is that of the thread or task that waits for it."""

    caller: Caller
    chunks: Iterable[bytes]
    facility: str
    context: Context = field(default_factory=copy_context)
    staged: Future[Staged] = field(default_factory=Future)


@dataclass(frozen=True)
class _Begun:
    """A file whose beginning is read, and all of it if it is small."""

    offered: _Offered
    beginning: Beginning


@dataclass(frozen=True)
class _Part:
    """A file's part of a block."""

    file_id: int
    prepared: PreparedClaims
    begun_at: datetime.datetime


class _ApartError(InputError):
    """The files can't be read in one block."""


class SmallFiles:
    """Files that wait to be staged, and the threads that stage them."""

    def __init__(self, intake: Callable[[], Intake]) -> None:
        """`intake` is called when a file is staged: it may have to open the store's keys first."""
        self._intake = intake
        self._waiting: deque[_Offered] = deque()
        self._workers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="small-files")

    def offer(self, caller: Caller, chunks: Iterable[bytes], *, facility: str) -> Future[Staged]:
        """The future result of a file, or the error that `Intake.stage` raises for it.

        A file whose future is cancelled before its turn is not read.
        """
        offered = _Offered(caller, chunks, facility)
        self._waiting.append(offered)
        self._workers.submit(self._take_turn)
        return offered.staged

    def _take_turn(self) -> None:
        """Stage the first files that wait; what can't be read together with the first gets a later turn."""
        files = list(self._next_files())
        try:
            groups = list(_groups(files))
            for group in groups[1:]:
                self._workers.submit(self._stage_group, group)
            if groups:
                self._stage_group(groups[0])
        except BaseException as problem:
            # Whoever waits for a file must hear of it.
            for file in files:
                if not file.staged.done():
                    file.staged.set_exception(problem)
            raise

    def _next_files(self) -> Iterator[_Offered]:
        for _ in range(FILES_TOGETHER):
            try:
                file = self._waiting.popleft()
            except IndexError:
                return
            if file.staged.set_running_or_notify_cancel():
                yield file

    def _stage_group(self, files: list[_Begun]) -> None:
        together: list[_Part] | list[None] = [None] * len(files)
        if len(files) > 1:
            files = self._those_that_wait_last(files)
            together = self._together(files)
        for file, part in zip(files, together, strict=True):
            offered = file.offered
            try:
                staged = offered.context.run(self._stage, file, part)
            except BaseException as problem:  # noqa: BLE001 - handed to whoever waits for the file
                offered.staged.set_exception(problem)
            else:
                offered.staged.set_result(staged)

    def _stage(self, file: _Begun, part: _Part | None) -> Staged:
        caller, facility, intake = file.offered.caller, file.offered.facility, self._intake()
        if part is None:
            return intake.stage(caller, file.beginning.chunks(), facility=facility)
        begun = Staged(part.file_id, uuid.uuid4(), caller.tenant, facility)
        stored = StoredFile(intake.sealer, intake.shelf, caller.tenant, part.file_id)

        def claims() -> Iterator[PreparedClaims]:
            stored.put_whole(file.beginning.content)
            return iter([part.prepared])

        return intake.fill(caller, claims, stored, begun, part.begun_at)

    def _those_that_wait_last(self, files: list[_Begun]) -> list[_Begun]:
        """The files, those last whose facility is taken by a file, perhaps a large one: the others do not
        wait for it.
        """
        caller, facilities = files[0].offered.caller, [file.offered.facility for file in files]
        try:
            with self._intake().database.transaction(caller) as connection:
                busy = staging.busy_facilities(connection, caller.tenant, facilities)
        except Exception:  # noqa: BLE001 - each file is told of it when it is staged
            return files
        return sorted(files, key=lambda file: file.offered.facility in busy)

    def _together(self, files: list[_Begun]) -> list[_Part] | list[None]:
        """What is to be staged of each file; None for each if they have to be read one by one."""
        try:
            return self._read_together(files)
        except _ApartError:
            pass
        except BaseException as problem:  # noqa: BLE001 - whose fault it is shows when each is read alone
            _LOG.warning("files that wait are read one by one", exc_info=problem)
        return [None] * len(files)

    def _read_together(self, files: list[_Begun]) -> list[_Part]:
        intake, now = self._intake(), clock.now()
        caller = files[0].offered.caller
        contents = [file.beginning.content for file in files]
        blocks = list(join_claim_blocks(contents, [str(number) for number in range(len(files))]))
        if len(blocks) != 1:
            raise _ApartError
        with intake.database.transaction(caller) as connection:
            require_tenant(caller, connection)
            demand_room(connection)
            file_ids = staging.next_file_ids(connection, len(files))
            staging.prepare_partitions(connection, now.date())
            keys = staging.next_claim_keys(connection, blocks[0].claims)
        reading = blocks[0].reading(with_records=True, verbatim=False, with_envelope=False)
        prepared = prepare_files(reading, keys, intake.sealer, tenant=caller.tenant, as_of=now.date())
        return [_Part(*each, now) for each in zip(file_ids, prepared, strict=True)]


def _groups(files: list[_Offered]) -> Iterator[list[_Begun]]:
    """The files that can be read in one block, group by group; then those that are read alone.

    The latter may be larger than they seemed, and the others do not wait for them.
    """
    joined: dict[tuple[str, Delimiters, int], list[_Begun]] = {}
    alone: list[list[_Begun]] = []
    sizes: Counter[tuple[str, Delimiters]] = Counter()
    for file in files:
        try:
            beginning = Beginning.of(iter(file.chunks), SMALL_BYTES)
        except BaseException as problem:  # noqa: BLE001 - handed to whoever waits for the file
            file.staged.set_exception(problem)
            continue
        begun = _Begun(file, beginning)
        delimiters = joinable(beginning.content) if beginning.is_whole else None
        if delimiters is None:
            alone.append([begun])
            continue
        kind = file.caller.tenant, delimiters
        sizes[kind] += len(beginning.content)
        joined.setdefault((*kind, sizes[kind] // JOINED_BYTES), []).append(begun)
    yield from joined.values()
    yield from alone
