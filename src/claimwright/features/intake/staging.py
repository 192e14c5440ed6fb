"""Stages a file: stores it once, seals and stages its claims, refuses repeated claims with a pointer.

One transaction per file: a killed process leaves nothing behind, and the file is read again.

    FileKeptError (StoreError)   another file is stored under this one's number
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Protocol

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.domain.derived import SeenClaims
from claimwright.engines.x12 import Reading
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError, StoreError
from claimwright.foundation.overlap import ahead
from claimwright.platform.database import Connection, Database, tenancy
from claimwright.platform.metering import demand_room, quotas_told
from claimwright.platform.observability import span
from claimwright.store import staging
from claimwright.store.claim_numbers import ClaimNumberRegistry, CorrectionRegistry
from claimwright.store.sealed_claims import Opens, Seals
from claimwright.store.sent_before import ServiceCounts
from claimwright.store.staging import FileTotals
from claimwright.store.tenants import require_tenant

from .prepared_claims import PreparedClaims, prepare_claims
from .reading import Beginning, read_blocks

# A file of at most this many bytes, some fifty claims, is read in the caller's thread before its transaction
# begins. Threads of its own would only hand it back and forth, and a transaction that waits for the reader
# holds up others: of many small files at once, most of the time was spent on that.
SMALL_BYTES = 128 << 10
# The size of a sealed piece of a stored file: large compared with the 33 bytes of sealing, small in memory.
_PIECE_BYTES = 4 << 20


class Shelf(Protocol):
    """The storage of files: the methods of `claimwright.platform.objects` that intake uses."""

    def put_new(self, key: str, content: bytes) -> bool:
        """Write an object if it does not exist; False if it exists, in which case it is not changed."""

    def remove(self, key: str) -> None:
        """Remove an object."""


class Gets(Protocol):
    """The storage of files, to read from."""

    def get(self, key: str) -> bytes | None:
        """The content of the object, or None if it does not exist."""


# Of a file under way: bytes read, claims read, claims staged.
Progress = Callable[[int, int, int], None]


class FileKeptError(StoreError):
    """Object storage has another file under this file's number; it is not changed."""


class Notices(Protocol):
    """Records a file, in its transaction: in the audit log and the outbox."""

    def __call__(self, caller: Caller, connection: Connection, staged: Staged) -> None:
        """Write the records."""


