"""The money of the practice: remittances, paper EOBs, the bank's file, payments of patients, write-offs."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from claimwright.foundation import clock
from claimwright_lab.sampling import Draws

from .people import LOADER, on_day

if TYPE_CHECKING:
    from claimwright.features.remittance import PaperPayment
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings

    from .people import People

# Payments that the bank has not confirmed yet.
_NOT_DEPOSITED = 12
# Patients pay so many days after the payer; of a hundred, so many pay all, and so many half.
_PATIENT_DAYS, _PAY_ALL, _PAY_HALF = (9, 38), 78, 10
# What a patient still owes after so many days is given up; a few wait for their approval.
_GIVEN_UP_DAYS, _NOT_APPROVED = 150, 3
_CENTS = 100
# Each claim is a seed of its own.
_ONE = np.array([1])


def post_answers(settings: Settings, database: Database, files: Sequence[tuple[str, bytes]]) -> None:
    """Post the remittances of the year; the newest has a payment that does not add up."""
    name, newest = files[-1]
    before, start, after = newest.partition(b"BPR*I*")
    post_files(settings, database, [*files[:-1], (name, before + start + b"1" + after)])


def post_files(settings: Settings, database: Database, files: Sequence[tuple[str, bytes]]) -> None:
    """Post 835s, one after another."""
    from claimwright.assembly.remittances import make_remittance_poster

    poster = make_remittance_poster(settings, database)
    for name, content in files:
        poster.post_stream(LOADER, [content], name)


def post_papers(settings: Settings, database: Database, newest: bytes) -> None:
    """Papers that were typed in: a claim of another practice, and one whose charge is not the claim's."""
    from claimwright.assembly.remittances import make_remittance_poster
    from claimwright.features.remittance import paper_of

    poster = make_remittance_poster(settings, database)
    for typed in _papers(newest):
        paper = paper_of(typed, "the paper")
        poster.post_frames(LOADER, paper.remittance, source="paper", digest=paper.digest)


def _papers(newest: bytes) -> list[PaperPayment]:
    from claimwright.features.remittance import PaperPayment

    found = re.findall(rb"CLP\*([^*]+)\*[^*]+\*([0-9.]+)", newest)
    typed = [("PAPER0001", "A-2210-7", Decimal(240))]
    for number, (claim, charge) in enumerate(found[-3:], 2):
        typed.append((f"PAPER{number:04}", claim.decode(), Decimal(charge.decode()) + 40))
    return [
        PaperPayment.model_validate(
            {"payer": "EXAMPLE MUTUAL HEALTH", "trace_number": trace, "paid_on": clock.today(),
             "amount": charged, "claims": [{"claim_id": claim, "charge": charged, "paid": charged}]}
        )
        for trace, claim, charged in typed
    ]  # fmt: skip


def confirm_deposits(database: Database) -> None:
    """The bank's file has the deposits of all payments but the newest."""
    from claimwright.engines.remittance import read_bank_lines
    from claimwright.features.remittance import add_deposits, list_payments

    with database.transaction(LOADER) as connection:
        payments = list_payments(connection, limit=2_000)[_NOT_DEPOSITED:]
        lines = [
            f"{each.paid_on},{each.amount_cents // 100}.{each.amount_cents % 100:02},{each.trace_number}"
            for each in payments
        ]
        content = "\n".join(["date,amount,trace", *lines])
        add_deposits(LOADER, connection, read_bank_lines(content.encode(), "bank.csv"))


def collect_from_patients(database: Database, people: People) -> None:
    """Most patients have paid some weeks after the payer; what is old is given up, or waits to be."""
    from claimwright.features.remittance import (
        approve_write_off,
        list_answers,
        patient_balances,
        post_patient_payment,
        propose_write_off,
    )

    today, biller, manager = clock.today(), people["biller"], people["manager"]
    given_up: list[tuple[datetime.date, int]] = []
    with database.transaction(biller) as connection:
        paid_on = {
            each.account_key: each.paid_on
            for each in reversed(list_answers(connection, state="posted", limit=5_000))
        }
        for owed in patient_balances(connection, limit=5_000):
            answered = paid_on.get(owed.account_key)
            if answered is None:
                continue
            draws = Draws(owed.claim_key, _ONE)
            day = answered + datetime.timedelta(days=int(draws.between("days", *_PATIENT_DAYS)[0]))
            dice = int(draws.below("pays", 100)[0])
            cents = owed.amount_cents if dice < _PAY_ALL else owed.amount_cents // 2
            if dice < _PAY_ALL + _PAY_HALF and day <= today and cents:
                with on_day(day):
                    post_patient_payment(biller, connection, owed.claim_key, Decimal(cents) / _CENTS)
            elif (today - answered).days > _GIVEN_UP_DAYS:
                proposed = propose_write_off(
                    biller, connection, owed.claim_key, Decimal(owed.amount_cents) / _CENTS, of="patient",
                    reason="Three statements without an answer",
                )  # fmt: skip
                day = answered + datetime.timedelta(days=_GIVEN_UP_DAYS)
                given_up.append((day, proposed.write_off_id))
    with database.transaction(manager) as connection:
        for day, write_off in given_up[_NOT_APPROVED:]:
            with on_day(day):
                approve_write_off(manager, connection, write_off)


def write_off_denial(database: Database, people: People, claim_key: int, cents: int) -> None:
    """Give up what is denied of a claim: proposed by one person, approved by another."""
    from claimwright.features.remittance import approve_write_off, propose_write_off

    with database.transaction(people["denials"]) as connection:
        proposed = propose_write_off(
            people["denials"], connection, claim_key, Decimal(cents) / _CENTS,
            reason="The time to appeal is over",
        )  # fmt: skip
    with database.transaction(people["manager"]) as connection:
        approve_write_off(people["manager"], connection, proposed.write_off_id)
