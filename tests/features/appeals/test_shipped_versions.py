"""Templates that ship in a further version: old letters keep theirs, new ones get it, own copies are told."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from tests.features.denials.test_late_claims import acknowledgment
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.appeal_templates import packaged_templates
from claimwright.engines.drafting import TemplateError
from claimwright.features.appeals import appeal_packet, appeal_sheet, open_appeal, run_case, withdraw_appeal
from claimwright.features.denials import ContractTime, post_rejections, set_contract_clocks
from claimwright.features.governance import (
    ExperimentError,
    FileVersion,
    activate_file,
    active_templates,
    add_file,
    approve_file,
    file_text,
    list_governed,
    shipped_template_versions,
    shipped_templates,
    start_experiment,
    template_versions,
)
from claimwright.foundation import clock
from claimwright.store.governed_files import list_versions

from .conftest import AS_OF, OTHER, Office

DIGESTS = Path(__file__).parent / "shipped_templates.txt"
TX = "authorization-tx"


def listed(office: Office, file_id: str) -> dict[tuple[int, str], FileVersion]:
    with office.database.transaction(CALLER) as connection:
        found = list_governed(connection, office.means.shelf, file_id=file_id)
    return {(each.version, each.added_by): each for each in found}


def own_version(office: Office, file_id: str, text: str, version: int) -> None:
    """Add, approve and activate a version of the practice's own."""
    with office.database.transaction(CALLER) as connection:
        add_file(CALLER, connection, office.means.shelf, "template", text, "own.md")  # type: ignore[arg-type]  # of the test: it takes and gives
    with office.database.transaction(OTHER) as connection:
        approve_file(OTHER, connection, "template", file_id, version)
        activate_file(OTHER, connection, office.means.shelf, "template", file_id, version)


def letter(office: Office, case_id: int) -> bytes:
    with office.database.transaction(CALLER) as connection:
        return appeal_packet(CALLER, connection, office.means, case_id, reason="compare the letters").content


def test_a_text_that_shipped_never_changes() -> None:
    """Letters name it. What has to be said otherwise is a further version, with a line added here."""
    known = dict(line.rsplit(" ", 1) for line in DIGESTS.read_text().splitlines())
    shipped = {
        f"{name} {number}": each.digest
        for name, versions in shipped_template_versions().items()
        for number, each in versions.items()
    }
    assert {name: shipped.get(name) for name in known} == known
    assert set(shipped) == set(known), "add a line for each new version"


def test_the_newest_version_is_used_and_the_first_can_still_be_read(office: Office) -> None:
    with office.database.transaction(CALLER) as connection:
        [used] = [each for each in active_templates(connection, office.means.shelf) if each.template_id == TX]
        first = template_versions(connection, office.means.shelf, TX, 1)
        texts = {
            number: file_text(connection, office.means.shelf, "template", TX, number)
            for number in (None, 1, 2)
        }
    assert used.version == 2
    assert "unless the provider materially misrepresented" in used.by_name["law"].text
    assert first.by_name["law"].text.startswith("What was preauthorized may not be denied")
    assert texts[None] == texts[2] != texts[1]
    states = {number: each.state for (number, _), each in listed(office, TX).items()}
    assert states == {2: "active", 1: "retired"}


def test_a_letter_of_the_first_version_is_made_again_with_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.database.transaction(CALLER) as connection:
        post_rejections(CALLER, connection, office.clinic.sealer, acknowledgment("20260120"), "a.277ca")
        times = [ContractTime(payer_id="12345", source="Contract 2026, section 7", days=90, kind="filing")]
        set_contract_clocks(CALLER, connection, times, reason="manual of 2026")
    # What was active before the further version shipped.
    oldest = {name: versions[1] for name, versions in shipped_template_versions().items()}
    with monkeypatch.context() as before:
        before.setattr("claimwright.features.governance.registry.shipped_templates", lambda: oldest)
        old = office.draft(office.denied("A200", "CO-29"))
        packet = letter(office, old.case_id)
    assert (old.template_id, old.template_version, old.state) == ("timely-group-plan-1", 1, "ready")
    same = letter(office, old.case_id)
    assert same == packet
    # Drafted anew, it says what is in force now.
    again = office.again(old.case_id)
    assert (again.template_version, again.state) == (2, "ready")
    with office.database.transaction(CALLER) as connection:
        withdraw_appeal(CALLER, connection, old.case_id, reason="written anew")
        new, _ = open_appeal(CALLER, connection, old.denial_id, as_of=AS_OF)
    new = run_case(CALLER, office.means, new.case_id, overruled=True)
    assert (new.template_id, new.template_version, new.state) == ("timely-group-plan-1", 2, "ready")
    with office.database.transaction(CALLER) as connection:
        sheet = appeal_sheet(CALLER, connection, office.means, new.case_id, reason="read the letter")
    assert sheet.draft is not None
    said = [each.text for each in sheet.draft.draft.statements]
    assert "The last day to file it was April 15, 2026 (Contract 2026, section 7)." in said


