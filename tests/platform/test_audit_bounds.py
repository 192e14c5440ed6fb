"""A log that begins later or ends earlier than it should is found."""

from __future__ import annotations

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.calling import act_for, caller_of
from tests.database_server import Store
from tests.platform.test_audit import judged, made, signed_at

from claimwright.platform.audit import (
    AuditError,
    Checkpoint,
    SigningKey,
    Verdict,
    accept_beginning,
    append,
    checkpoints,
    public_key,
    records,
    search,
    verify,
)
from claimwright.platform.objects import open_objects
from claimwright.platform.settings import Settings


@pytest.fixture
def signing_key() -> SigningKey:
    return SigningKey(Ed25519PrivateKey.generate())


def test_records_that_vanished_from_the_beginning_are_found(signing_key: SigningKey) -> None:
    chain = made(16)
    signed = [signed_at(signing_key, chain[12])]
    verdict = judged(chain[13:], signing_key, *signed)
    assert {fault.sequence for fault in verdict.faults} == {13, 14}
    # Nothing is proven by a record that is not there.
    assert verdict.proven_to == 0
    assert not judged(chain[13:]).holds


@given(taken=st.integers(1, 15), said=st.integers(1, 15))
def test_only_a_proof_of_just_what_went_lets_a_log_begin_later(taken: int, said: int) -> None:
    key, chain = SigningKey(Ed25519PrivateKey.generate()), made(16)
    last = chain[said - 1]
    proof = key.sign("north", last.sequence, last.hash, last.at, is_retention=True)
    assert judged(chain[taken:], key, proof, signed_at(key, chain[15])).holds is (taken == said)
    forged = Checkpoint("north", taken, chain[taken - 1].hash, last.at, proof.signature, True)
    assert judged(chain[taken:], key, forged).holds is (taken == said)
    # A checkpoint is no proof of retention, whatever its name says.
    plain = signed_at(key, chain[taken - 1])
    assert not judged(chain[taken:], key, Checkpoint.from_json(plain.to_json())).holds
    assert Checkpoint.from_json(proof.to_json()) == proof


def test_a_log_that_ends_before_its_head_or_beside_it_is_found() -> None:
    chain = made(10)
    newest = (10, chain[9].hash)
    assert verify(chain, None, tenant="north", head=newest).holds
    assert not verify(chain[:7], None, tenant="north", head=newest).holds
    assert not verify(chain, None, tenant="north", head=(10, chain[8].hash)).holds
    assert not verify([], None, tenant="north", head=newest).holds
    # What was appended after the head was read is no fault.
    assert verify(chain, None, tenant="north", head=(8, chain[7].hash)).holds


def test_a_beginning_that_nobody_proved_is_accepted_once_for_a_reason(
    store: Store, settings: Settings, signing_key: SigningKey
) -> None:
    caller, objects = caller_of(), open_objects(settings)

    def verdict(connection: psycopg.Connection) -> Verdict:
        proofs = checkpoints(objects, tenant="north")
        return verify(
            records(caller, connection),
            public_key(signing_key.public_pem()),
            tenant="north",
            checkpoints=proofs,
        )

    with psycopg.connect(store.superuser) as connection:
        act_for(connection, caller)
        for _ in range(4):
            append(caller, connection, action="a.b", subject="c:1", detail={}, correlation_id="")
        connection.execute("alter table platform.audit_log disable trigger user")
        connection.execute("delete from platform.audit_log where sequence < 3")
    with psycopg.connect(store.address, autocommit=True) as connection:
        assert not verdict(connection).holds
        with pytest.raises(AuditError, match="say why"):
            accept_beginning(caller, connection, objects, signing_key, reason="")
        why = "cut by retention of version 0.0"
        accepted = accept_beginning(caller, connection, objects, signing_key, reason=why)
        assert accepted is not None
        assert accepted.sequence == 2
        assert verdict(connection).holds
        assert accept_beginning(caller, connection, objects, signing_key, reason=why) is None
        [told] = search(caller, connection, action="audit.beginning_accepted")
        assert told.content["detail"] == {"reason": why, "sequence": 2}
