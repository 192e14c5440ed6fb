"""The audit log: what the database refuses, and what a verifier finds without it."""

from __future__ import annotations

import datetime
import io
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.calling import act_for, caller_of

from claimwright.domain.caller import Caller, Origin, Purpose
from claimwright.platform.audit import (
    AuditError,
    Checkpoint,
    Record,
    SigningKey,
    Verdict,
    append,
    canonical,
    checkpoint,
    checkpoints,
    export,
    public_key,
    record_phi_access,
    search,
    verify,
)
from claimwright.platform.audit.chain import START, hash_of
from claimwright.platform.audit.exporting import read_export
from claimwright.platform.audit.log import records
from claimwright.platform.objects import open_objects
from claimwright.platform.settings import Settings

Connect = Callable[[], psycopg.Connection]


def add(
    connect: Connect, tenant: str = "north", times: int = 1, actor: str = "user:7", **changed: object
) -> None:
    given = {"action": "claim.corrected", "subject": "claim:1", "detail": {"count": 1}}
    for _ in range(times):
        with connect() as connection:
            act_for(connection, caller_of(tenant, actor))
            append(caller_of(tenant, actor), connection, correlation_id="c-1", **(given | changed))  # type: ignore[arg-type]


def chain(connect: Connect, tenant: str = "north") -> list[Record]:
    with connect() as connection:
        return list(records(caller_of(tenant), connection))


# --- writing ------------------------------------------------------------------------------------------


def test_each_record_holds_the_hash_of_the_one_before(connect: Connect) -> None:
    add(connect, times=3)
    first, second, third = chain(connect)
    assert (first.previous, second.previous, third.previous) == (START, first.hash, second.hash)
    assert [each.sequence for each in (first, second, third)] == [1, 2, 3]
    assert all(each.computed() == each.hash for each in (first, second, third))


def test_each_tenant_has_a_chain_of_its_own(connect: Connect) -> None:
    add(connect, "north", 2)
    add(connect, "south", 1)
    assert [each.sequence for each in chain(connect, "north")] == [1, 2]
    assert [each.sequence for each in chain(connect, "south")] == [1]


def test_a_record_vanishes_with_the_change_that_was_rolled_back(connect: Connect) -> None:
    add(connect)
    with connect() as connection:
        act_for(connection, caller_of())
        append(caller_of(), connection, action="a", subject="s", detail={}, correlation_id="c")
        connection.rollback()
    add(connect)
    assert [each.sequence for each in chain(connect)] == [1, 2]


def test_writers_at_the_same_time_make_one_chain(connect: Connect) -> None:
    workers = [threading.Thread(target=add, args=(connect, "north", 20)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    written = chain(connect)
    assert len(written) == 80
    assert verify(written, None, tenant="north").faults == ()


def test_the_columns_that_are_searched_say_what_was_hashed(connect: Connect) -> None:
    add(connect, subject="claim:42", actor="user:9")
    with connect() as connection:
        act_for(connection, caller_of())
        row = connection.execute("select actor, action, subject, correlation_id from platform.audit_log")
        assert row.fetchone() == ("user:9", "claim.corrected", "claim:42", "c-1")


@pytest.mark.parametrize(
    "statement",
    [
        "update platform.audit_log set body = body",
        "delete from platform.audit_log",
        "truncate platform.audit_log",
        "insert into platform.audit_log (tenant, sequence, at, previous, hash, body)"
        " select tenant, sequence + 1, at, hash, hash, body from platform.audit_log",
        "update platform.audit_heads set sequence = 0",
        "delete from platform.audit_heads",
        "alter table platform.audit_log disable trigger all",
    ],
)
def test_the_application_can_only_append(connect: Connect, statement: str) -> None:
    add(connect)
    with connect() as connection:
        act_for(connection, caller_of())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["owner_url", "super_url"])
@pytest.mark.parametrize(
    "statement",
    [
        "update platform.audit_log set body = '{}'",
        "delete from platform.audit_log",
        "truncate platform.audit_log",
        f"truncate platform.audit_log_{datetime.datetime.now(datetime.UTC).year}",
    ],
)
def test_not_even_the_owner_or_a_superuser_changes_a_record(
    connect: Connect, url: str, statement: str, request: pytest.FixtureRequest
) -> None:
    add(connect)
    with psycopg.connect(request.getfixturevalue(url)) as connection:
        act_for(connection, caller_of())
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            connection.execute(statement)  # type: ignore[arg-type]


def test_nothing_is_seen_or_appended_for_another_tenant(connect: Connect) -> None:
    add(connect, "north")
    with connect() as connection:
        act_for(connection, caller_of("south"))
        assert connection.execute("select count(*) from platform.audit_log").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            append(caller_of(), connection, action="a", subject="s", detail={}, correlation_id="c")


def test_without_a_tenant_nothing_is_seen_or_appended(connect: Connect) -> None:
    add(connect, "north")
    with connect() as connection:
        assert connection.execute("select count(*) from platform.audit_log").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select platform.audit_append('north', '{\"tenant\":\"north\"}')")


def test_a_body_that_names_another_tenant_is_refused(connect: Connect) -> None:
    with connect() as connection:
        act_for(connection, caller_of())
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="another tenant"):
            connection.execute("select platform.audit_append('north', '{\"tenant\":\"south\"}')")


