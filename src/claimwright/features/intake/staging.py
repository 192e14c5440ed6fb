"""A file into the store: stored once, its claims sealed and staged, what came before refused with a pointer.

One transaction a file: a process that is killed leaves nothing behind, and the file is simply taken in again.
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.domain.derived import SeenClaims
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError
from claimwright.foundation.overlap import ahead
from claimwright.platform.database import (
    Connection,
    Database,
    copy_in,
    copy_in_records,
    partition,
    partition_of,
    tenancy,
)
from claimwright.platform.observability import span

from .claim_number_registry import Taking
from .reading import Reading, read_blocks
from .sealed_claims import Arrivals, Seals, arrivals
from .services import Services

# Tables that a file fills in bulk, each through the partition of its month.
_BULK = ("staging.claims", "staging.records", "staging.findings", "production.claim_events")
# A sealed piece of a stored file: large beside the 33 bytes that sealing adds, small in memory.
_PIECE_BYTES = 4 << 20


class Shelf(Protocol):
    """Where files are kept: what intake asks of `claimwright.platform.objects`."""

    def put(self, key: str, content: bytes) -> None:
        """Write an object."""

    def remove(self, key: str) -> None:
        """Remove an object."""


class Notices(Protocol):
    """Who is told, in the transaction of the file: the audit log and the outbox."""

    def __call__(self, caller: Caller, connection: Connection, staged: Staged) -> None:
        """Write what there is to tell."""


@dataclass(frozen=True)
class Staged:
    """What became of a file. `earlier` is the file that had the same content; nothing was done then."""

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

    @property
    def is_whole(self) -> bool:
        """Whether everything in the file was taken, and nothing was wrong with it."""
        return self.earlier is None and not self.refused and not self.faults and self.claims > 0


@dataclass
class Intake:
    """The door of one store: gives files to it, one after another."""

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
    ) -> Staged:
        """Take in the claims of an 837. `digest`, where known before, is the SHA-256 of all chunks.

        Raises:
            psycopg.Error: the store failed; nothing of the file is staged.
            SourceError: the source can't be read on.
        """
        now, tenant = clock.now(), caller.tenant
        with self.database.transaction(caller) as connection:
            earlier = _earlier(connection, digest) if digest else None
            file_id = _next_file(connection)
            for table in _BULK:
                partition(connection, table, now.date())
        begun = Staged(file_id, uuid.uuid4(), tenant, facility, earlier=earlier)
        if earlier is not None:
            return begun
        kept = _Kept(self.sealer, self.shelf, tenant, file_id)
        options = {} if block_bytes is None else {"block_bytes": block_bytes}
        readings = read_blocks(kept.passing(chunks), with_records=True, verbatim=False, **options)
        try:
            connection = self.database.connect()
            try:
                with span(
                    "intake.file",
                    tenant=tenant,
                    file_id=file_id,
                    correlation_id=str(begun.correlation_id),
                ):
                    return self._fill(caller, connection, readings, kept, begun, now)
            finally:
                connection.close()
        except _SameContentError as same:
            kept.discard()
            return Staged(file_id, begun.correlation_id, tenant, facility, earlier=same.file_id)
        except BaseException:
            kept.discard()
            raise

    def _fill(
        self,
        caller: Caller,
        connection: Connection,
        readings: Iterator[Reading],
        kept: _Kept,
        begun: Staged,
        now: datetime.datetime,
    ) -> Staged:
        with tenancy(connection, caller):
            # Files of one facility one after another: which of two equal claims is the first is then certain.
            connection.execute(
                "select pg_advisory_xact_lock(7837003, hashtext(%s))", [f"{begun.tenant}/{begun.facility}"]
            )
            filling = _Filling(connection, begun, now)
            for each in ahead(self._ready(caller, readings, now.date())):
                filling.add(each)
            earlier = _earlier(connection, kept.digest)
            if earlier is not None:
                raise _SameContentError(earlier)
            done = filling.finish(kept)
            if self.notices is not None:
                self.notices(caller, connection, done)
        return done

    def _ready(self, caller: Caller, readings: Iterator[Reading], today: datetime.date) -> Iterator[Arrivals]:
        seen = SeenClaims()
        for reading in readings:
            count = len(reading.batch)
            with self.database.transaction(caller) as connection:
                keys = _take_keys(connection, count)
            yield arrivals(reading, keys, self.sealer, tenant=caller.tenant, seen=seen, as_of=today)


class _SameContentError(InputError):
    """Another file with the same content was taken in before, or meanwhile."""

    def __init__(self, file_id: int) -> None:
        super().__init__(file_id)
        self.file_id = file_id


class _Kept:
    """The content on its way past: digested, sealed piece by piece, put away."""

    def __init__(self, sealer: Seals, shelf: Shelf, tenant: str, file_id: int) -> None:
        self._sealer, self._shelf = sealer, shelf
        self.folder = f"files/{tenant}/{file_id}"
        self._hash = hashlib.sha256()
        self._pieces: list[str] = []
        self.bytes = 0

    @property
    def digest(self) -> bytes:
        """SHA-256 of what has passed."""
        return self._hash.digest()

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks, each handed on once it is noted; what was noted is put away at the end or before."""
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
        self._pieces.append(name)
        self._shelf.put(name, sealed)

    def discard(self) -> None:
        """Take away what was put away: the file was not taken in."""
        for name in self._pieces:
            self._shelf.remove(name)


