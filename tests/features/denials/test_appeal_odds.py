"""What the appeal-outcome model says of stored denials, and where it reaches the expected recovery."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterator

import psycopg
import pytest
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import CALLER, begun, stage, worker
from tests.features.remittance.conftest import Clinic, OneTransaction
from tests.features.remittance.written_835 import Clp, Payment, Submitted, Svc, submitted

from claimwright.features.checking import Checker
from claimwright.features.denials import (
    DenialNotFoundError,
    appeal_odds,
    denial_sheet,
    without_values,
    work_list,
)
from claimwright.features.prediction import appeal_outcome_model, keep_appeal_model
from claimwright.platform.phi import Sealer

from .test_commands import Run, run
from .test_work_list import NO_NUMBER

__all__ = ["run"]

DAY = datetime.date(2026, 2, 20)
PAM = {"last": "FOX", "first": "PAM", "member": "W900"}
IN_CALIFORNIA = Submitted("C100", [("72148", "900")], **PAM)
NOT_NECESSARY = Clp("C100", "4", [Svc("72148", "900", ["CO-50:900"])], payer_number="9", **PAM)


@pytest.fixture(scope="module")
def store_with_denial(filled: tuple[Store, Sealer], checker: Checker) -> Iterator[Store]:
    """The clinic's store, with a claim of California denied as not medically necessary."""
    made = submitted(IN_CALIFORNIA).replace(b"N4*BALTIMORE*MD*212011234", b"N4*FRESNO*CA*937011234")
    store, sealer = filled
    with store.copied() as copied:
        with copied.open() as database:
            stage(database, sealer, made)
            worker(database, sealer, begun(database), checker).work()
            Clinic(database, sealer, checker).post(Payment([NOT_NECESSARY]))
        yield copied


@pytest.fixture
def clinic(store_with_denial: Store, filled: tuple[Store, Sealer], checker: Checker) -> Iterator[Clinic]:
    """The clinic with that denial, in one transaction that is rolled back."""
    with psycopg.connect(store_with_denial.address) as connection:
        connection.execute("set role claimwright_app")
        yield Clinic(OneTransaction(connection), filled[1], checker)
        connection.rollback()


def know_decisions_to(clinic: Clinic, year: int) -> None:
    """Store a model as if its newest decisions were of that year."""
    packaged = appeal_outcome_model()
    newer = dataclasses.replace(packaged, about=packaged.about | {"years": [2001, year]})
    with clinic.database.transaction(CALLER) as connection:
        keep_appeal_model(CALLER, connection, newer)


def test_the_packaged_model_refuses_todays_denials_and_the_prior_stays(clinic: Clinic) -> None:
    with clinic.database.transaction(CALLER) as connection:
        [item] = work_list(CALLER, connection, DAY, clinic.sealer)
        found = appeal_odds(CALLER, connection, item.denial_id, DAY, clinic.sealer)
    assert (item.root_cause, item.probability_from) == ("not-medically-necessary", "prior")
    assert found.probability is None
    assert found.refused is not None
    assert "extrapolated: the newest decision is of 2016" in found.refused
    # What is known is stated as what it is: counts of earlier decisions.
    assert found.overturned is not None
    assert found.decided is not None
    assert 0 < found.overturned < found.decided


def test_a_model_with_newer_decisions_gives_the_chance_of_the_expected_recovery(clinic: Clinic) -> None:
    know_decisions_to(clinic, 2025)
    with clinic.database.transaction(CALLER) as connection:
        [item] = work_list(CALLER, connection, DAY, clinic.sealer)
        found = appeal_odds(CALLER, connection, item.denial_id, DAY, clinic.sealer)
        sheet = denial_sheet(CALLER, connection, item.denial_id, DAY, clinic.sealer)
        # Without the claim, no State is known.
        [unopened] = work_list(CALLER, connection, DAY)
    assert (item.next_step, item.probability_from) == ("appeal", "model")
    assert (found.probability, found.is_used) == (item.probability, True)
    assert "90 % interval" in sheet.weighed.chance_source
    # A metabolic diagnosis (E11.9) and imaging.
    words = {value for reason in found.reasons for value in reason.values}
    assert {"Endocrine/ Metabolic", "Diagnostic Imaging, Screening and Testing", "41-50"} <= words
    assert {value for reason in without_values(found).reasons for value in reason.values} == set()
    assert unopened.probability_from == "prior"


def test_another_state_or_no_denial_is_refused(clinic: Clinic) -> None:
    know_decisions_to(clinic, 2025)
    clinic.post(Payment([NO_NUMBER], trace="2"))
    with clinic.database.transaction(CALLER) as connection:
        [item] = work_list(CALLER, connection, DAY, clinic.sealer, root_cause="no-authorization")
        found = appeal_odds(CALLER, connection, item.denial_id, DAY, clinic.sealer)
        with pytest.raises(DenialNotFoundError):
            appeal_odds(CALLER, connection, 999_999, DAY, clinic.sealer)
    assert found.refused == "An independent medical review is not about this cause of denial."
    assert found.decided is None


def test_the_command_answers_or_says_why_not(run: Run, clinic: Clinic) -> None:
    [[denial_id]] = clinic.rows("select denial_id from remittance.denials")
    refused = run("denials", "odds", str(denial_id), "--as-of", "2026-02-20")
    assert refused.exit_code == 1
    assert "No answer" in refused.output
    assert "history and no forecast" in refused.output
    know_decisions_to(clinic, 2025)
    answered = run("denials", "odds", str(denial_id), "--as-of", "2026-02-20")
    assert answered.exit_code == 0
    assert "Overturned: " in answered.output
    shaped = run("denials", "odds", str(denial_id), "--as-of", "2026-02-20", "--format", "json")
    assert json.loads(shaped.output)["is_used"] is True
    assert run("denials", "odds", "999999").exit_code == 2
