"""Sealed records, blind indexes, keys that rotate."""

from __future__ import annotations

import hashlib
import hmac
import multiprocessing
import os
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from tests.calling import caller_of
from tests.same_run import least_seconds
from tink import TinkError

from claimwright.platform.phi import (
    Keyring,
    PhiError,
    PhiKeyError,
    PhiSealError,
    Sealed,
    Sealer,
    open_key_encryption,
    open_keyring,
    reseal,
)
from claimwright.platform.settings import Settings, load_settings

Connect = Callable[[], psycopg.Connection]
RECORDS = [b"ISA*00*RIVERA", b"", b"\x00\xff" * 300]
CONTEXTS = [b"default/1", b"default/2", b"default/3"]


@pytest.fixture
def keyring(settings: Settings, connect: Connect) -> Keyring:
    return open_keyring(settings, connect)


@pytest.fixture
def sealer(keyring: Keyring) -> Sealer:
    return Sealer(keyring)


def test_what_is_sealed_opens_to_the_same_bytes(sealer: Sealer) -> None:
    sealed = sealer.seal(RECORDS, CONTEXTS)
    assert sealer.open(sealed, CONTEXTS) == RECORDS
    assert not any(b"RIVERA" in each for each in sealed)


def test_equal_records_look_different_when_sealed(sealer: Sealer) -> None:
    assert len(set(sealer.seal([b"same"] * 100, [b"row"] * 100))) == 100


def test_a_record_does_not_open_in_another_row(sealer: Sealer) -> None:
    sealed = sealer.seal(RECORDS, CONTEXTS)
    with pytest.raises(PhiSealError, match="record 1 of 3"):
        sealer.open([sealed[0], sealed[2], sealed[1]], CONTEXTS)