@dataclass(frozen=True)
class Staged:
    """The result for a file. `earlier` is an earlier file with the same content; then nothing was done."""

    file_id: int
    correlation_id: uuid.UUID
    tenant: str
    facility: str
    claims: int = 0
    staged: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    faults: int = 0
    charge: Decimal = Decimal(0)
    earlier: int | None = None
    earlier_facility: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether everything in the file was staged, without any problem."""
        return self.earlier is None and not self.refused and not self.faults and self.claims > 0


@dataclass
class Intake:
    """Stages files into one store, one after another."""

    database: Database
    sealer: Seals
    shelf: Shelf
    notices: Notices | None = None

    def stage(
        self,
        caller: Caller,
        chunks: Iterable[bytes],
        *,
        facility: str,
        digest: bytes | None = None,
        block_bytes: int | None = None,
        on: Connection | None = None,
        progress: Progress | None = None,
    ) -> Staged:
        """Stage the claims of an 837. `digest`, if known in advance, is the SHA-256 of all chunks.

        `on` is a dedicated connection for the file's transaction, for a caller who stages one file after
        another; by default one is taken that was kept from a file before, or opened.
        `progress` is told the bytes and claims that were read, and the claims that were staged, after each
        block.

        Raises:
            psycopg.Error: the store failed; nothing of the file is staged.
            UnknownTenantError: the caller's tenant was never created.
            QuotaExceededError: the file would exceed a quota of the tenant; nothing of it is staged.
            FileKeptError: another file is stored under this one's number; nothing of the file is staged.
            SourceError: the rest of the source can't be read.
        """
        now, tenant = clock.now(), caller.tenant
        with self.database.transaction(caller) as connection:
            require_tenant(caller, connection)
            demand_room(connection)
            earlier = staging.file_with_digest(connection, digest) if digest else None
            whose = staging.facility_of_file(connection, earlier) if earlier is not None else ""
            file_id = staging.next_file_id(connection)
            staging.prepare_partitions(connection, now.date())
        begun = Staged(file_id, uuid.uuid4(), tenant, facility, earlier=earlier, earlier_facility=whose)
        if earlier is not None:
            return begun
        stored = StoredFile(self.sealer, self.shelf, tenant, file_id)
        options = {} if block_bytes is None else {"block_bytes": block_bytes}

        def claims() -> Iterator[PreparedClaims]:
            begun_with = Beginning.of(iter(chunks), SMALL_BYTES)
            is_small = begun_with.is_whole or begun_with.problem is not None
            readings = read_blocks(
                stored.passing(begun_with.chunks()), with_records=True, verbatim=False, with_envelope=False,
                in_threads=not is_small, **options,
            )  # fmt: skip
            prepared = self._prepared(caller, readings, now.date())
            return iter(list(prepared)) if is_small else ahead(prepared)

        return self.fill(caller, claims, stored, begun, now, on=on, progress=progress)

    def fill(
        self,
        caller: Caller,
        claims: Callable[[], Iterator[PreparedClaims]],
        stored: StoredFile,
        begun: Staged,
        now: datetime.datetime,
        *,
        on: Connection | None = None,
        progress: Progress | None = None,
    ) -> Staged:
        """Stage the claims of a file in its transaction; see `stage` for what it raises.

        `claims` is called before the transaction begins. It stores the content too. Whatever goes wrong,
        nothing of the file stays.
        """
        ids = {"file_id": begun.file_id, "correlation_id": str(begun.correlation_id)}
        try:
            with span("intake.file", tenant=begun.tenant, **ids):
                prepared = claims()
                # A connection of our own is kept for the next file; one that was given stays open.
                with self.database.dedicated() if on is None else nullcontext(on) as connection:
                    return self._fill(caller, connection, prepared, stored, begun, now, progress)
        except _SameContentError as same:
            stored.discard()
            return replace(begun, earlier=same.file_id, earlier_facility=same.facility)
        except BaseException:
            stored.discard()
            raise

    def _fill(
        self,
        caller: Caller,
        connection: Connection,
        claims: Iterator[PreparedClaims],
        stored: StoredFile,
        begun: Staged,
        now: datetime.datetime,
        progress: Progress | None,
    ) -> Staged:
        with tenancy(connection, caller):
            # Files of one facility are staged one at a time, so the first of two equal claims is certain.
            staging.lock_facility(connection, begun.tenant, begun.facility)
            transaction = FileTransaction(connection, begun, now)
            for prepared in claims:
                transaction.add(prepared)
                if progress is not None:
                    progress(stored.bytes, transaction.claims, transaction.staged)
            staging.lock_content(connection, begun.tenant, stored.digest)
            earlier = staging.file_with_digest(connection, stored.digest)
            if earlier is not None:
                raise _SameContentError(earlier, staging.facility_of_file(connection, earlier))
            done = transaction.finish(stored)
            if self.notices is not None:
                self.notices(caller, connection, done)
        return done

    def _prepared(
        self, caller: Caller, readings: Iterator[Reading], today: datetime.date
    ) -> Iterator[PreparedClaims]:
        seen = SeenClaims()
        for reading in readings:
            count = len(reading.batch)
            with self.database.transaction(caller) as connection:
                keys = staging.next_claim_keys(connection, count)
            yield prepare_claims(reading, keys, self.sealer, tenant=caller.tenant, seen=seen, as_of=today)


class _SameContentError(InputError):
    """Another file with the same content was staged before, or at the same time."""

    def __init__(self, file_id: int, facility: str) -> None:
        super().__init__(file_id)
        self.file_id = file_id
        self.facility = facility


class StoredFile:
    """The content of a file as it is read: hashed, and stored in sealed pieces."""

    def __init__(self, sealer: Seals, shelf: Shelf, tenant: str, file_id: int) -> None:
        self._sealer, self._shelf = sealer, shelf
        self.folder = f"files/{tenant}/{file_id}"
        self._hash = hashlib.sha256()
        self._pieces: list[str] = []
        self.bytes = 0

    @property
    def digest(self) -> bytes:
        """SHA-256 of the chunks so far."""
        return self._hash.digest()

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks, each passed on after it is hashed; all are stored at the end."""
        pending: list[bytes] = []
        size = 0
        try:
            for chunk in chunks:
                self._hash.update(chunk)
                self.bytes += len(chunk)
                pending.append(chunk)
                size += len(chunk)
                if size >= _PIECE_BYTES:
                    self._put(b"".join(pending))
                    pending, size = [], 0
                yield chunk
        finally:
            if pending:
                self._put(b"".join(pending))

    def _put(self, piece: bytes) -> None:
        name = f"{self.folder}/{len(self._pieces):06}"
        [sealed] = self._sealer.seal([piece], [name.encode()])
        if not self._shelf.put_new(name, sealed):
            raise FileKeptError(
                f"object storage has {name} already: the database is older than what is stored there. "
                "Restore a newer backup, or set another folder in objects.url."
            )
        self._pieces.append(name)

    def again(self, opener: Opens, shelf: Gets) -> Iterator[bytes]:
        """The content from where it is stored, for what can be read only once."""
        for name in self._pieces:
            sealed = shelf.get(name)
            if sealed is None:
                raise FileKeptError(f"object storage has lost {name}. Send the file again.")
            yield from opener.open([sealed], [name.encode()])

    def put_whole(self, content: bytes) -> None:
        """Hash and store a file of which all content is known."""
        for _ in self.passing([content]):
            pass

    def discard(self) -> None:
        """Remove what was stored: the file was not staged."""
        for name in self._pieces:
            self._shelf.remove(name)