def test_a_record_that_names_another_actor_is_refused(connect: Connect) -> None:
    with connect() as connection:
        act_for(connection, caller_of(actor="user:7"))
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="another actor"):
            append(
                caller_of(actor="user:8"), connection, action="a", subject="s", detail={}, correlation_id="c"
            )


def test_a_record_says_who_from_where_and_for_what(connect: Connect) -> None:
    caller = Caller("north", "os:alice", purpose=Purpose.OPERATIONS, origin=Origin.TERMINAL)
    with connect() as connection:
        act_for(connection, caller)
        append(caller, connection, action="a", subject="s", detail={}, correlation_id="c")
    [record] = chain(connect)
    said = [record.content[name] for name in ("actor", "origin", "purpose")]
    assert said == ["os:alice", "terminal", "operations"]


@pytest.mark.parametrize(
    "detail",
    [
        {"patient_last_name": "RIVERA"},
        {"run": {"member_id": "W1"}},
        {"message": "no member 123-45-6789"},
        {"message": "at NM1*IL*1*RIVERA"},
        {"count": 1.5},
    ],
)
def test_a_detail_that_may_hold_patient_data_is_refused_and_not_repeated(
    connect: Connect, detail: dict[str, object]
) -> None:
    with pytest.raises(AuditError) as raised:
        add(connect, detail=detail)
    assert not any(value in str(raised.value) for value in ("RIVERA", "W1", "123-45"))


def test_reading_patient_data_states_a_reason(connect: Connect) -> None:
    def read(reason: str) -> None:
        with connect() as connection:
            act_for(connection, caller_of())
            record_phi_access(
                caller_of(), connection, subject="claim:991",
                fields=("patient_birth_on",), reason=reason, correlation_id="c-9",
            )  # fmt: skip

    for reason in ("", "   ", "because", "x" * 201):
        with pytest.raises(AuditError, match="say why"):
            read(reason)
    read("denial CO-16, checking the birth date with the payer")
    [record] = chain(connect)
    assert record.content["action"] == "phi.read"
    assert record.content["detail"]["reason"].startswith("denial CO-16")


# --- searching ----------------------------------------------------------------------------------------


def test_search_finds_by_actor_action_subject_and_correlation(connect: Connect) -> None:
    add(connect, actor="user:1", action="claim.corrected", subject="claim:1")
    add(connect, actor="user:2", action="claim.approved", subject="claim:2")
    add(connect, actor="user:2", action="phi.read", subject="claim:22")

    def found(**wanted: object) -> list[int]:
        with connect() as connection:
            return [each.sequence for each in search(caller_of(), connection, **wanted)]  # type: ignore[arg-type]

    assert found() == [3, 2, 1]
    assert found(actor="user:2") == [3, 2]
    assert found(action="claim.") == [2, 1]
    assert found(subject="claim:2") == [2]
    assert found(subject="claim:22", action="phi") == [3]
    assert found(correlation_id="c-1", limit=1) == [3]
    assert found(correlation_id="other") == []


