"""A claim with a defect is repaired, goes back through the pipeline, and its history stays."""

from __future__ import annotations

import psycopg
import pytest
from tests.features.pipeline.bench_of_claims import rows, value
from tests.features.repairs.conftest import (
    BILLER,
    OTHER,
    Clinic,
    by_hand,
    everything,
    no_identity,
    opening,
    route_of,
)

from claimwright.features.checking import Checker
from claimwright.features.claims import release
from claimwright.features.intake import return_file
from claimwright.features.prediction import stored_feedback
from claimwright.features.repairs import (
    AddsBlockError,
    BulkWanted,
    ChangeError,
    ClaimChangedError,
    Edit,
    NotCorrectableError,
    RepairError,
    Wanted,
    acceptances,
    confidence_of,
    corrections_before,
    repair_many,
)
from claimwright.features.repairs.acceptance import field_history
from claimwright.platform.access import AccessDeniedError

# Places in the file, and the control numbers of the interchange.
OUR_OWN = {
    "first_segment", "last_segment", "interchange_control_number", "transaction_control_number",
}  # fmt: skip


def test_the_defects_of_the_clinic_are_in_review(clinic: Clinic) -> None:
    routes = dict(rows(clinic.store, "select claim_key, route from production.claims"))
    assert {name: routes[key] for name, key in clinic.keys.items()} == {
        **dict.fromkeys(clinic.keys, "review"), "fine": "production",
    }  # fmt: skip


def test_a_claim_is_repaired_runs_again_and_reaches_production(clinic: Clinic, checker: Checker) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    shown = desk.propose(BILLER, key, opening())
    assert (shown.version, shown.place, shown.can_be_corrected) == (1, "review", True)
    [repair] = shown.repairs
    assert (repair.code, repair.confidence, repair.after.blocks) == ("ADR005", "high", False)
    assert [(each.field, each.old, each.new, each.withheld) for each in repair.changes] == [
        ("billing_state", "oh", "OH", None)
    ]
    assert [each.code for each in repair.after.gone] == ["ADR005"]
    assert repair.after.new == []
    assert repair.after.route == "production"
    done = desk.correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=shown.etag)
    assert (done.version, done.fields, done.rules) == (2, ["billing_state"], ["ADR005"])
    # Until the run, the old version is out of review, and the new one waits.
    assert route_of(clinic, key) == [("returned", "active")]
    with clinic.database.transaction(BILLER) as connection:
        [waiting] = corrections_before(connection)
    assert (waiting.verification, waiting.corrected_key, waiting.how) == (
        "waiting",
        done.corrected_key,
        "repair",
    )
    clinic.run(checker)
    assert route_of(clinic, key) == [("returned", "superseded")]
    assert route_of(clinic, done.corrected_key) == [("production", "active")]
    with clinic.database.transaction(BILLER) as connection:
        [verified] = corrections_before(connection)
    assert (verified.verification, verified.left) == ("verified", [])
    # The history of the number is one chain.
    chain = rows(clinic.store, "select claim_key, version, original_key from staging.claim_keys")
    assert (key, 1, None) in chain
    assert (done.corrected_key, 2, key) in chain
    history = rows(clinic.store, "select claim_key, state from production.claim_events order by happened_at")
    states = [state for claim, state in history if claim == key]
    assert states == ["received", "review", "corrected", "superseded"]


def test_the_corrected_version_differs_in_the_corrected_field_alone(clinic: Clinic) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    before = desk.open(BILLER, key, opening())[1].batch
    etag = desk.propose(BILLER, key, opening()).etag
    done = desk.correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=etag)
    after = desk.open(BILLER, done.corrected_key, opening())[1].batch
    for level, frame in before.frames().items():
        other = after.frame(level)
        for name in set(frame.columns) - OUR_OWN:
            if name == "billing_state":
                assert other[name].to_list() == ["OH"]
            else:
                assert other[name].to_list() == frame[name].to_list(), (level, name)


