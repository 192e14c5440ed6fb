"""A caller is ids, for one tenant at a time."""

from __future__ import annotations

import pytest

from claimwright.domain.caller import Caller, CallerError, Origin, Purpose


def test_a_caller_is_a_value_that_does_not_change() -> None:
    caller = Caller("acme", "user:7", frozenset({"biller"}), Purpose.PAYMENT, Origin.API)
    assert caller == Caller("acme", "user:7", frozenset({"biller"}), Purpose.PAYMENT, Origin.API)
    with pytest.raises(AttributeError):
        caller.tenant = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "actor", ["os:alice", "os:uid-1000", "user:7", "client:clearing.house", "system:start"]
)
def test_an_actor_is_a_kind_and_an_id(actor: str) -> None:
    assert Caller("acme", actor).actor == actor


@pytest.mark.parametrize("actor", ["alice", "user:Alice Archer", "robot:7", "user:9\nuser:8"])
def test_what_is_no_actor_is_refused_and_not_shown(actor: str) -> None:
    with pytest.raises(CallerError) as refused:
        Caller("acme", actor)
    assert actor not in str(refused.value)


@pytest.mark.parametrize("tenant", ["", "Acme", "*", "a b", "-a", "a" * 64])
def test_what_is_no_tenant_is_refused(tenant: str) -> None:
    with pytest.raises(CallerError, match="tenant"):
        Caller(tenant, "user:7")


def test_what_is_no_role_is_refused() -> None:
    with pytest.raises(CallerError, match="role"):
        Caller("acme", "user:7", frozenset({"Billing Admin"}))


def test_the_caller_of_a_job_is_who_began_it_without_the_roles_of_then() -> None:
    began = Caller("acme", "user:7", frozenset({"biller"}), Purpose.OPERATIONS, Origin.API)
    assert began.as_job() == Caller("acme", "user:7", frozenset(), Purpose.OPERATIONS, Origin.JOB)


def test_a_caller_works_for_another_tenant_as_the_same_actor() -> None:
    caller = Caller("acme", "os:alice", origin=Origin.TERMINAL)
    assert caller.of_tenant("other") == Caller("other", "os:alice", origin=Origin.TERMINAL)