def test_a_changed_record_does_not_open_and_the_message_shows_nothing_of_it(sealer: Sealer) -> None:
    [sealed] = sealer.seal([b"RIVERA"], [b"row"])
    for position in (5, 17, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(PhiSealError) as raised:
            sealer.open([bytes(changed)], [b"row"])
        assert "RIVERA" not in str(raised.value)


def test_what_is_no_sealed_record_is_said_to_be_none(sealer: Sealer) -> None:
    for broken in (b"", b"\x01", b"plain text that was never sealed"):
        with pytest.raises(PhiKeyError, match="not a sealed record"):
            sealer.open([broken], [b"row"])


def test_tink_itself_opens_what_was_sealed(keyring: Keyring, sealer: Sealer) -> None:
    [sealed] = sealer.seal([b"record"], [b"row"])
    assert keyring.primary().decrypt(sealed, b"row") == b"record"
    with pytest.raises(TinkError):
        keyring.primary().decrypt(sealed, b"another row")


def test_another_process_opens_what_this_one_sealed(
    settings: Settings, connect: Connect, sealer: Sealer
) -> None:
    sealed = sealer.seal(RECORDS, CONTEXTS)
    assert Sealer(open_keyring(settings, connect)).open(sealed, CONTEXTS) == RECORDS


# --- blind indexes ------------------------------------------------------------------------------------


@given(value=st.text(max_size=80), tenant=st.text(max_size=10), kind=st.text(max_size=10))
def test_a_blind_index_is_the_hmac_of_the_value(value: str, tenant: str, kind: str) -> None:
    class OneKey:
        def blind_key(self, kind: str, tenant: str) -> bytes:
            return hashlib.sha256(f"{tenant}/{kind}".encode()).digest()

    key = OneKey().blind_key(kind, tenant)
    expected = hmac.digest(key, value.encode(), "sha256")[:16]
    assert Sealer(OneKey()).blind(kind, tenant, [value]) == [expected]  # type: ignore[arg-type]


def test_a_blind_index_finds_equal_values_of_one_kind_at_one_tenant_only(sealer: Sealer) -> None:
    first, none, again = sealer.blind("member_id", "north", ["W1", None, "W1"])
    assert first == again
    assert none is None
    others = [*sealer.blind("member_id", "south", ["W1"]), *sealer.blind("claim_id", "north", ["W1"])]
    assert len({first, *others}) == 3


def test_blind_indexes_stay_the_same_when_data_keys_rotate(
    settings: Settings, connect: Connect, sealer: Sealer
) -> None:
    before = sealer.blind("member_id", "north", ["W1"])
    sealer.keyring.rotate()
    assert Sealer(open_keyring(settings, connect)).blind("member_id", "north", ["W1"]) == before


# --- rotation -----------------------------------------------------------------------------------------


def test_after_a_rotation_old_records_open_and_new_ones_use_the_new_key(sealer: Sealer) -> None:
    old = sealer.seal([b"old"], [b"row"])
    made = sealer.keyring.rotate()
    new = sealer.seal([b"new"], [b"row"])
    assert new[0].startswith(made.prefix)
    assert not old[0].startswith(made.prefix)
    assert sealer.open([*old, *new, *old], [b"row"] * 3) == [b"old", b"new", b"old"]


def test_a_process_that_runs_on_opens_what_a_newer_key_sealed(
    settings: Settings, connect: Connect, sealer: Sealer
) -> None:
    other = Sealer(open_keyring(settings, connect))
    other.keyring.rotate()
    assert sealer.open(other.seal([b"new"], [b"row"]), [b"row"]) == [b"new"]


def test_a_missing_data_key_is_named(sealer: Sealer) -> None:
    with pytest.raises(PhiKeyError, match=r"record 0 of 1: data key 7 is missing from platform\.data_keys"):
        sealer.open([b"\x01\x00\x00\x00\x07" + bytes(40)], [b"row"])


def _first_key(app_url: str, folder: str, made: multiprocessing.Queue[int]) -> None:
    settings = load_settings(folder=Path(folder), variables={"CLAIMWRIGHT_HOME": folder})
    keyring = open_keyring(settings, lambda: psycopg.connect(app_url))
    made.put(int.from_bytes(keyring.primary_prefix[1:], "big"))


@pytest.mark.slow
def test_processes_that_start_at_once_agree_on_the_first_key(app_url: str, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    made: multiprocessing.Queue[int] = context.Queue()  # type: ignore[assignment]
    several = [
        context.Process(target=_first_key, args=(app_url, str(tmp_path / "home"), made)) for _ in range(4)
    ]
    for one in several:
        one.start()
    keys = {made.get(timeout=240) for _ in several}
    for one in several:
        one.join()
    assert len(keys) == 1


@pytest.fixture
def sealed_table(owner_url: str) -> Sealed:
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "create table platform.sealed_things (tenant text, id bigint primary key, record bytea);"
            "grant select, update, insert on platform.sealed_things to claimwright_app"
        )
    return Sealed(
        "platform", "sealed_things", "record", ("id",), ("bigint",), lambda number: b"thing/%d" % number
    )


def test_resealing_is_stopped_and_goes_on_where_it_was(
    connect: Connect, sealer: Sealer, sealed_table: Sealed
) -> None:
    numbers = range(250)
    contexts = [b"thing/%d" % number for number in numbers]
    records = sealer.seal([b"record %d" % number for number in numbers], contexts)
    with connect() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into platform.sealed_things values ('north', %s, %s)",
            list(zip(numbers, records, strict=True)),
        )
    made = sealer.keyring.rotate()
    with connect() as connection:
        work = reseal(caller_of(), connection, sealer, sealed_table, batch=100)
        assert next(work) == 100  # and then it is stopped
        work.close()
    with connect() as connection:
        assert list(reseal(caller_of(), connection, sealer, sealed_table, batch=100)) == [100, 50]
        assert list(reseal(caller_of(), connection, sealer, sealed_table, batch=100)) == []
        stored = [
            row[0] for row in connection.execute("select record from platform.sealed_things order by id")
        ]
    assert all(each.startswith(made.prefix) for each in stored)
    assert sealer.open(stored, contexts) == [b"record %d" % number for number in numbers]