def test_events_and_audit_of_a_correction_name_fields_and_rules_and_no_value(clinic: Clinic) -> None:
    key, desk = clinic.keys["zip"], clinic.desk()
    etag = desk.propose(BILLER, key, opening()).etag
    done = desk.correct(BILLER, key, Wanted(["ADR004"]), opening(), etag=etag)
    [(event,)] = rows(clinic.store, "select data from platform.outbox where type = 'claims.corrected.v1'")
    assert event == {
        "claim_key": key, "corrected_key": done.corrected_key, "correction_id": done.correction_id,
    }  # fmt: skip
    [(body,)] = rows(clinic.store, "select body from platform.audit_log where body like '%claim.corrected%'")
    assert '"fields":["subscriber_zip"]' in str(body)
    kept = rows(clinic.store, "select * from production.corrected_fields")
    for text in (str(event), str(body), str(kept)):
        assert "43201" not in text
    assert value(clinic.store, "select count(*) from platform.outbox where type = 'claims.staged.v1'") == 2


def test_of_two_people_who_edit_one_claim_the_second_is_told_and_nothing_is_lost(clinic: Clinic) -> None:
    key, desk = clinic.keys["state and street"], clinic.desk()
    one, two = (desk.propose(who, key, opening()).etag for who in (BILLER, OTHER))
    assert one == two
    done = desk.correct(BILLER, key, by_hand(Edit("billing_address_1", "7 MAIN STREET")), opening(), etag=one)
    with pytest.raises(ClaimChangedError, match=f"user:1 corrected .* claim {done.corrected_key}"):
        desk.correct(OTHER, key, Wanted(["ADR005"]), opening(), etag=two)
    assert value(clinic.store, "select count(*) from production.corrections") == 1
    with pytest.raises(NotCorrectableError, match="newer version exists"):
        desk.correct(OTHER, key, Wanted(["ADR005"]), opening(), etag=desk.propose(OTHER, key, opening()).etag)


def test_a_decision_in_the_meantime_is_a_change_too(clinic: Clinic) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    etag = desk.propose(BILLER, key, opening()).etag
    with clinic.database.transaction(OTHER) as connection:
        release(OTHER, connection, [key], reason="the payer takes it")
    with pytest.raises(ClaimChangedError, match="decided on the claim"):
        desk.correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=etag)
    assert "in production" in (desk.propose(BILLER, key, opening()).why_not or "")


def test_a_correction_that_breaks_another_rule_is_refused_unless_forced_by_hand(
    clinic: Clinic, checker: Checker
) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    wanted = Wanted(["ADR005"], [Edit("billing_address_1", "PO BOX 9")])
    tried = desk.trial(BILLER, key, wanted, opening())
    assert tried.after.blocks
    assert [each.code for each in tried.after.new] == ["ADR001"]
    with pytest.raises(AddsBlockError, match="ADR001"):
        desk.correct(BILLER, key, wanted, opening(), etag=tried.etag)
    assert value(clinic.store, "select count(*) from production.corrections") == 0
    assert value(clinic.store, "select count(*) from staging.claims") == 0
    done = desk.correct(BILLER, key, wanted, opening(), etag=tried.etag, force=True)
    assert done.forced
    clinic.run(checker)
    # The rule that it was meant for is silent, so the correction did what it should; the claim waits again.
    with clinic.database.transaction(BILLER) as connection:
        [stored] = corrections_before(connection)
    assert (stored.forced, stored.verification) == (True, "verified")
    assert route_of(clinic, done.corrected_key) == [("review", "active")]


def test_a_correction_that_leaves_its_finding_is_not_verified(clinic: Clinic, checker: Checker) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    etag = desk.propose(BILLER, key, opening()).etag
    done = desk.correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=etag)
    clinic.run(checker)
    with psycopg.connect(clinic.store.superuser) as owner:
        owner.execute(
            "insert into production.findings (tenant, received_on, claim_key, code, severity) "
            "select tenant, received_on, claim_key, 'ADR005', 'block' from production.claims "
            "where claim_key = %s",
            [done.corrected_key],
        )
    with clinic.database.transaction(BILLER) as connection:
        [stored] = corrections_before(connection, claim_key=key)
    assert (stored.verification, stored.left) == ("not_verified", ["ADR005"])


