"""Small files that wait for their turn share the work of reading, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.calling import act_for
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import CALLER, TENANT, Shelf, rows, sample, sealer_of, value

from claimwright.domain.caller import Caller
from claimwright.features.intake import Intake, SmallFiles, Staged, tell
from claimwright.features.intake.small_files import AT_ONCE, FILES_TOGETHER
from claimwright.foundation.errors import InputError
from claimwright.platform.database import Database, tenancy
from claimwright.platform.metering import set_quota
from claimwright.platform.phi import Sealer
from claimwright.store import staging
from claimwright.store.sealed_claims import context_of

OTHER = Caller("other", "user:2")
WAIT_SECONDS = 120


@dataclass
class Observed:
    """A sealer that notes which tenants' claims each block has, and fails for a claim of the wrong number."""

    sealer: Sealer
    poison: bytes = b"\xff"
    blocks: list[tuple[set[bytes], int]] = field(default_factory=list)

    def seal(self, records: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        tenants = {context.partition(b":claim:")[0] for context in contexts if b":claim:" in context}
        if tenants:
            self.blocks.append((tenants, len(records)))
            if any(self.poison in record for record in records):
                raise MemoryError
        return self.sealer.seal(records, contexts)

    def blind(self, kind: str, tenant: str, values: Sequence[str | None]) -> list[bytes | None]:
        return self.sealer.blind(kind, tenant, values)


@dataclass
class Door:
    """An intake, and a queue before it."""

    sealer: Observed
    shelf: Shelf
    queue: SmallFiles

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Within it nobody is let in: what is offered waits until the end."""
        opens, busy = threading.Event(), threading.Barrier(AT_ONCE + 1)

        def slow() -> Iterator[bytes]:
            busy.wait(WAIT_SECONDS)
            opens.wait(WAIT_SECONDS)
            raise InputError("came to nothing")
            yield b""

        first = [self.queue.offer(CALLER, slow(), facility="SLOW") for _ in range(AT_ONCE)]
        busy.wait(WAIT_SECONDS)
        try:
            yield
        finally:
            opens.set()
            assert [str(each.exception(WAIT_SECONDS)) for each in first] == ["came to nothing"] * AT_ONCE

    def taken(self, *files: tuple[Caller, bytes, str]) -> list[Staged | BaseException]:
        """What becomes of files that wait for the same turn."""
        with self.closed():
            futures = [self.offer(*file) for file in files]
        return [future.exception(WAIT_SECONDS) or future.result() for future in futures]

    def offer(self, caller: Caller, content: bytes, facility: str) -> Future[Staged]:
        return self.queue.offer(caller, iter([content]), facility=facility)


def door_of(store: Store, database: Database, folder: Path, **more: Any) -> Door:
    sealer, shelf = Observed(sealer_of(store, folder), **more), Shelf()
    intake = Intake(database, sealer, shelf, tell)
    return Door(sealer, shelf, SmallFiles(lambda: intake))


def small(folder: Path, count: int, claims: int = 2) -> list[bytes]:
    """Files whose claims have numbers of their own."""
    made = []
    for number in range(count):
        content = sample(folder, claims, seed=number % 4)
        made.append(content.replace(b"CLM*", b"CLM*F%02d" % number))
    return made


def kept(store: Store, sealer: Sealer, file_id: int) -> list[Any]:
    """What the store has of a file, without its numbers, times and ids."""

    def of_file(query: str) -> list[Any]:
        return rows(store, query.replace("FILE_ID", str(file_id)))

    claims = of_file(
        "select c.position, c.version, c.form, c.payer_id, c.claim_filing, c.service_from_on, "
        "c.service_to_on, c.total_charge, c.lines, c.number_occurrence, c.content_occurrence, k.number, "
        "k.folded, k.content, k.member, k.patient, k.billing_npi, k.provider_npi from staging.claims c "
        "join staging.claim_keys k using (tenant, claim_key) where c.file_id = FILE_ID order by position"
    )
    found = of_file(
        "select c.position, f.line, f.code, f.severity, f.snip, f.field, f.loop, f.segment_id, f.segment, "
        "f.element, f.detail, f.amount from staging.findings f left join staging.claims c "
        "using (tenant, claim_key) where f.file_id = FILE_ID order by f.ctid"
    )
    sealed = of_file(
        "select r.claim_key, r.heading_bytes, r.provider_bytes, r.sealed from staging.records r "
        "join staging.claims c using (tenant, claim_key) where c.file_id = FILE_ID order by c.position"
    )
    texts = [(sealer.open([text], [context_of(TENANT, key)]), *sizes) for key, *sizes, text in sealed]
    totals = of_file(
        "select facility, claims, staged, refused, faults from staging.files where file_id = FILE_ID"
    )
    told = of_file(
        "select action, body::jsonb #>> '{detail,claims}' from platform.audit_log "
        "where subject = 'file:FILE_ID'"
    )
    return [claims, found, texts, totals, told]


def test_files_that_wait_are_stored_as_each_alone(store: Store, tmp_path: Path, samples: Path) -> None:
    good = small(tmp_path, 5)
    dental = (samples / "dental.837").read_bytes()
    odd = [
        (samples / "structural.837").read_bytes(),
        good[0].rpartition(b"IEA")[0],
        good[1][: len(good[1]) // 2],
        good[2].replace(b"NM1*IL*1*", b"NM1*IL*1*\xc9"),
        good[3].replace(b"CLM*", b"CLM**", 1),
        b"ISA nothing of the kind",
    ]
    contents = [*good, dental, *odd]
    with store.open() as database:
        door = door_of(store, database, tmp_path)
        single = Intake(database, door.sealer, door.shelf, tell)
        # The same content is taken once: what comes after the last segment makes it another.
        alone = [
            single.stage(CALLER, [content + b"\n"], facility=f"A{number:02}")
            for number, content in enumerate(contents)
        ]
        door.sealer.blocks.clear()
        together = door.taken(
            *((CALLER, content, f"B{number:02}") for number, content in enumerate(contents))
        )
    assert len(contents) <= FILES_TOGETHER
    # Good files, those with another claim wrong, and the dental one are of one kind.
    assert max(size for _, size in door.sealer.blocks) > 20
    for one, other in zip(alone, together, strict=True):
        assert isinstance(other, Staged)
        before, after = (kept(store, door.sealer.sealer, each.file_id) for each in (one, other))
        assert before[3][0][0].replace("A", "B") == after[3][0][0]
        before[3], after[3] = before[3][0][1:], after[3][0][1:]
        assert before == after
        assert (one.claims, one.staged, one.faults, one.charge, one.refused) == (
            (other.claims, other.staged, other.faults, other.charge, other.refused)
        )
        [piece] = [name for name in door.shelf.objects if name.startswith(f"files/default/{other.file_id}/")]
        content = contents[together.index(other)]
        assert door.sealer.sealer.open([door.shelf.objects[piece]], [piece.encode()]) == [content]


def test_a_file_that_fails_fails_alone(store: Store, tmp_path: Path) -> None:
    files = small(tmp_path, 6)
    with store.open() as database:
        door = door_of(store, database, tmp_path, poison=b"CLM*F03")
        done = door.taken(*((CALLER, content, "FAC001") for content in files))
    assert [getattr(each, "staged", type(each)) for each in done] == [2, 2, 2, MemoryError, 2, 2]
    assert door.sealer.blocks[0] == ({b"default"}, 12)
    assert value(store, "select count(*) from staging.files") == 5
    assert value(store, "select count(*) from staging.claims") == 10
    assert len(door.shelf.objects) == 5


def test_a_file_whose_storage_fails_leaves_nothing_and_its_neighbours_are_taken(
    store: Store, tmp_path: Path
) -> None:
    class Full(Shelf):
        def put_new(self, key: str, content: bytes) -> bool:
            if len(self.objects) == 1:
                self.objects["full"] = b""
                raise OSError("no room")
            return super().put_new(key, content)

    with store.open() as database:
        door = door_of(store, database, tmp_path)
        door.shelf = shelf = Full()
        intake = Intake(database, door.sealer, shelf, tell)
        door.queue = SmallFiles(lambda: intake)
        done = door.taken(*((CALLER, content, "FAC001") for content in small(tmp_path, 3)))
    assert [getattr(each, "staged", type(each)) for each in done] == [2, OSError, 2]
    assert value(store, "select count(*) from staging.files") == 2
    assert value(store, "select count(*) from staging.claim_keys") == 4


def test_what_repeats_in_files_that_wait_is_refused_as_if_they_came_one_by_one(
    store: Store, tmp_path: Path
) -> None:
    first, other = small(tmp_path, 2)
    with store.open() as database:
        door = door_of(store, database, tmp_path)
        done = door.taken(
            (CALLER, first, "FAC001"), (CALLER, first, "FAC001"), (CALLER, first + b"\n", "FAC001"),
            (CALLER, first + b"\n\n", "FAC002"), (CALLER, other, "FAC001"),
        )  # fmt: skip
    one, same, repeated, elsewhere, last = done
    assert isinstance(one, Staged)
    assert isinstance(same, Staged)
    assert (one.staged, same.staged, same.earlier) == (2, 0, one.file_id)
    assert isinstance(repeated, Staged)
    assert repeated.refused == {"claim number used before": 2}
    assert [getattr(each, "staged", 0) for each in (elsewhere, last)] == [2, 2]
    assert value(store, "select count(*) from staging.refusals") == 2
    assert door.sealer.blocks == [({b"default"}, 10)]


def test_files_of_different_tenants_never_share_a_block(store: Store, tmp_path: Path) -> None:
    files = small(tmp_path, 6)
    with store.open() as database:
        door = door_of(store, database, tmp_path)
        done = door.taken(
            *((OTHER if number % 2 else CALLER, content, "FAC001") for number, content in enumerate(files))
        )
        assert [getattr(each, "tenant", each) for each in done] == ["default", "other"] * 3
    assert sorted((sorted(tenants), size) for tenants, size in door.sealer.blocks) == [
        ([b"default"], 6),
        ([b"other"], 6),
    ]
    assert rows(store, "select tenant, count(*) from staging.claims group by tenant order by tenant") == [
        ("default", 6),
        ("other", 6),
    ]


def test_a_quota_lets_in_as_many_of_the_waiting_files_as_of_others(store: Store, tmp_path: Path) -> None:
    with store.open() as database:
        door = door_of(store, database, tmp_path)
        with psycopg.connect(store.superuser) as owner:
            act_for(owner, CALLER)
            set_quota(CALLER, owner, "claims", 5)
        done = door.taken(*((CALLER, content, "FAC001") for content in small(tmp_path, 4)))
    assert [getattr(each, "staged", type(each).__name__) for each in done] == [
        2, 2, "QuotaExceededError", "QuotaExceededError",
    ]  # fmt: skip
    assert value(store, "select count(*) from staging.claims") == 4


def test_a_file_whose_facility_is_taken_holds_up_none_of_its_turn(store: Store, tmp_path: Path) -> None:
    taken, first, second = small(tmp_path, 3)
    with store.open() as database:
        door = door_of(store, database, tmp_path)
        with database.dedicated() as large, tenancy(large, CALLER):
            staging.lock_facility(large, TENANT, "BUSY")
            with door.closed():
                waits = door.offer(CALLER, taken, "BUSY")
                others = [door.offer(CALLER, each, "FREE") for each in (first, second)]
            assert [each.result(WAIT_SECONDS).staged for each in others] == [2, 2]
            assert not waits.done()
        assert waits.result(WAIT_SECONDS).staged == 2


def test_who_goes_away_before_the_turn_is_not_read(store: Store, tmp_path: Path) -> None:
    first, other = small(tmp_path, 2)
    with store.open() as database:
        door = door_of(store, database, tmp_path)
        with door.closed():
            gone, stays = door.offer(CALLER, first, "FAC001"), door.offer(CALLER, other, "FAC001")
            assert gone.cancel()
        assert stays.result(WAIT_SECONDS).staged == 2
        with pytest.raises(CancelledError):
            gone.result(WAIT_SECONDS)
    assert value(store, "select count(*) from staging.files") == 1


def test_more_files_than_a_turn_takes_are_all_taken_once(store: Store, tmp_path: Path) -> None:
    files = small(tmp_path, FILES_TOGETHER + 3, claims=1)
    with store.open() as database:
        door = door_of(store, database, tmp_path)
        done = door.taken(*((CALLER, content, "FAC001") for content in files))
    assert [getattr(each, "staged", each) for each in done] == [1] * len(files)
    assert max(size for _, size in door.sealer.blocks) <= FILES_TOGETHER
    assert len(door.sealer.blocks) < len(files)