class _Filling:
    """The transaction of one file."""

    def __init__(self, connection: Connection, begun: Staged, now: datetime.datetime) -> None:
        self._connection, self._begun, self._now = connection, begun, now
        self._day = now.date()
        self._claims = self._staged = self._faults = 0
        self._charge = Decimal(0)
        self._taking = Taking(connection, begun.facility, begun.file_id)
        self._services = Services()

    def add(self, arrived: Arrivals) -> None:
        """Stage one reading's claims, but for those that came before."""
        if arrived.findings.height:
            self._faults += arrived.findings.height
        claims = arrived.claims
        if claims.height:
            accepted = self._taking.accept(claims)
            taken = claims.join(accepted, on="claim_key", how="inner", maintain_order="left")
            self._claims += claims.height
            self._staged += taken.height
            self._copy(arrived, taken)
        else:
            taken = claims
        kept = arrived.findings.filter(
            pl.col("claim_key").is_null() | pl.col("claim_key").is_in(taken["claim_key"].implode())
        )
        self._into("staging.findings", kept.with_columns(pl.lit(self._begun.file_id).alias("file_id")))

    def _copy(self, arrived: Arrivals, taken: pl.DataFrame) -> None:
        begun, now = self._begun, self._now
        self._services.add(taken)
        staged = taken.drop("number", "content", "services", "resubmission").with_columns(
            file_id=pl.lit(begun.file_id),
            facility=pl.lit(begun.facility),
            correlation_id=pl.lit(str(begun.correlation_id)),
            received_at=pl.lit(now),
        )
        self._into("staging.claims", staged)
        total = taken["total_charge"].sum()
        self._charge += Decimal(str(total or 0))
        records, sealed = arrived.records, arrived.sealed
        keys = arrived.claims["claim_key"].to_list()
        chosen = range(len(keys))
        if taken.height < len(keys):
            wanted = set(taken["claim_key"].to_list())
            chosen_rows = [at for at in chosen if keys[at] in wanted]
        else:
            chosen_rows = list(chosen)
        copy_in_records(
            self._connection,
            partition_of("staging.records", self._day),
            self._day,
            [keys[at] for at in chosen_rows],
            [(records.heading_bytes[at], records.provider_bytes[at]) for at in chosen_rows],
            [sealed[at] for at in chosen_rows],
        )
        history = taken.select(
            "claim_key",
            happened_on=pl.lit(self._day),
            happened_at=pl.lit(now),
            state=pl.lit("received"),
            correlation_id=pl.lit(str(begun.correlation_id)),
        )
        copy_in(self._connection, partition_of("production.claim_events", self._day), history)

    def _into(self, table: str, frame: pl.DataFrame) -> None:
        copy_in(
            self._connection,
            partition_of(table, self._day),
            frame.with_columns(received_on=pl.lit(self._day)),
        )

    def finish(self, kept: _Kept) -> Staged:
        """Write what is counted over the whole file, and the row of the file, last."""
        begun, refused = self._begun, dict(self._taking.refused)
        self._services.count(self._connection, begun.file_id, self._day)
        self._connection.execute(
            "insert into staging.files (file_id, facility, digest, bytes, object, received_at, received_on, "
            "correlation_id, claims, staged, refused, faults) values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)",
            [
                begun.file_id, begun.facility, kept.digest, kept.bytes, kept.folder, self._now, self._day,
                begun.correlation_id, self._claims, self._staged, sum(refused.values()), self._faults,
            ],
        )  # fmt: skip
        return Staged(
            begun.file_id,
            begun.correlation_id,
            begun.tenant,
            begun.facility,
            self._claims,
            self._staged,
            refused,
            self._faults,
            self._charge,
        )


def _earlier(connection: Connection, digest: bytes) -> int | None:
    found = connection.execute("select file_id from staging.files where digest = %s", [digest]).fetchone()
    return int(found[0]) if found else None


def _next_file(connection: Connection) -> int:
    row = connection.execute("select nextval('staging.file_ids')").fetchone()
    assert row is not None
    return int(row[0])


def _take_keys(connection: Connection, count: int) -> range:
    """So many claim keys in a row, that nobody else has."""
    if not count:
        return range(0)
    row = connection.execute("select staging.take_claim_keys(%s)", [count]).fetchone()
    assert row is not None
    return range(row[0], row[0] + count)