def test_a_record_that_does_not_open_is_named_and_stops_nothing(
    connect: Connect, sealer: Sealer, sealed_table: Sealed
) -> None:
    numbers = range(250)
    records = sealer.seal([b"record"] * 250, [b"thing/%d" % number for number in numbers])
    # Of another row, changed, no record at all.
    records[3], records[120], records[249] = records[4], records[120][:-1] + b"?", b"nothing"
    with connect() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into platform.sealed_things values ('north', %s, %s)",
            list(zip(numbers, records, strict=True)),
        )
    sealer.keyring.rotate()
    left: list[tuple[int, ...]] = []
    with connect() as connection:
        done = sum(reseal(caller_of(), connection, sealer, sealed_table, batch=100, unreadable=left.append))
        assert (done, left) == (247, [(3,), (120,), (249,)])
        with pytest.raises(PhiError):
            list(reseal(caller_of(), connection, sealer, sealed_table))


def test_a_wrapping_under_another_keys_id_is_refused(
    connect: Connect, super_url: str, settings: Settings, sealer: Sealer
) -> None:
    older = next(each.key_id for each in sealer.keyring.infos() if each.purpose == "data")
    newer = sealer.keyring.rotate().key_id
    with psycopg.connect(super_url) as connection:
        connection.execute(
            "update platform.data_keys set wrapped = "
            "(select wrapped from platform.data_keys where key_id = %s) where key_id = %s",
            (older, newer),
        )
    with pytest.raises(PhiKeyError, match=f"the row of data key {newer} contains a different key"):
        open_keyring(settings, connect)


@pytest.mark.parametrize("column", ["key_id", "purpose", "created_at", "tenant"])
def test_the_application_cannot_change_what_a_key_is(connect: Connect, sealer: Sealer, column: str) -> None:
    with connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"update platform.data_keys set {column} = {column}".encode())  # noqa: S608


# --- the key-encryption key ---------------------------------------------------------------------------


def test_the_key_file_is_made_once_and_only_its_owner_may_read_it(settings: Settings, sealer: Sealer) -> None:
    path = settings.phi.key_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    before = path.read_bytes()
    open_key_encryption(settings, create=True)
    assert path.read_bytes() == before


def test_a_key_file_that_others_may_read_is_refused(settings: Settings, sealer: Sealer) -> None:
    settings.phi.key_file.chmod(0o640)
    with pytest.raises(PhiKeyError, match="chmod 600"):
        open_key_encryption(settings)


def test_a_lost_key_file_is_reported_and_never_replaced(
    settings: Settings, connect: Connect, sealer: Sealer
) -> None:
    settings.phi.key_file.unlink()
    with pytest.raises(PhiKeyError, match="restore its backup"):
        open_keyring(settings, connect)
    assert not settings.phi.key_file.exists()


def test_another_key_file_does_not_open_the_data_keys(
    settings: Settings, connect: Connect, sealer: Sealer
) -> None:
    settings.phi.key_file.unlink()
    open_key_encryption(settings, create=True)
    with pytest.raises(PhiKeyError, match="can't unwrap a data key"):
        open_keyring(settings, connect)


def test_a_file_that_is_no_key_is_said_to_be_none(settings: Settings, sealer: Sealer) -> None:
    settings.phi.key_file.write_text("{}")
    with pytest.raises(PhiKeyError, match="this is not a key file"):
        open_key_encryption(settings)


def test_the_database_holds_no_key_in_the_clear(settings: Settings, connect: Connect, sealer: Sealer) -> None:
    with connect() as connection:
        rows = connection.execute("select wrapped, wrapped_by from platform.data_keys").fetchall()
    assert len(rows) == 2
    assert all(
        "encryptedKeyset" in wrapped and wrapped_by.startswith("file:") for wrapped, wrapped_by in rows
    )


def test_sealing_many_records_takes_little_more_than_their_cipher(sealer: Sealer) -> None:
    records = [bytes(600)] * 50_000
    contexts = [b"default/%d" % number for number in range(50_000)]
    cipher = AESGCM(bytes(32))

    def encrypt() -> None:
        for record, context in zip(records, contexts, strict=True):
            cipher.encrypt(os.urandom(12), record, context)

    assert least_seconds(lambda: sealer.seal(records, contexts)) < 3 * least_seconds(encrypt)