# --- verifying ----------------------------------------------------------------------------------------


def made(count: int, tenant: str = "north") -> list[Record]:
    """A chain as the database would have written it."""
    written: list[Record] = []
    previous = START
    for number in range(1, count + 1):
        at = f"2026-11-22T06:00:00.{number:06d}Z"
        body = canonical({"tenant": tenant, "subject": f"claim:{number}", "action": "a"})
        digest = hash_of(previous, number, at, body)
        written.append(Record(number, at, body, previous, digest))
        previous = digest
    return written


def rewritten(chain: list[Record], at: int, body: str) -> list[Record]:
    """The chain as somebody would write it anew who can compute hashes: all follow, from `at` on."""
    kept = chain[: at - 1]
    previous = kept[-1].hash if kept else START
    for record in chain[at - 1 :]:
        said = body if record.sequence == at else record.body
        digest = hash_of(previous, record.sequence, record.at, said)
        kept.append(Record(record.sequence, record.at, said, previous, digest))
        previous = digest
    return kept


@pytest.fixture
def signing_key(settings: Settings) -> SigningKey:
    return SigningKey.open(settings.audit.signing_key_file)


def judged(chain: list[Record], key: SigningKey | None = None, *signed: Checkpoint) -> Verdict:
    return verify([*chain, *signed], public_key(key.public_pem()) if key else None, tenant="north")


def signed_at(key: SigningKey, record: Record) -> Checkpoint:
    return key.sign("north", record.sequence, record.hash, record.at)


def test_an_untouched_chain_holds() -> None:
    verdict = judged(made(50))
    assert verdict.holds
    assert (verdict.first, verdict.last, verdict.records) == (1, 50, 50)


@given(where=st.integers(1, 20), part=st.sampled_from(["body", "at", "hash", "previous"]))
def test_any_change_of_any_record_is_found(where: int, part: str) -> None:
    chain = made(20)
    old = chain[where - 1]
    fields = {name: getattr(old, name) for name in ("sequence", "at", "body", "previous", "hash")}
    fields[part] = {
        "body": old.body.replace("claim:", "claim:9"),
        "at": "2025" + old.at[4:],
        "hash": old.hash[::-1],
        "previous": old.hash,
    }[part]
    chain[where - 1] = Record(**fields)
    assert where in {fault.sequence for fault in judged(chain).faults}


@given(where=st.integers(1, 18))
def test_a_missing_record_is_found(where: int) -> None:
    chain = made(20)
    del chain[where]
    [fault] = judged(chain).faults
    assert fault.sequence == where + 2
    assert "1 missing before it" in fault.message


@given(st.permutations(range(8)))
def test_any_other_order_is_found(order: list[int]) -> None:
    chain = made(8)
    assert judged([chain[number] for number in order]).holds is (list(order) == list(range(8)))


def test_a_record_that_is_there_twice_is_found() -> None:
    chain = made(5)
    assert not judged([*chain[:3], chain[2], *chain[3:]]).holds


def test_a_cut_end_is_found_by_a_checkpoint(signing_key: SigningKey) -> None:
    chain = made(10)
    proof = signed_at(signing_key, chain[9])
    assert judged(chain, signing_key, proof).holds
    [fault] = judged(chain[:7], signing_key, proof).faults
    assert "cut off" in fault.message
    assert judged(chain[:7]).holds  # nothing but a checkpoint can tell


def test_a_chain_written_anew_is_found_by_a_checkpoint(signing_key: SigningKey) -> None:
    chain = made(10)
    forged = rewritten(chain, 4, canonical({"tenant": "north", "subject": "claim:1", "action": "other"}))
    assert judged(forged).holds  # nothing but a checkpoint can tell
    [fault] = judged(forged, signing_key, signed_at(signing_key, chain[5])).faults
    assert fault.sequence == 6
    assert "rewritten" in fault.message


