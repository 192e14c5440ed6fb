"""What the payer writes, the next level, standstills, experiments, criteria, printing; storage that is
away.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from tests.features.alerts.receivers import mail
from tests.features.appeals.conftest import AS_OF, OTHER, PEOPLE, Office
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.alerts import AlertTarget, Sender, deliver_due, set_target
from claimwright.features.appeals import (
    AppealStateError,
    StageFailedError,
    appeal_sheet,
    apply_letter,
    approve_appeal,
    file_letter,
    one_case,
    open_appeal,
    print_letters,
    run_case,
    send_appeal,
    tell_stalled,
)
from claimwright.features.documents import documents_to_search
from claimwright.features.governance import (
    ExperimentError,
    add_file,
    approve_file,
    end_experiment,
    list_experiments,
    start_experiment,
)
from claimwright.platform.objects import ObjectError

WHY = "reading the case again"
UPHELD = """GOOD PAYER
Date of this notice: {date}
Re: claim A700
We have reviewed your appeal. We uphold the denial of the service.
"""


def sent(office: Office, number: str, folder: Path) -> int:
    """An appeal of the claim that was sent, as a fax."""
    denial = office.denied(number)
    office.document(number)
    case = office.draft(denial)
    assert case.state == "ready"
    with office.database.transaction(OTHER) as connection:
        approve_appeal(OTHER, connection, office.means, case.case_id, as_of=AS_OF)
    with office.database.transaction(OTHER) as connection:
        printed = print_letters(OTHER, connection, office.means, [case.case_id], reason=WHY, as_of=AS_OF)
        handed = send_appeal(OTHER, connection, office.means, case.case_id, folder, how="fax", as_of=AS_OF)
    pages = pypdfium2.PdfDocument(printed)
    assert "Letter 1 of 1" in pages[0].get_textpage().get_text_range()
    pages.close()
    manifest = json.loads((handed.folder / "manifest.json").read_text())
    assert [each["name"] for each in manifest["files"]] == ["letter.pdf", "letter.docx", "fax.tif"]
    assert all((handed.folder / each["name"]).stat().st_size == each["bytes"] for each in manifest["files"])
    return case.case_id


def test_a_letter_that_upholds_is_filed_applied_and_leads_to_external_review(
    office: Office, tmp_path: Path
) -> None:
    case_id = sent(office, "A700", tmp_path)
    today = datetime.datetime.now(datetime.UTC).date()
    letter = UPHELD.format(date=today.strftime("%m/%d/%Y")).encode()
    with office.database.transaction(CALLER) as connection:
        filed = file_letter(
            CALLER, connection, office.means, case_id, "answer.txt", letter, received_on=today
        )
        said = filed.letter
        assert (said.says, said.decided_on, said.names_claim) == ("lost", today, True)
        # Filing decides nothing, and the same letter is not filed twice.
        assert one_case(connection, case_id).state == "sent"
        again = file_letter(CALLER, connection, office.means, case_id, "copy.txt", letter, received_on=today)
        assert again.letter.entry_id == said.entry_id
        decided = apply_letter(CALLER, connection, case_id, said.entry_id)
        assert (decided.state, decided.decided_on) == ("lost", today)
        with pytest.raises(AppealStateError, match="no letter"):
            apply_letter(CALLER, connection, case_id, 999_999)
    with office.database.transaction(CALLER) as connection:
        second, is_new = open_appeal(CALLER, connection, decided.denial_id, as_of=today)
    assert (is_new, second.level, second.earlier_decided_on) == (True, 2, today)
    second = run_case(CALLER, office.means, second.case_id, overruled=True)
    assert (second.level_name, second.template_id) == ("external review", "necessity-external-review")
    with office.database.transaction(CALLER) as connection:
        levels = appeal_sheet(CALLER, connection, office.means, second.case_id, reason=WHY).levels
    assert [(each.level, each.name, each.state) for each in levels] == [
        (1, "first-level appeal", "lost"), (2, "external review", second.state),
    ]  # fmt: skip
    assert levels[1].decision_before_on == today


def test_a_case_that_stands_is_told_once(office: Office) -> None:
    denial = office.denied("A600")
    with office.database.transaction(CALLER) as connection:
        case, _ = open_appeal(CALLER, connection, denial, as_of=AS_OF)
        assert tell_stalled(CALLER, connection, minutes=30) == []
        connection.execute(
            "update appeals.cases set changed_at = now() - interval '31 minutes' where case_id = %s",
            [case.case_id],
        )
        assert [each.case_id for each in tell_stalled(CALLER, connection, minutes=30)] == [case.case_id]
        assert tell_stalled(CALLER, connection, minutes=30) == []
        [told] = connection.execute(
            "select data from platform.outbox where type = 'appeal.stalled.v1'"
        ).fetchall()
    assert told[0]["minutes"] >= 31


def test_a_case_that_stands_is_told_by_mail_and_one_that_went_on_is_not(
    office: Office, tmp_path: Path
) -> None:
    """By the deliveries of alerts, to the targets of the setting; a message names no patient."""
    sealer = office.clinic.sealer
    denial = office.denied("A700")
    with mail(tmp_path) as (post, server):
        sender = Sender(server, frozenset({"127.0.0.1", "localhost"}), 60, "https://claims.example.org")
        wanted = AlertTarget.model_validate({"name": "team", "kind": "email", "addresses": ["a@example.org"]})
        with office.database.transaction(CALLER) as connection:
            set_target(CALLER, connection, sealer, wanted)
            case, _ = open_appeal(CALLER, connection, denial, as_of=AS_OF)
        for sent in (1, 0):
            with office.database.transaction(CALLER) as connection:
                connection.execute(
                    "update appeals.cases set changed_at = now() - interval '31 minutes', stalled_at = null"
                    " where case_id = %s",
                    [case.case_id],
                )
                told = tell_stalled(CALLER, connection, minutes=30, targets=["team"])
            assert [each.case_id for each in told] == [case.case_id]
            if not sent:
                run_case(CALLER, office.means, case.case_id, overruled=True)
            assert deliver_due(CALLER, office.database, sealer, sender).sent == sent
        [letter] = post.messages
    assert letter["Subject"] == "[warning] 1 appeal stands: no stage was done for a while"
    assert f"appeal {case.case_id}, after it was opened" in letter.get_content()
    assert PEOPLE["A700"]["last"] not in letter.get_content()


def test_object_storage_that_is_away_fails_the_stage_and_says_so(office: Office) -> None:
    class Away:
        def get(self, key: str) -> bytes | None:
            raise ObjectError(f"object storage: can't read {key}: TimeoutError.")

    shelf = office.means.shelf
    text = (
        Path(__file__).parents[3] / "src/claimwright/appeal_templates/necessity-group-plan-1.md"
    ).read_text()
    version = text.replace("version: 1", "version: 2").replace("We disagree.", "We do not agree.")
    with office.database.transaction(CALLER) as connection:
        add_file(CALLER, connection, shelf, "template", version, "mine.md")  # type: ignore[arg-type]  # of the test: it takes and gives
    with office.database.transaction(OTHER) as connection:
        approve_file(OTHER, connection, "template", "necessity-group-plan-1", 2)
    denial = office.denied("A100")
    with office.database.transaction(CALLER) as connection:
        experiment = start_experiment(CALLER, connection, shelf, "wording", "necessity-group-plan-1", 1, 2)
        with pytest.raises(ExperimentError, match="is running"):
            start_experiment(CALLER, connection, shelf, "another", "necessity-group-plan-1", 1, 2)
        case, _ = open_appeal(CALLER, connection, denial, as_of=AS_OF)
    assert experiment.standing.result is None
    # The version of an experiment is in object storage: away, the stage fails and is done again later.
    if case.case_id and _arm(case.case_id) == "b":
        with pytest.raises(StageFailedError, match="object storage"):
            run_case(CALLER, replace(office.means, shelf=Away()), case.case_id, overruled=True)
        with office.database.transaction(CALLER) as connection:
            failed = one_case(connection, case.case_id)
            assert (failed.state, failed.stage, failed.reason) == ("failed", "template", "ObjectError")
            open_appeal(CALLER, connection, denial, as_of=AS_OF)
    done = run_case(CALLER, office.means, case.case_id, overruled=True)
    arm = _arm(case.case_id)
    assert (done.experiment_id, done.arm, done.template_version) == ("wording", arm, 1 if arm == "a" else 2)
    with office.database.transaction(CALLER) as connection:
        [standing] = list_experiments(connection)
        assert standing.a_cases + standing.b_cases == 1
        assert end_experiment(CALLER, connection, "wording").stored.result == "ended_by_person"


def _arm(case_id: int) -> str:
    from claimwright.engines.drafting import arm_of

    return arm_of("wording", case_id)


def test_a_search_finds_a_condition_under_another_name(office: Office) -> None:
    office.document("A500")
    with office.database.transaction(CALLER) as connection:
        documents = documents_to_search(
            CALLER, connection, office.clinic.sealer, office.clinic.key_of("A500"), reason=WHY
        )
    found = documents.search("T2DM").passages
    assert "type 2 diabetes" in found[0].words
    assert PEOPLE["A500"]["last"] not in found[0].words
