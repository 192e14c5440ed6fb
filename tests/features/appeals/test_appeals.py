"""A denial to a sent letter to its recovered dollars; what leaves early; what is marked; who approves."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pypdfium2
import pytest
from tests.features.appeals.conftest import AS_OF, OTHER, PEOPLE, Office
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.appeal_templates import packaged_templates
from claimwright.domain.appeal_case import Statement
from claimwright.features.appeals import (
    STAGES,
    AppealStateError,
    StageFailedError,
    appeal_packet,
    appeal_sheet,
    approve_appeal,
    confirm_statement,
    edit_appeal,
    list_cases,
    one_case,
    open_appeal,
    run_case,
    send_appeal,
    settle_appeals,
    stages,
    state_outcome,
    template_outcomes,
    track_appeal,
    wilson,
)
from claimwright.features.governance import (
    GovernedFileError,
    activate_file,
    add_file,
    approve_file,
    list_governed,
)
from claimwright.foundation import clock

WHY = "reading the case again"


def test_a_denial_becomes_a_sent_letter_and_its_recovered_dollars(office: Office, tmp_path: Path) -> None:
    denial = office.denied("A200")
    case = office.draft(denial)
    # No chart yet: the letter would say that records show something.
    assert (case.state, case.template_id) == ("marked", "necessity-group-plan-1")
    with office.database.transaction(CALLER) as connection:
        sheet = appeal_sheet(CALLER, connection, office.means, case.case_id, reason=WHY)
    assert sheet.draft is not None
    assert {each.words for each in sheet.draft.findings} == {"finding.1.quote", "exhibit.1.title"}
    office.document("A200")
    case = office.again(case.case_id)
    assert (case.state, case.marked) == ("ready", 0)
    with office.database.transaction(CALLER) as connection:
        sheet = appeal_sheet(CALLER, connection, office.means, case.case_id, reason=WHY)
        assert [stage for stage, _ in sheet.stages] == list(STAGES)
        # Nobody approves what they drafted themselves.
        with pytest.raises(AppealStateError, match="another person"):
            approve_appeal(CALLER, connection, office.means, case.case_id, as_of=AS_OF)
        with pytest.raises(AppealStateError, match="only an approved one"):
            send_appeal(CALLER, connection, office.means, case.case_id, tmp_path, as_of=AS_OF)
        preview = appeal_packet(CALLER, connection, office.means, case.case_id, reason=WHY)
    assert preview.is_preview
    with office.database.transaction(OTHER) as connection:
        approve_appeal(OTHER, connection, office.means, case.case_id, as_of=AS_OF)
    with office.database.transaction(OTHER) as connection:
        packet = appeal_packet(OTHER, connection, office.means, case.case_id, reason=WHY)
        handed = send_appeal(OTHER, connection, office.means, case.case_id, tmp_path, as_of=AS_OF)
    letter = (handed.folder / "letter.pdf").read_bytes()
    manifest = json.loads((handed.folder / "manifest.json").read_text())
    # What was approved is what is sent, to the byte.
    assert letter == packet.content
    assert manifest["files"][0]["sha256"] == handed.digest == packet.digest
    assert (manifest["approved_by"], manifest["drafted_by"]) == (OTHER.actor, CALLER.actor)
    pages = pypdfium2.PdfDocument(letter)
    text = " ".join("\n".join(page.get_textpage().get_text_range() for page in pages).split())
    pages.close()
    for words in ("MARY ROE", "W000000002", "CO-50", "$200.00", "type 2 diabetes", "29 CFR 2560.503-1(h)"):
        assert words in text
    # Family history is on the exhibit, and not said of the patient.
    assert "documents breast cancer" not in text
    assert "NOT APPROVED" not in text
    # 150.00 of 200.00 is paid after all, 50.00 is by contract: nothing is denied any more.
    office.clinic.post(
        Payment(
            [Clp("A200", "1", [Svc("99214", "200", ["CO-45:50"])], payer_number="2", **PEOPLE["A200"])],
            trace="paid-A200", day="20260401",
        )
    )  # fmt: skip
    with office.database.transaction(CALLER) as connection:
        [decided] = settle_appeals(CALLER, connection)
        outcomes = template_outcomes(connection)
        states = connection.execute(
            "select state from remittance.denials where denial_id = %s", [denial]
        ).fetchone()
    assert (decided.state, decided.recovered_cents, decided.outcome_from) == ("won", 15000, "remittance")
    assert decided.decided_on == datetime.date(2026, 4, 1)
    assert states == ("won",)
    assert [(each.template_id, each.won, each.recovered_cents) for each in outcomes] == [
        ("necessity-group-plan-1", 1, 15000)
    ]


def test_the_interval_of_a_share_is_wilsons() -> None:
    # Wilson's interval of 8 of 10 at 95 %: 49.0 to 94.3 % (Agresti and Coull 1998, worked by hand).
    assert wilson(8, 10) == (49.0, 94.3)
    assert wilson(0, 0) == (None, None)


@pytest.mark.parametrize(
    ("number", "code", "remarks", "reason"),
    [
        ("A600", "CO-16", (), "correct_and_resubmit"),
        ("A800", "CO-50", ("MA130",), "no_appeal_rights"),
    ],
)
def test_what_is_no_appeal_leaves_early_and_says_why(
    office: Office, number: str, code: str, remarks: tuple[str, ...], reason: str
) -> None:
    case = office.draft(office.denied(number, code, remarks=remarks))
    assert (case.state, case.reason, case.draft_number) == ("not_eligible", reason, 0)


def test_the_time_being_over_or_the_appeal_being_open_ends_it(office: Office) -> None:
    denial = office.denied("A700")
    with office.database.transaction(CALLER) as connection:
        late, _ = open_appeal(CALLER, connection, denial, as_of=datetime.date(2026, 8, 1))
    late = run_case(CALLER, office.means, late.case_id, overruled=True)
    # 180 days from the notice of 1 February end on 31 July: 29 CFR 2560.503-1(h)(3)(i).
    assert (late.state, late.reason) == ("not_eligible", "past_deadline")
    first = office.draft(denial)
    with office.database.transaction(CALLER) as connection:
        again, opened = open_appeal(CALLER, connection, denial, as_of=AS_OF)
    assert (again.case_id, opened) == (first.case_id, False)
    # Without an overruling, what costs more than it brings is left: 100.00 x 44 % is less than the work.
    with office.database.transaction(CALLER) as connection:
        connection.execute("update appeals.cases set state = 'withdrawn' where case_id = %s", [first.case_id])
    assert office.draft(denial, anyway=False).reason == "not_worth_it"


def test_an_edit_is_judged_and_only_what_is_merely_unproven_can_be_confirmed(office: Office) -> None:
    number = "mixed-Case-Number-Beyond-20"
    case = office.draft(office.denied(number))
    office.document(number)
    case = office.again(case.case_id)
    with office.database.transaction(CALLER) as connection:
        sheet = appeal_sheet(CALLER, connection, office.means, case.case_id, reason=WHY)
    assert sheet.draft is not None
    written = list(sheet.draft.draft.statements)

    def edited(*more: Statement) -> object:
        with office.database.transaction(CALLER) as connection:
            return edit_appeal(CALLER, connection, office.means, case.case_id, [*written, *more])

    wrong = Statement(
        statement_id="extra", section="Closing", text="We ask for payment of $3,000.00.",
        facts=("denial.amount",),
    )  # fmt: skip
    edited(wrong)
    with office.database.transaction(CALLER) as connection:
        assert one_case(connection, case.case_id).state == "marked"
        with pytest.raises(AppealStateError, match="can't be confirmed"):
            confirm_statement(CALLER, connection, office.means, case.case_id, "extra", reason=WHY)
    free = Statement(
        statement_id="extra", section="Closing", text="We thank you for your time.",
    )  # fmt: skip
    edited(free)
    with office.database.transaction(OTHER) as connection:
        made = confirm_statement(OTHER, connection, office.means, case.case_id, "extra", reason=WHY)
        assert made.open_findings == ()
        assert one_case(connection, case.case_id).state == "ready"
        # Who confirmed has had a hand in it.
        with pytest.raises(AppealStateError, match="another person"):
            approve_appeal(OTHER, connection, office.means, case.case_id, as_of=AS_OF)


def test_a_case_that_was_interrupted_goes_on_after_its_last_stage(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    denial = office.denied("A100")
    calls: list[str] = []
    whole = dict(stages._FUNCTIONS)

    def counted(stage: str) -> None:
        def function(work: object) -> object:
            calls.append(stage)
            if stage == "evidence" and calls.count(stage) == 1:
                raise KeyboardInterrupt
            return whole[stage](work)

        monkeypatch.setitem(stages._FUNCTIONS, stage, function)

    for stage in STAGES:
        counted(stage)
    with office.database.transaction(CALLER) as connection:
        case, _ = open_appeal(CALLER, connection, denial, as_of=AS_OF)
    with pytest.raises(KeyboardInterrupt):
        run_case(CALLER, office.means, case.case_id, overruled=True)
    with office.database.transaction(CALLER) as connection:
        held = one_case(connection, case.case_id)
    assert (held.state, held.stage) == ("in_progress", "template")
    done = run_case(CALLER, office.means, case.case_id, overruled=True)
    assert done.stage == "letter"
    assert [calls.count(stage) for stage in STAGES] == [1, 1, 1, 1, 1, 2, 1, 1, 1]


def test_a_stage_that_fails_is_named_and_resumed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    denial = office.denied("A500")
    monkeypatch.setattr(stages, "choose_template", lambda *_, **__: None)
    with pytest.raises(StageFailedError, match="no active template"):
        office.draft(denial)
    monkeypatch.undo()
    with office.database.transaction(CALLER) as connection:
        [failed] = list_cases(connection, denial_id=denial)
    assert (failed.state, failed.stage, failed.reason) == ("failed", "template", "NoTemplate")
    assert "no active template is for" in (failed.problem or "")
    with office.database.transaction(CALLER) as connection:
        tracked = track_appeal(connection, failed.tracking_id)
    assert (tracked.status, tracked.stage, tracked.problem) == ("failed", "template", failed.problem)
    done = office.draft(denial)
    assert (done.case_id, done.state, done.problem) == (failed.case_id, "marked", None)
    with office.database.transaction(CALLER) as connection:
        with pytest.raises(AppealStateError, match="only a sent one"):
            state_outcome(CALLER, connection, done.case_id, "won", decided_on=AS_OF)
        told = connection.execute(
            "select type from platform.outbox where subject = %s order by position",
            [f"appeal:{done.case_id}"],
        ).fetchall()
    assert told == [("appeal.failed.v1",), ("appeal.drafted.v1",)]


def test_a_document_of_another_patient_is_kept_and_blocked(office: Office) -> None:
    other = NOTE_OF_ANOTHER
    number = office.document("A800", other, accept=False)
    with office.database.transaction(CALLER) as connection:
        row = connection.execute(
            "select is_blocked, problem from appeals.documents where document_id = %s", [number]
        ).fetchone()
    assert row == (True, "it names another patient.")


@pytest.mark.parametrize(
    ("value", "is_blocked"),
    [
        ("see chart", False), ("64-year-old male", False), ("tolerated the procedure well", False),
        ("Mr. Jack Doe Jr.", False), ("DOE, JACK", False), ("Doe", False), ("Mr. Doe", False),
        ("Jill Doe", True), ("Walter", True), ("walter other", True),
    ],
)  # fmt: skip
def test_what_is_no_name_after_a_label_blocks_no_document(
    office: Office, value: str, is_blocked: bool
) -> None:
    """A form says "Patient: see chart": that is nobody else."""
    number = office.document("A800", f"Progress note\nPatient: {value}\n\nHPI: cough.\n", accept=False)
    with office.database.transaction(CALLER) as connection:
        row = connection.execute(
            "select is_blocked from appeals.documents where document_id = %s", [number]
        ).fetchone()
    assert row == (is_blocked,)


NOTE_OF_ANOTHER = "Progress note\nPatient: Walter Other\nDate: 01/15/2026\n\nHPI: low back pain.\n"


def test_a_version_that_is_not_in_force_takes_no_place_of_one_that_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, name = office.means.shelf, "general-tricare-1"
    shipped = packaged_templates()[f"appeal_templates/{name}.md"]
    dated = {
        "ended on 2026-06-30": ("effective_from: 2026-01-01", "effective_until: 2026-06-30"),
        "begins on 2999-01-01": ("effective_from: 2999-01-01",),
    }
    for number, (why, dates) in enumerate(dated.items(), 2):
        text = shipped.replace("version: 1", f"version: {number}").replace(
            "effective_from: 2026-01-01", "\n".join(dates)
        )
        with office.database.transaction(CALLER) as connection:
            add_file(CALLER, connection, shelf, "template", text, "a.md")
        with office.database.transaction(OTHER) as connection:
            approve_file(OTHER, connection, "template", name, number)
            with pytest.raises(GovernedFileError, match=f"version {number} {why}: with it no case"):
                activate_file(OTHER, connection, shelf, "template", name, number)
            listed = list_governed(connection, shelf, file_id=name)
        assert [each.version for each in listed if each.state == "active"] == [1]
    # One that ends while it is in use is named, day by day.
    monkeypatch.setattr(clock, "today", lambda: datetime.date(2026, 6, 30))
    with office.database.transaction(OTHER) as connection:
        activate_file(OTHER, connection, shelf, "template", name, 2)
        assert [each.problem for each in list_governed(connection, shelf, file_id=name)] == [None] * 3
        monkeypatch.setattr(clock, "today", lambda: datetime.date(2026, 7, 1))
        problems = {each.version: each.problem for each in list_governed(connection, shelf, file_id=name)}
        assert problems[2] == "it ended on 2026-06-30: no case gets it. Activate another version."
        activate_file(OTHER, connection, shelf, "template", name, 1, roll_back=True)