def test_a_forged_checkpoint_is_found(signing_key: SigningKey, tmp_path: object) -> None:
    chain = made(3)
    proof = signed_at(signing_key, chain[2])
    forged = Checkpoint("north", 3, chain[1].hash, proof.at, proof.signature)
    assert "signature" in judged(chain, signing_key, forged).faults[0].message


def test_a_checkpoint_of_another_tenant_proves_nothing(signing_key: SigningKey) -> None:
    chain = made(3)
    other = signing_key.sign("south", 3, chain[2].hash, "2026-11-22T06:00:00.000000Z")
    assert "another tenant" in judged(chain, signing_key, other).faults[0].message


def test_what_retention_took_from_the_beginning_is_no_fault(signing_key: SigningKey) -> None:
    chain = made(10)
    gone = signing_key.sign("north", 4, chain[3].hash, chain[3].at, is_retention=True)
    verdict = judged(
        chain[4:], signing_key, gone, signed_at(signing_key, chain[2]), signed_at(signing_key, chain[8])
    )
    assert verdict.holds
    assert (verdict.first, verdict.proven_to) == (5, 9)


def test_no_checkpoint_is_signed_of_a_log_that_does_not_go_on_from_the_last_one(
    connect: Connect, settings: Settings, signing_key: SigningKey
) -> None:
    objects = open_objects(settings)
    add(connect, times=2)
    ahead = signing_key.sign("north", 5, bytes(32), "2026-11-22T06:00:00.000000Z")
    objects.put_new("audit/north/000000000005.json", ahead.to_json().encode())
    # The log ends at record 2, as after the restore of an older backup.
    with connect() as connection, pytest.raises(AuditError, match="ends at record 2, but record 5 was"):
        checkpoint(caller_of(), connection, objects, signing_key)
    add(connect, times=4)
    with connect() as connection, pytest.raises(AuditError, match="record 5 that differs"):
        checkpoint(caller_of(), connection, objects, signing_key)
    assert len(list(objects.keys("audit/north"))) == 1


def test_an_export_and_the_public_key_are_enough(
    connect: Connect, settings: Settings, signing_key: SigningKey
) -> None:
    objects = open_objects(settings)
    add(connect, times=3)
    with connect() as connection:
        assert checkpoint(caller_of(), connection, objects, signing_key) is not None
        assert checkpoint(caller_of(), connection, objects, signing_key) is None
    add(connect, times=2)
    with connect() as connection:
        target = io.StringIO()
        found = checkpoints(objects, tenant="north")
        assert (
            export(target, tenant="north", records=records(caller_of(), connection), checkpoints=found) == 5
        )
    text = target.getvalue()
    key = public_key(objects.get("audit/public_key.pem") or b"")

    def verdict_of(lines: Iterator[str]) -> Verdict:
        tenant, parts = read_export(lines)
        return verify(parts, key, tenant=tenant)

    verdict = verdict_of(iter(text.splitlines()))
    assert verdict.holds
    assert (verdict.records, verdict.checkpoints, verdict.proven_to) == (5, 1, 3)
    changed = text.replace("claim.corrected", "claim.approved", 1)
    assert not verdict_of(iter(changed.splitlines())).holds


@pytest.mark.parametrize(
    "line", ["", "{}", "no json", '{"claimwright": "audit export 9", "tenant": "north"}']
)
def test_what_is_no_export_is_said_to_be_none(line: str) -> None:
    with pytest.raises(AuditError, match="line 1"):
        read_export(iter([line]))


def test_a_broken_line_of_an_export_is_named() -> None:
    _, parts = read_export(iter(['{"claimwright": "audit export 1", "tenant": "north"}', '{"sequence": 1}']))
    with pytest.raises(AuditError, match="line 2"):
        list(parts)