def test_a_correction_whose_file_is_returned_is_withdrawn_and_can_be_made_again(clinic: Clinic) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    etag = desk.propose(BILLER, key, opening()).etag
    done = desk.correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=etag)
    with psycopg.connect(clinic.store.owner, autocommit=True) as owner:
        returned = return_file(BILLER, owner, clinic.files(), clinic.sealer, done.file_id)
    assert returned is not None
    assert returned.going == 1
    again = desk.propose(BILLER, key, opening())
    assert (again.place, again.can_be_corrected) == ("returned", True)
    desk.correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=again.etag)
    with clinic.database.transaction(BILLER) as connection:
        assert [each.verification for each in corrections_before(connection)] == ["waiting", "withdrawn"]
        [counted] = acceptances(connection)
    assert (counted.offered, counted.decided, counted.accepted) == (1, 1, 1)


def test_withheld_identity_is_neither_shown_nor_changed(clinic: Clinic) -> None:
    key, desk = clinic.keys["zip"], clinic.desk()
    shown = desk.propose(BILLER, key, opening(no_identity))
    [repair] = shown.repairs
    [change] = repair.changes
    assert (change.old, change.new, change.withheld) == (None, None, "no policy shows it")
    assert "43201" not in repr(shown)
    assert "subscriber_zip" not in {each.field for each in shown.editable}
    assert "billing_state" in {each.field for each in shown.editable}
    wanted = (Wanted(["ADR004"]), by_hand(Edit("subscriber_zip", "43201")))
    for each in wanted:
        with pytest.raises(AccessDeniedError, match="subscriber_zip is withheld"):
            desk.trial(BILLER, key, each, opening(no_identity))
        with pytest.raises(AccessDeniedError):
            desk.correct(BILLER, key, each, opening(no_identity), etag=shown.etag)
    assert value(clinic.store, "select count(*) from production.corrections") == 0


def test_a_claim_that_repeats_another_one_does_so_after_its_correction(
    clinic: Clinic, checker: Checker
) -> None:
    key, desk = clinic.keys["twice"], clinic.desk()
    shown = desk.propose(BILLER, key, opening())
    assert {each.code for each in shown.findings} == {"ADR005", "DUP001"}
    [repair] = shown.repairs
    assert repair.after.route == "review"
    done = desk.correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=shown.etag)
    clinic.run(checker)
    assert route_of(clinic, done.corrected_key) == [("review", "active")]


def test_what_people_did_by_hand_is_shown_to_the_next(clinic: Clinic) -> None:
    desk = clinic.desk()
    first = clinic.keys["place"]
    shown = desk.propose(BILLER, first, opening())
    assert "POS001" in {each.code for each in shown.findings}
    assert (shown.repairs, shown.history) == ([], [])
    desk.correct(BILLER, first, by_hand(Edit("place_of_service", "11")), opening(), etag=shown.etag)
    with clinic.database.transaction(BILLER) as connection:
        [known] = field_history(connection, ["POS001"])
    assert (known.field, known.times) == ("place_of_service", 1)
    assert [(each.value, each.times) for each in known.values] == [("11", 1)]


def test_values_of_patients_are_not_among_what_people_did(clinic: Clinic) -> None:
    key, desk = clinic.keys["zip"], clinic.desk()
    etag = desk.propose(BILLER, key, opening()).etag
    desk.correct(BILLER, key, by_hand(Edit("subscriber_zip", "43201")), opening(), etag=etag)
    with clinic.database.transaction(BILLER) as connection:
        [known] = field_history(connection, ["ADR004"])
    assert (known.field, known.times, known.values) == ("subscriber_zip", 1, [])


