"""The commands of remittances and the ledger, in this process, over a store with the clinic's claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import CALLER, rows
from typer.testing import CliRunner, Result

from claimwright.apps.cli.main import app
from claimwright.features.remittance import approve_write_off
from claimwright.platform.phi import Sealer

from .known_answers import A100, DENIED
from .written_835 import Clp, Payment, Svc, written

Run = Callable[..., Result]
WHY = ("--reason", "agreed on the phone")


@pytest.fixture
def clinic_store(filled: tuple[Store, Sealer]) -> Iterator[Store]:
    with filled[0].copied() as copied:
        yield copied


@pytest.fixture
def run(clinic_store: Store, clinic_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAIMWRIGHT_HOME", str(clinic_folder / "home"))
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_URL", clinic_store.address)
    monkeypatch.setenv("CLAIMWRIGHT_OBJECTS_URL", str(tmp_path / "objects"))
    monkeypatch.setenv("COLUMNS", "240")
    return lambda *words, **more: CliRunner().invoke(app, list(words), **more)


def test_a_remittance_is_posted_what_waits_is_decided_and_the_ledger_balances(
    run: Run, clinic_store: Store, tmp_path: Path
) -> None:
    other = Clp("ZZZ", lines=[Svc("99214", "200")], last="", first="", member="", payer_number="ICN9")
    content = written(Payment([A100, other]), Payment([DENIED], trace="9", amount="0.01"))
    (tmp_path / "era.835").write_bytes(content)
    posted = run("remit", "era.835", "--post")
    assert posted.exit_code == 1, posted.output
    for told in (
        "2 payments, 3 answers", "below_threshold", "a claim is similar, but too much differs", "held",
        "not what its claims and provider adjustments add up to", "claimwright remittances waiting",
        "claimwright remittances release",
    ):  # fmt: skip
        assert told in posted.output, told
    again = run("remit", "-", "--post", input=content)
    assert again.exit_code == 0, again.output
    assert "posted before, as remittance" in again.output

    waiting = run("remittances", "waiting")
    assert waiting.exit_code == 1
    found = re.search(r"^(\d+) +\d+ +2026.* below_threshold", waiting.output, re.MULTILINE)
    assert found, waiting.output
    answer = found[1]
    assert "ZZZ" not in waiting.output
    shown = run("remittances", "show", answer, *WHY)
    assert "claim_id: ZZZ" in shown.output, shown.output
    assert rows(
        clinic_store,
        "select subject from platform.audit_log where action = 'phi.read' order by sequence desc limit 1",
    ) == [(f"answer:{answer}",)]
    candidates = run("remittances", "candidates", answer)
    claim = re.search(rf"assign {answer} (\d+)", candidates.output)
    assert claim, candidates.output
    assigned = run("remittances", "assign", answer, claim[1], *WHY)
    assert assigned.exit_code == 0, assigned.output
    assert run("remittances", "dismiss", answer, *WHY).exit_code == 2
    assert run("remittances", "retry").exit_code == 0

    held = run("payments", "list", "--state", "held")
    payment = re.search(r"^(\d+)", held.output.splitlines()[1])
    assert payment, held.output
    assert run("remittances", "release", payment[1], "--reason", "no").exit_code == 2
    # The other payment of the day paid the claim, so that the denial is superseded.
    released = run("remittances", "release", payment[1], *WHY)
    assert released.exit_code == 0, released.output
    listed = run("remittances", "list")
    assert listed.exit_code == 0
    assert "2026" in listed.output
    balance = run("ledger", "balance")
    assert balance.exit_code == 0, balance.output
    assert "given up by contract or law" in balance.output


def test_people_post_into_the_ledger_of_a_claim(
    run: Run, clinic_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "era.835").write_bytes(written(Payment([A100])))
    assert run("remit", "era.835", "--post", "--facility", "FAC001").exit_code == 0
    [(key,)] = rows(clinic_store, "select claim_key from remittance.answers")
    paid = run("ledger", "patient-payment", str(key), "16.00")
    assert paid.exit_code == 0, paid.output
    assert "owes 0.00" in run("ledger", "patient-payment", str(key), "1").output
    shown = run("ledger", "claim", str(key))
    for part in ("revenue -150.00", "contractual 50.00", "unapplied 84.00", "cash 16.00"):
        assert part in shown.output.splitlines()[-1], shown.output
    posting = re.search(r"^(\d+) +patient_payment", shown.output, re.MULTILINE)
    assert posting, shown.output
    assert run("ledger", "undo", posting[1], *WHY).exit_code == 0
    assert "nothing of claim 999999 is posted" in run("ledger", "claim", "999999").output
    for words in (
        ("refund", str(key), "1", *WHY), ("refund", "1", *WHY), ("refund", str(key), "x", *WHY),
        ("write-off", str(key), "1", *WHY),
        ("write-off", str(key), "1", "--of", "patient", "--reason", "no"),
        ("approve", "999999"), ("refuse", "999999", *WHY),
    ):  # fmt: skip
        assert run("ledger", *words).exit_code == 2, words
    for _ in range(2):
        made = run("ledger", "write-off", str(key), "6", "--of", "patient", *WHY)
        assert made.exit_code == 0, made.output
    number = re.search(r"write-off (\d+): 6 of claim", made.output)
    assert number, made.output
    # An administrator of the machine proposes; a manager approves, and not what is their own.
    assert "your roles do not allow this" in run("ledger", "approve", number[1]).output
    monkeypatch.setenv("CLAIMWRIGHT_TERMINAL_ROLES", "manager")
    assert "by another person" in run("ledger", "approve", number[1]).output
    assert run("ledger", "refuse", number[1], *WHY).exit_code == 0
    waiting = run("ledger", "write-offs").output
    assert "waiting" in waiting
    assert "refused" not in waiting
    assert "refused" in run("ledger", "write-offs", "--all").output
    with clinic_store.open() as database, database.transaction(CALLER) as connection:
        approve_write_off(CALLER, connection, int(number[1]) - 1)
    assert f"approved by {CALLER.actor}" in " ".join(run("ledger", "claim", str(key)).output.split())


def test_a_file_that_is_no_835_is_refused_and_stores_nothing(
    run: Run, clinic_store: Store, tmp_path: Path
) -> None:
    (tmp_path / "other.835").write_text("nothing of the kind")
    refused = run("remit", "other.835", "--post")
    assert refused.exit_code == 2, refused.output
    assert rows(clinic_store, "select count(*) from remittance.files") == [(0,)]
    assert run("remit", "other.835", "--facility", "FAC001").exit_code == 2


def test_denials_are_listed_shown_with_their_cause_and_their_state_is_set(run: Run, tmp_path: Path) -> None:
    assert run("denials").exit_code == 0
    (tmp_path / "era.835").write_bytes(written(Payment([DENIED])))
    assert run("remit", "era.835", "--post").exit_code == 0
    listed = run("denials", "--as-of", "2026-03-01")
    assert listed.exit_code == 1, listed.output
    number = re.search(r"denials show (\d+)", listed.output)
    assert number, listed.output
    assert "CO-16" in listed.output
    shown = run("denials", "show", number[1])
    assert shown.exit_code == 0, shown.output
    for told in ("What:", "Fix:", "Next step:  correct and resubmit", "Worth:", "29 CFR 2560.503-1(h)(3)(i)"):
        assert told in shown.output, told
    assert run("denials", "set", number[1], "appealed", *WHY).exit_code == 0
    assert run("denials").output == "No denials.\n"
    for words in (("set", number[1], "gone", *WHY), ("show", "999999"), ("--state", "gone")):
        assert run("denials", *words).exit_code == 2, words