def test_a_practice_with_its_own_version_is_told_what_ships_since(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = packaged_templates()[f"appeal_templates/{TX}.md"]
    # Made when only version 1 shipped: the same number as what ships now.
    own = first.replace("version: 1", "version: 2").replace("We ask for payment", "We demand payment")
    monkeypatch.setattr("claimwright.features.governance.registry.shipped_versions", lambda kind: {})
    monkeypatch.setattr(clock, "now", lambda: datetime.datetime(2026, 11, 1, 12, tzinfo=datetime.UTC))
    own_version(office, TX, own, 2)
    monkeypatch.undo()
    with office.database.transaction(CALLER) as connection:
        [row] = list_versions(connection, "template", file_id=TX)
        mine = template_versions(connection, office.means.shelf, TX, 2, row.digest)
        shipped = template_versions(connection, office.means.shelf, TX, 2, shipped_templates()[TX].digest)
    # Two versions of one number: a letter's digest says which of them made it.
    assert "We demand payment" in mine.by_name["pay"].text
    assert "We ask for payment" in shipped.by_name["pay"].text
    found = listed(office, TX)
    notice = found[(2, CALLER.actor)].notice
    assert found[(2, CALLER.actor)].state == "active"
    assert notice is not None
    assert notice.startswith("since 2026-12-01 version 2 ships: it states the exception")
    # A version that is written now follows both, and is told nothing.
    monkeypatch.setattr(clock, "now", lambda: datetime.datetime(2026, 12, 2, 12, tzinfo=datetime.UTC))
    own_version(office, TX, own.replace("version: 2", "version: 3"), 3)
    assert listed(office, TX)[(3, CALLER.actor)].notice is None
    # Version 1 leads back to what ships, in its newest version.
    with office.database.transaction(OTHER) as connection:
        assert activate_file(OTHER, connection, office.means.shelf, "template", TX, 1, roll_back=True) == 2
        [used] = [each for each in active_templates(connection, office.means.shelf) if each.template_id == TX]
    assert used.digest == shipped.digest


def test_no_experiment_starts_with_a_version_that_no_case_would_get(office: Office) -> None:
    name = "general-tricare-2"
    text = packaged_templates()[f"appeal_templates/{name}.md"].replace("version: 1", "version: 2")
    later = text.replace("effective_from: 2026-01-01", "effective_from: 2999-01-01")
    with office.database.transaction(CALLER) as connection:
        add_file(CALLER, connection, office.means.shelf, "template", later, "own.md")  # type: ignore[arg-type]  # of the test: it takes and gives
    with office.database.transaction(OTHER) as connection:
        approve_file(OTHER, connection, "template", name, 2)
        with pytest.raises(ExperimentError, match="version 2 begins on 2999-01-01: no case would get it"):
            start_experiment(OTHER, connection, office.means.shelf, "early", name, 1, 2)


def test_a_further_version_says_what_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = dict(packaged_templates())
    name = f"appeal_templates/{TX}.v2.md"
    texts[name] = "\n".join(line for line in texts[name].splitlines() if not line.startswith("changes:"))
    monkeypatch.setattr("claimwright.features.governance.shipped.packaged_templates", lambda: texts)
    with pytest.raises(TemplateError, match="version 2 does not say what it changes"):
        shipped_template_versions.__wrapped__()  # type: ignore[attr-defined]  # of functools.cache
