"""A log that begins later or ends earlier than it should is found."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.platform.test_audit import judged, made, signed_at

from claimwright.platform.audit import Checkpoint, SigningKey, verify


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
