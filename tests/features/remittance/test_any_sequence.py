"""Any sequence of remittances, reversals, corrections, duplicates, postings by hand, failures and killed
processes in the middle: the ledger adds up to the cent, and nothing that was denied is written off.
"""

from __future__ import annotations

import contextlib
import dataclasses
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from tests.features.pipeline.bench_of_claims import CALLER, Shelf

from claimwright.domain.caller import Caller
from claimwright.features.remittance import (
    NothingPostedError,
    PostedFile,
    PostingRefusedError,
    RemittancePoster,
    post_patient_payment,
    undo_posting,
)
from claimwright.platform.database import Connection

from .conftest import SEARCH, Clinic
from .killing import posted_until
from .known_answers import A100, ANN, DENIED, PAID, negated
from .written_835 import Clp, Payment, Submitted, Svc, written

CORRECTED = dataclasses.replace(
    A100,
    lines=[Svc("99213", "100", ["CO-45:10"]), Svc("85025", "50", ["CO-50:50"])],
    payer_number="ICN2",
)
FIRST = Clp("A300", "1", [Svc("99213", "100", ["CO-45:40", "PR-2:12"])], **ANN)
SECOND = Clp("A300", "2", [Svc("99213", "100", ["OA-23:88", "PR-3:2"])], payer_number="S1", **ANN)
STRAY = Clp("ZZZ", lines=[Svc("99214", "777")], last="X", first="Y", member="Z")
SAID = (
    A100, A100, negated(A100), CORRECTED, negated(CORRECTED), DENIED, negated(DENIED), PAID, negated(PAID),
    FIRST, SECOND, negated(FIRST), negated(SECOND), STRAY,
)  # fmt: skip


class FailingError(Exception):
    """Posting fails in the middle of a file."""


def _file(chance: random.Random, number: int) -> bytes:
    claims = chance.sample(SAID, chance.randint(1, 3))
    paid = sum((each.paid_amount for each in claims), Decimal(0))
    return written(
        Payment(
            claims,
            trace=f"T{number}",
            day=f"202602{chance.randint(1, 28):02}",
            plb=[f"FB:{paid}"] if paid < 0 else [],
        )
    )


def _posted(clinic: Clinic, chance: random.Random, number: int) -> None:
    content = _file(chance, number)
    if chance.random() < 0.3:
        poster = RemittancePoster(clinic.database, clinic.sealer, Shelf(), _failing)
        with contextlib.suppress(FailingError):
            poster.post(CALLER, lambda: [content], "failing.835")
    clinic.post(content=content)
    if chance.random() < 0.2:
        assert clinic.post(content=content).earlier


def _failing(caller: Caller, connection: Connection, posted: PostedFile) -> None:
    raise FailingError


def _paid_by_patient(clinic: Clinic, chance: random.Random, number: int) -> None:
    with (
        contextlib.suppress(PostingRefusedError, NothingPostedError),
        clinic.database.transaction(CALLER) as connection,
    ):
        post_patient_payment(CALLER, connection, clinic.key_of("A100"), Decimal("1.00"))


def _undone(clinic: Clinic, chance: random.Random, number: int) -> None:
    live = clinic.rows(
        "select posting_id from remittance.postings p where kind in ('answer', 'patient_payment') "
        "and not exists (select from remittance.postings u where u.undoes_id = p.posting_id)"
    )
    if not live:
        return
    [posting] = chance.choice(live)
    with (
        contextlib.suppress(PostingRefusedError, NothingPostedError),
        clinic.database.transaction(CALLER) as connection,
    ):
        undo_posting(CALLER, connection, clinic.sealer, posting, search=SEARCH, reason="tried by a test")


STEPS: tuple[Callable[[Clinic, random.Random, int], None], ...] = (
    _posted, _posted, _posted, _posted, _paid_by_patient, _undone,
)  # fmt: skip