class FileTransaction:
    """The transaction of one file."""

    def __init__(
        self,
        connection: Connection,
        begun: Staged,
        now: datetime.datetime,
        corrections: CorrectionRegistry | None = None,
    ) -> None:
        self._connection, self._begun, self._now = connection, begun, now
        self._day = now.date()
        self.claims = self.staged = self._faults = 0
        self._charge = Decimal(0)
        self._numbers: ClaimNumberRegistry | CorrectionRegistry = corrections or ClaimNumberRegistry(
            connection, begun.facility, begun.file_id
        )
        # The services of a corrected claim were counted with the version before.
        self._services = None if corrections else ServiceCounts()

    def add(self, prepared: PreparedClaims) -> None:
        """Stage the claims of one reading, except those that were staged before."""
        if prepared.findings.height:
            self._faults += prepared.findings.height
        claims = prepared.claims
        if claims.height:
            accepted = self._numbers.accept(claims)
            claims = claims.join(accepted, on="claim_key", how="inner", maintain_order="left")
            self.claims += prepared.claims.height
            self.staged += claims.height
            self._stage(prepared, claims)
        findings = prepared.findings.filter(
            pl.col("claim_key").is_null() | pl.col("claim_key").is_in(claims["claim_key"].implode())
        )
        staging.stage_findings(
            self._connection,
            findings.with_columns(file_id=pl.lit(self._begun.file_id), received_on=pl.lit(self._day)),
            self._day,
        )

    def _stage(self, prepared: PreparedClaims, accepted: pl.DataFrame) -> None:
        begun = self._begun
        if self._services is not None:
            self._services.add(accepted)
        self._charge += Decimal(str(accepted["total_charge"].sum() or 0))
        sealed = prepared.sealed
        if accepted.height < len(sealed):
            sealed = sealed.only(set(accepted["claim_key"].to_list()))
        staging.stage_claims(
            self._connection,
            accepted.with_columns(
                file_id=pl.lit(begun.file_id),
                facility=pl.lit(begun.facility),
                correlation_id=pl.lit(str(begun.correlation_id)),
                received_on=pl.lit(self._day),
                received_at=pl.lit(self._now),
            ),
            sealed,
            self._now,
        )

    def finish(self, stored: StoredFile) -> Staged:
        """Write the counts of the whole file, and the file's row last."""
        begun, refused = self._begun, dict(self._numbers.refused)
        if self._services is not None:
            self._services.count(self._connection, begun.file_id, self._day)
        totals = FileTotals(self.claims, self.staged, refused, self._faults)
        with quotas_told():
            staging.insert_file(
                self._connection,
                begun.file_id,
                totals,
                facility=begun.facility,
                digest=stored.digest,
                size=stored.bytes,
                folder=stored.folder,
                received_at=self._now,
                correlation_id=begun.correlation_id,
            )
        return Staged(
            begun.file_id,
            begun.correlation_id,
            begun.tenant,
            begun.facility,
            self.claims,
            self.staged,
            refused,
            self._faults,
            self._charge,
        )