def test_a_repair_that_people_decline_fades(clinic: Clinic) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    desk.propose(BILLER, key, opening())
    desk.propose(OTHER, key, opening())
    with clinic.database.transaction(BILLER) as connection:
        # Nobody has decided on it yet, and it was offered to two people, once.
        [offered] = acceptances(connection)
        assert (offered.code, offered.offered, offered.decided, offered.accepted) == ("ADR005", 1, 0, 0)
    with psycopg.connect(clinic.store.superuser) as owner:
        # Of claims that are no longer in review, without the repair.
        owner.execute(
            "insert into production.repair_offers (tenant, claim_key, code, offered_at, offered_to) "
            "select 'default', 1000000 + n, 'ADR005', now(), 'user:9' from generate_series(1, 20) n"
        )
    [repair] = desk.propose(BILLER, key, opening()).repairs
    assert (repair.confidence, repair.is_faded, repair.acceptance.rate) == ("low", True, 0.0)
    assert confidence_of("high", repair.acceptance) == ("low", True)
    # A repair is still accepted by whoever finds it right, and counts.
    desk.correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=desk.propose(BILLER, key, opening()).etag)
    with clinic.database.transaction(BILLER) as connection:
        [counted] = acceptances(connection)
    assert (counted.decided, counted.accepted) == (21, 1)


def test_a_correction_of_a_blocked_claim_becomes_feedback(clinic: Clinic) -> None:
    key, desk = clinic.keys["place"], clinic.desk()
    etag = desk.propose(BILLER, key, opening()).etag
    desk.correct(BILLER, key, by_hand(Edit("place_of_service", "11")), opening(), etag=etag)
    with clinic.database.transaction(BILLER) as connection:
        labels = stored_feedback(connection)
    assert labels.select("claim_id", "label", "source", "by").rows() == [
        (str(key), True, "correction", "user:1")
    ]


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (Edit("no_such_field", "1"), ChangeError),
        (Edit("procedure", "99213", 77), ChangeError),
        (Edit("service_from_on", "yesterday", 1), ChangeError),
        (Edit("claim_id", "ANOTHER"), RepairError),
        (Edit("payer_responsibility", "S"), RepairError),
        (Edit("interchange_control_number", "000000009"), ChangeError),
        (Edit("procedure", None, 1), None),
    ],
)
def test_edits_that_cannot_be_are_refused(
    clinic: Clinic, edit: Edit, problem: type[Exception] | None
) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    if problem is None:
        assert desk.trial(BILLER, key, by_hand(edit), opening()).after.blocks
        return
    with pytest.raises(problem):
        desk.trial(BILLER, key, by_hand(edit), opening())


def test_nothing_to_change_and_forcing_a_repair_are_refused(clinic: Clinic) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    etag = desk.propose(BILLER, key, opening()).etag
    with pytest.raises(RepairError, match="nothing would change"):
        desk.correct(BILLER, key, by_hand(Edit("billing_state", "oh")), opening(), etag=etag)
    with pytest.raises(RepairError, match="only changes by hand"):
        desk.correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=etag, force=True)
    with pytest.raises(RepairError, match="no repair"):
        desk.correct(BILLER, key, Wanted(["ADR002"]), opening(), etag=etag)
    with pytest.raises(RepairError, match="no rule with a repair"):
        repair_many(desk, BILLER, BulkWanted("ADR001", everything, "all of these at once", "x"))


def test_a_dead_letter_is_corrected_like_a_claim_in_review(clinic: Clinic, checker: Checker) -> None:
    desk = clinic.desk()
    key = clinic.keys["street"]
    with psycopg.connect(clinic.store.superuser) as owner:
        owner.execute(
            "insert into pipeline.dead_letters (tenant, claim_key, received_on, received_at, file_id, "
            "position, facility, form, correlation_id, version, number_occurrence, content_occurrence, "
            "lines, reason, run_id, attempts, failed_at) select tenant, claim_key, received_on, created_at, "
            "file_id, position, facility, form, correlation_id, version, 1, 1, lines, 'Stuck', 1, 1, now() "
            "from production.claims where claim_key = %s",
            [key],
        )
        owner.execute("delete from production.claims where claim_key = %s", [key])
    shown = desk.propose(BILLER, key, opening())
    assert shown.place == "dead"
    done = desk.correct(
        BILLER, key, by_hand(Edit("billing_address_1", "7 MAIN STREET")), opening(), etag=shown.etag
    )
    assert rows(clinic.store, "select claim_key, state from pipeline.dead_letters") == [(key, "discarded")]
    clinic.run(checker)
    assert route_of(clinic, done.corrected_key) == [("production", "active")]