def _adds_up(clinic: Clinic) -> None:
    assert (
        clinic.rows("select posting_id from remittance.entries group by 1 having sum(amount_cents) <> 0")
        == []
    )
    totals = clinic.totals()
    assert sum(totals.values()) == 0
    assert "written_off" not in totals
    [(received,)] = clinic.rows(
        "select coalesce(sum(amount_cents), 0)::bigint from remittance.payments where state = 'posted'"
    )
    [(by_patients,)] = clinic.rows(
        "select coalesce(sum(e.amount_cents), 0)::bigint from remittance.entries e "
        "join remittance.postings p using (tenant, posting_id) where e.account = 'cash' and "
        "p.payment_id is null"
    )
    assert totals.get("cash", 0) == received + by_patients
    # Each payment has applied what its answers say that count, and those that a reversal undid.
    assert (
        clinic.rows(
            "select p.payment_id from remittance.payments p where p.state = 'posted' and "
            "(select -coalesce(sum(e.amount_cents), 0) from remittance.postings t "
            "join remittance.entries e using (tenant, posting_id) "
            "where t.payment_id = p.payment_id and e.account = 'unapplied') <> "
            "p.amount_cents + p.provider_cents - (select coalesce(sum(a.paid_cents), 0) "
            "from remittance.answers a where a.payment_id = p.payment_id "
            "and a.state in ('posted', 'reversed'))"
        )
        == []
    )
    # What a claim charged is all there, wherever it is.
    assert (
        clinic.rows(
            "select p.account_key from remittance.postings p join remittance.entries e "
            "using (tenant, posting_id) where p.account_key is not null and p.kind <> 'patient_payment' "
            "and not exists (select from remittance.postings q where q.posting_id = p.undoes_id "
            "and q.kind = 'patient_payment') group by 1 having sum(e.amount_cents) <> 0"
        )
        == []
    )
    # Reasons 16 and 50 refuse: an amount in force for one of them is in `denied`.
    [(refused,)] = clinic.rows(
        "select coalesce(sum(d.amount_cents), 0)::bigint from remittance.answers a "
        "join remittance.adjustments d using (tenant, answer_id) where a.state = 'posted' "
        "and not a.is_reversal and d.carc in ('16', '50')"
    )
    assert totals.get("denied", 0) == refused


@pytest.mark.parametrize("seed", range(8))
def test_the_ledger_adds_up_after_every_step_and_nothing_denied_is_written_off(
    clinic: Clinic, seed: int
) -> None:
    chance = random.Random(f"ledger {seed}")
    for number in range(5):
        chance.choice(STEPS)(clinic, chance, number)
        _adds_up(clinic)


def _rows_left(clinic: Clinic) -> list[int]:
    """What is visible of posted files, beside the ledger."""
    [counts] = clinic.rows(
        "select (select count(*) from remittance.files), (select count(*) from remittance.payments), "
        "(select count(*) from remittance.answers), (select count(*) from remittance.adjustments), "
        "(select count(*) from remittance.postings), (select count(*) from remittance.entries), "
        "(select count(*) from remittance.denials)"
    )
    return list(counts)


def _posted_with_kills(clinic: Clinic, chance: random.Random, number: int, kills: int, folder: Path) -> int:
    """Post a file; before that, kill the process so many times while it posts it. Returns the kills."""
    content = _file(chance, number)
    before, killed = _rows_left(clinic), 0
    for _ in range(kills):
        # A small file sends some hundred statements.
        if posted_until(clinic, folder, content, chance.randint(2, 110)) is not None:
            break
        killed += 1
        _adds_up(clinic)
        # All of the file is there, if it was killed after the commit, or nothing.
        if _rows_left(clinic) != before:
            break
    is_there = _rows_left(clinic) != before
    assert (clinic.post(content=content).earlier is not None) == is_there
    return killed


@pytest.mark.parametrize(
    ("seed", "steps", "kills"),
    [(1, 2, 1), *(pytest.param(seed, 6, 3, marks=pytest.mark.long) for seed in range(2, 12))],
)
def test_the_ledger_adds_up_with_killed_processes_between(
    copied_clinic: Clinic, tmp_path: Path, seed: int, steps: int, kills: int
) -> None:
    chance, killed = random.Random(f"killed {seed}"), 0
    for number in range(steps):
        killed += _posted_with_kills(copied_clinic, chance, number, kills, tmp_path)
        _adds_up(copied_clinic)
        chance.choice((_paid_by_patient, _undone))(copied_clinic, chance, number)
        _adds_up(copied_clinic)
    assert killed


def test_an_answer_that_fits_two_claims_equally_waits_with_both(copied_clinic: Clinic) -> None:
    twins = {"last": "TWIN", "first": "TAD", "member": "W90"}
    copied_clinic.submit(
        Submitted("B001", [("99212", "65")], **twins), Submitted("B002", [("99212", "65")], **twins)
    )
    copied_clinic.post(Payment([Clp("UNREADABLE", lines=[Svc("99212", "65")], **twins)]))
    assert copied_clinic.answers() == [("waiting", "ambiguous")]
    # Its money waits too; no claim is charged.
    assert copied_clinic.totals() == {"cash": 6500, "unapplied": -6500}
