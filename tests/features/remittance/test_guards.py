"""What must not happen to remittances: another tenant's claims, half a file, a changed ledger, leaks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest
from tests.calling import caller_of
from tests.features.pipeline.bench_of_claims import CALLER, Shelf

from claimwright.domain.caller import Caller
from claimwright.features.remittance import PostedFile, RemittanceError, RemittancePoster
from claimwright.platform.database import Connection

from .conftest import Clinic
from .known_answers import A100
from .written_835 import Payment, written


def test_another_tenants_claims_are_not_found(clinic: Clinic) -> None:
    north = caller_of("north")
    poster = RemittancePoster(clinic.database, clinic.sealer, Shelf())
    content = written(Payment([A100]))
    posted = poster.post(north, lambda: [content], "test.835")
    assert posted.answers.reasons == {"unknown_claim": 1}
    # And this tenant sees nothing of it.
    assert clinic.rows("select * from remittance.payments") == []
    assert clinic.post(content=content).answers.states == {"posted": 1}


class FailingError(Exception):
    """The process ends in the middle."""


def test_what_fails_in_the_middle_leaves_nothing(clinic: Clinic) -> None:
    def failing(caller: Caller, connection: Connection, posted: PostedFile) -> None:
        raise FailingError

    shelf = Shelf()
    content = written(Payment([A100], plb=["WO:1"]))
    with pytest.raises(FailingError):
        RemittancePoster(clinic.database, clinic.sealer, shelf, failing).post(CALLER, lambda: [content], "x")
    for table in (
        "files",
        "payments",
        "answers",
        "adjustments",
        "postings",
        "entries",
        "provider_adjustments",
    ):
        assert clinic.rows(f"select * from remittance.{table}") == [], table  # noqa: S608
    assert clinic.rows("select * from prediction.outcomes") == []
    assert not shelf.objects
    assert clinic.post(content=content).is_clean


@pytest.mark.parametrize(
    "statement",
    [
        "update remittance.entries set amount_cents = 1",
        "delete from remittance.entries",
        "update remittance.postings set reason = 'x'",
        "delete from remittance.postings",
        "truncate remittance.entries",
    ],
)
def test_the_ledger_does_not_change(clinic: Clinic, statement: str) -> None:
    clinic.post(Payment([A100]))
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        clinic.database.transaction(CALLER) as connection,
    ):
        connection.execute(statement.encode())


def test_a_posting_that_does_not_add_up_is_refused(clinic: Clinic) -> None:
    statement = (
        "with posting as (insert into remittance.postings (posting_id, kind, posted_at) "
        "values (1, 'refund', now())) "
        "insert into remittance.entries (posting_id, account, amount_cents) values (1, 'cash', 5)"
    )
    with pytest.raises(psycopg.errors.CheckViolation), clinic.database.transaction(CALLER) as connection:
        connection.execute(statement)


def test_a_write_off_without_an_approver_is_refused(clinic: Clinic) -> None:
    with pytest.raises(psycopg.errors.CheckViolation), clinic.database.transaction(CALLER) as connection:
        connection.execute(
            "insert into remittance.postings (posting_id, kind, posted_at) values (1, 'write_off', now())"
        )


@pytest.mark.parametrize("approver", ["user:2", CALLER.actor])
def test_a_write_off_that_nobody_else_has_approved_in_a_session_is_refused(
    clinic: Clinic, approver: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation), clinic.database.transaction(CALLER) as connection:
        connection.execute(
            "insert into remittance.postings (posting_id, kind, posted_at, approved_by) "
            "values (1, 'write_off', now(), %s)",
            [approver],
        )


def test_neither_its_proposer_nor_a_service_approves_a_write_off_or_names_an_approver(
    clinic: Clinic,
) -> None:
    proposal = (
        "insert into remittance.write_offs (claim_key, account_key, amount_cents, source, reason) "
        "values (1, 1, 100, 'denied', 'too old to appeal')"
    )
    approval = "update remittance.write_offs set state = 'approved', posting_id = 1"
    with clinic.database.transaction(CALLER) as connection:
        connection.execute(proposal)
    for approver in (CALLER, replace(CALLER, actor="client:7")):
        with (
            pytest.raises(psycopg.errors.CheckViolation),
            clinic.database.transaction(approver) as connection,
        ):
            connection.execute(approval)
    for forged in (
        approval + ", decided_by = 'user:2'",
        "update remittance.write_offs set proposed_by = 'user:2'",
        proposal.replace("reason)", "reason, proposed_by)").replace("appeal')", "appeal', 'user:2')"),
    ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            clinic.database.transaction(CALLER) as connection,
        ):
            connection.execute(forged.encode())


@pytest.mark.parametrize("content", [b"", b"paid", b"%PDF-1.4", b"ISA*00*"])
def test_what_is_no_835_is_refused_with_its_name(clinic: Clinic, content: bytes) -> None:
    with pytest.raises(RemittanceError, match=r"test\.835"):
        clinic.post(content=content)


def test_nothing_of_a_patient_is_in_the_clear(clinic: Clinic) -> None:
    clinic.post(Payment([A100], plb=["WO:1"]))
    held: list[tuple[Any, ...]] = []
    tables = "files payments answers answer_lines adjustments denials postings entries provider_adjustments"
    for table in tables.split():
        held += clinic.rows(f"select t::text from remittance.{table} t")  # noqa: S608
    held += clinic.rows("select body::text from platform.audit_log") + clinic.rows(
        "select o::text from platform.outbox o"
    )
    text = " ".join(str(row) for row in held)
    for secret in ("DOE", "JOHN", "W000000001", "A100", "ICN1"):
        assert secret not in text, secret
