"""Released claims go on and returned ones go back, each for a reason; the store is listed page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import begun, rows, value, worker
from tests.features.pipeline.conftest import Staging
from typer.testing import CliRunner, Result

from claimwright.apps.cli.main import app
from claimwright.features.checking import Checker
from claimwright.features.intake import read_837

WHY = ("--reason", "the charge was confirmed")


@dataclass(frozen=True)
class Processed:
    """A store whose claims are processed, some of them in review."""

    store: Store
    folder: Path
    review: list[int]


@pytest.fixture(scope="module")
def processed(staged: Staging, checker: Checker) -> Iterator[Processed]:
    with staged.store.copied() as store:
        with store.open() as database:
            worker(database, staged.sealer, begun(database, 1_000), checker).work()
        kept = rows(store, "select claim_key from production.claims where route = 'review' order by 1")
        yield Processed(store, staged.folder, [int(str(row[0])) for row in kept])


@pytest.fixture
def run(processed: Processed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAIMWRIGHT_HOME", str(processed.folder / "home"))
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_URL", processed.store.address)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words, **more: CliRunner().invoke(app, list(words), **more)


def keys_in(output: str) -> list[int]:
    return [int(line.split()[0]) for line in output.splitlines() if line[:1].isdigit()]


def route_of(store: Store, key: int) -> str:
    found = rows(store, "select claim_key, route from production.claims")
    return str(next(route for claim, route in found if claim == key))


def test_a_decision_moves_the_claim_once_and_is_in_audit_log_history_and_outbox(
    run: Callable[..., Result], processed: Processed
) -> None:
    released, returned, other = processed.review[:3]
    assert run("review", "release", str(released), *WHY).exit_code == 0
    assert run("review", "return", str(returned), *WHY).exit_code == 0
    assert [route_of(processed.store, key) for key in (released, returned)] == ["production", "returned"]
    assert rows(
        processed.store,
        "select action, body::jsonb -> 'detail' ->> 'reason', body::jsonb -> 'detail' -> 'claim_keys'"
        " from platform.audit_log where action like 'review.%' order by sequence",
    ) == [("review.released", WHY[1], [released]), ("review.returned", WHY[1], [returned])]
    assert rows(
        processed.store,
        "select claim_key, state from production.claim_events where state in ('released', 'returned')"
        " order by state",
    ) == [(released, "released"), (returned, "returned")]
    assert value(processed.store, "select count(*) from platform.outbox where type like 'review.%'") == 2
    # Nobody decides a claim twice, and one that can't be decided keeps the others where they are.
    refused = run("review", "release", str(other), str(returned), *WHY)
    assert refused.exit_code == 2
    assert f"not in review: {returned}. Nothing was released" in refused.stderr
    assert route_of(processed.store, other) == "review"
    assert run("review", "release", str(other), "--reason", "ok").exit_code == 2
    assert route_of(processed.store, other) == "review"


def test_pages_of_a_list_are_the_whole_list_each_row_once(
    run: Callable[..., Result], processed: Processed
) -> None:
    whole = keys_in(run("claims", "list", "--limit", "1000").stdout)
    assert len(whole) == 160
    paged, after = [], 0
    while page := keys_in(run("claims", "list", "--limit", "60", "--after", str(after)).stdout):
        paged += page
        after = page[-1]
    assert paged == whole == sorted(set(whole))
    waiting = keys_in(run("review", "list", "--limit", "1000").stdout)
    assert waiting == keys_in(run("claims", "list", "--place", "review", "--limit", "1000").stdout)
    assert run("claims", "list", "--place", "limbo").exit_code == 2


def test_a_claim_is_found_by_its_number_and_the_audit_log_has_not_the_number(
    run: Callable[..., Result], processed: Processed
) -> None:
    number = read_837(processed.folder / "160-3.837").claims["claim_id"][4]
    found = run("claims", "find", "-", input=f"{number}\n")
    assert keys_in(found.stdout) == [5]
    assert run("claims", "find", "NOBODY").exit_code == 1
    logged = str(
        rows(processed.store, "select body from platform.audit_log where action = 'claims.searched'")
    )
    assert '"found":1' in logged
    assert number not in logged


def test_files_and_findings_are_listed_as_the_store_has_them(
    run: Callable[..., Result], processed: Processed
) -> None:
    assert "160" in run("files", "list").stdout
    assert "file 1 of facility FAC001" in run("files", "show", "1").stdout
    assert run("files", "show", "99").exit_code == 2
    code, claims = rows(
        processed.store,
        "select code, count(distinct claim_key) from production.findings group by 1 order by 2 desc limit 1",
    )[0]
    counted = next(line.split() for line in run("findings", "count").stdout.splitlines() if str(code) in line)
    assert counted[3] == str(claims)
    listed = keys_in(run("findings", "list", "--code", str(code), "--limit", "1000").stdout)
    assert len(set(listed)) == claims


def test_a_claim_is_shown_with_the_findings_of_its_run(
    run: Callable[..., Result], processed: Processed
) -> None:
    key = value(processed.store, "select min(claim_key) from production.claims where severity is null")
    with processed.store.open() as database, database.connect() as connection:
        connection.execute("select set_config('claimwright.tenant', 'default', false)")
        connection.execute(
            "insert into production.findings (received_on, claim_key, code, severity, snip, segment_id)"
            " select received_on, claim_key, 'SYN010', 'block', 1, 'CLM' from production.claims"
            " where claim_key = %s",
            [key],
        )
        connection.commit()
    shown = run("claims", "show", str(key), "--reason", "asked by the payer about it")
    assert shown.exit_code == 0, shown.output
    assert "SYN010" in shown.stdout
    assert "findings of the run that processed it" in shown.stdout
    assert (
        "SYN010"
        in run(
            "claims", "show", str(key), "--reason", "asked by the payer about it", "--as-of", "2025-09-15"
        ).stdout
    )


def test_an_edition_tells_how_many_stored_claims_it_touches(
    run: Callable[..., Result], processed: Processed, tmp_path: Path
) -> None:
    """Stored claims with a procedure whose unit limit changes are counted."""
    [[procedure, claims]] = rows(
        processed.store,
        "select procedure, count(distinct claim_key) from production.lines where procedure is not null"
        " group by 1 order by 2 desc, 1 limit 1",
    )
    first = min(
        str(row[0]) for row in rows(processed.store, "select min(service_from_on) from production.lines")
    )
    head = "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n"
    reference = tmp_path / "reference"
    load = ("reference", "load", "mue_dme", "--partial", "--store", str(reference))
    lasting = ("--effective-to", "2030-12-31")
    others = "".join(f"A{number:04},1,3,none\n" for number in range(2_000))
    for units in (1, 2):
        file = tmp_path / f"MCR_MUE_{units}.csv"
        file.write_text(f"{head}{procedure},{units},3,none\n{others}")
        if units == 1:
            assert run(*load, str(file), "--effective-from", "2024-01-01", *lasting).exit_code == 0
    folder = tmp_path / "new"
    folder.mkdir()
    file.rename(folder / "MCR_MUE_DMESupplierServices_Eff_04-01-2024.csv")
    result = run("reference", "update", str(folder), "--plan", "--store", str(reference))
    told = " ".join(result.output.split())
    assert first > "2024-04-01"
    assert (
        f"stored claims with services from 2024-04-01 on that have an ended or changed procedure: {claims}"
        in told
    )
