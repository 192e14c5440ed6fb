"""A masked copy is the same store with nobody's data in it, under keys of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from tests.database_server import Store, new_store
from tests.features.pipeline.bench_of_claims import TENANT, called, environment_of, rows, sealer_of, value
from tests.leaks.test_planted_phi import MARK, NEEDLES, broken, planted, rows_of

from claimwright.engines.x12 import Records, read_records
from claimwright.platform.database import EmbeddedServer
from claimwright.platform.phi import PhiError
from claimwright.store.masked_tables import LEFT_OUT, TABLES, expression
from claimwright.store.sealed_claims import context_of

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Copy:
    """A store with planted data, its masked copy, and how the commands get at each."""

    original: Store
    masked: Store
    folder: Path
    environment: dict[str, str]
    in_copy: dict[str, str]
    said: str

    @property
    def home(self) -> Path:
        return self.folder / "copy"


@pytest.fixture(scope="module")
def copy(
    server: EmbeddedServer, template: str, samples: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Copy]:
    tmp_path = tmp_path_factory.mktemp("original")
    with new_store(server, template) as store, new_store(server, None) as bare_store:
        yield copied(store, bare_store, samples, tmp_path)


def copied(store: Store, bare_store: Store, samples: Path, tmp_path: Path) -> Copy:
    """A store with planted data, of which one record does not open, and claims that wait; and its copy."""
    environment = environment_of(store, tmp_path)

    def call(*words: object) -> str:
        done = called(list(map(str, words)), environment)
        assert done.returncode in {0, 1}, done.stderr
        return done.stdout

    sample = (samples / "professional.837").read_text()
    for name, text in (
        ("good", planted(sample)),
        ("broken", broken(sample)),
        ("later", planted((samples / "dental.837").read_text())),
    ):
        (tmp_path / f"{name}.837").write_text(text, encoding="utf-8")
    call("intake", tmp_path / "good.837", "--facility", "FAC001")
    call("intake", tmp_path / "broken.837", "--facility", "FAC002")
    with psycopg.connect(store.superuser) as connection:
        connection.execute("update staging.records set sealed = '' where claim_key = 7")
    call("run", "--workers", "1", "--as-of", "2025-09-15")
    call("intake", tmp_path / "later.837", "--facility", "FAC003")
    said = call("db", "mask", tmp_path / "copy", "--url", _url(bare_store), "--837", tmp_path / "masked.837")
    in_copy = environment | {
        "CLAIMWRIGHT_HOME": str(tmp_path / "copy"),
        "CLAIMWRIGHT_DATABASE_URL": _url(bare_store),
    }
    return Copy(store, bare_store, tmp_path, environment, in_copy, said)


def _url(store: Store) -> str:
    return store.superuser


def opened(copy: Copy) -> Records:
    found = rows(
        copy.masked,
        "select claim_key, heading_bytes, provider_bytes, sealed from staging.records"
        " where claim_key <> 7 order by claim_key",
    )
    keys, headings, providers, sealed = (list(column) for column in zip(*found, strict=True))
    # `sealer_of` looks for the keys in a folder's `home`.
    (copy.folder / "of-copy").mkdir()
    (copy.folder / "of-copy" / "home").symlink_to(copy.home)
    sealer = sealer_of(copy.masked, copy.folder / "of-copy")
    return Records(sealer.open(sealed, [context_of(TENANT, key) for key in keys]), headings, providers)


def test_a_masked_copy_holds_every_row_and_nobodys_data(copy: Copy) -> None:
    claims = value(copy.original, "select count(*) from staging.records")
    assert f"{claims} masked claims of 1 tenants are in" in copy.said
    assert "1 of them could not be read" in copy.said
    # Every table that the list names has as many rows, and what must not change has not.
    for table in TABLES:
        count = f"select count(*) from {table}"  # noqa: S608 - names of the list
        assert value(copy.masked, count) == value(copy.original, count), table
    for amounts in (
        "select sum(total_charge), sum(expected), min(claim_key), max(claim_key) from production.claims",
        "select count(*), sum(charge), sum(allowed), count(distinct basis) from production.lines",
        "select count(distinct number), count(content), max(version) from staging.claim_keys"
        # Which number claim 7 had, nobody knows any more.
        " where claim_key <> 7",
        "select sum(length(code)), count(distinct severity) from production.findings",
        "select sum(dead), sum(claims) from pipeline.chunks",
    ):
        assert rows(copy.masked, amounts) == rows(copy.original, amounts)

    # Nothing that was planted is in a row, and nothing is in a record once it is open.
    told = dict(rows_of(copy.masked))
    assert [table for table, text in told.items() if NEEDLES.search(text.encode())] == []
    texts = opened(copy).texts
    assert len(texts) > 80
    assert [text for text in texts if NEEDLES.search(text)] == []
    assert not NEEDLES.search((copy.folder / "masked.837").read_bytes())
    assert not list((copy.home / "objects").glob("**/*.*"))
    people = read_records(opened_again(texts, copy)).claims
    assert people["subscriber_name"].str.contains(r"^Patient_\d{3}$").all()
    assert people["subscriber_birth_on"].drop_nulls().dt.ordinal_day().unique().to_list() == [1]
    # The same claims, opened with the keys of production, would have held it.
    assert MARK.encode() in (copy.folder / "good.837").read_bytes()


def opened_again(texts: list[bytes], copy: Copy) -> Records:
    sizes = rows(
        copy.masked,
        "select heading_bytes, provider_bytes from staging.records where claim_key <> 7 order by claim_key",
    )
    return Records(texts, [int(str(each[0])) for each in sizes], [int(str(each[1])) for each in sizes])


def test_a_masked_copy_can_not_be_opened_by_production_or_compared_with_it(copy: Copy) -> None:
    [(key, sealed)] = rows(
        copy.masked, "select claim_key, sealed from staging.records order by claim_key limit 1"
    )
    assert isinstance(sealed, bytes | memoryview)
    production = sealer_of(copy.original, copy.folder)
    with pytest.raises(PhiError):
        production.open([bytes(sealed)], [context_of(TENANT, int(str(key)))])
    for query in ("select number from staging.claim_keys", "select digest from staging.files"):
        assert not set(rows(copy.masked, query)) & set(rows(copy.original, query))
    assert value(copy.masked, "select count(object) from staging.files") == 0
    days = "select distinct to_char(service_from_on, 'MMDD') from {} where service_from_on is not null"
    for table in ("production.claims", "production.lines", "staging.claims"):
        assert rows(copy.masked, days.format(table)) == [("0101",)], table
    assert value(copy.masked, "select count(*) from platform.audit_log") == 1
    assert value(copy.masked, "select count(*) from platform.outbox") == 0
    log = "select count(*) from platform.audit_log where action = 'copy.masked'"
    assert value(copy.original, log) == 1


def test_a_masked_copy_works(copy: Copy) -> None:
    ran = called(["run", "--workers", "1", "--as-of", "2025-09-15"], copy.in_copy)
    assert "15 claims" in ran.stdout, ran.stdout + ran.stderr
    listed = called(["runs"], copy.in_copy)
    assert re.findall(r"^(\d) +done", listed.stdout, re.MULTILINE) == ["2", "1"]
    # What it has, it refuses, as its original would: the numbers are masked, and equal where they were equal.
    again = called(["intake", str(copy.folder / "masked.837"), "--facility", "FAC001"], copy.in_copy)
    [refused] = re.findall(r"(\d+) refused \(claim number used before\)", again.stdout)
    assert int(refused) >= 40
    # A new claim has a key of its own.
    last = int(str(value(copy.original, "select max(claim_key) from staging.claim_keys")))
    assert int(str(value(copy.masked, "select max(claim_key) from staging.claim_keys"))) > last
    assert called(["audit", "verify"], copy.in_copy).returncode == 0


def test_a_copy_is_made_nowhere_where_something_is(copy: Copy) -> None:
    for words in (
        ["db", "mask", str(copy.home)],
        ["db", "mask", str(copy.folder / "new"), "--url", _url(copy.masked)],
    ):
        refused = called(words, copy.environment)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1), refused.stderr
        assert "empty" in refused.stderr


def test_what_nobody_has_said_stays_behind() -> None:
    assert expression("production.claims", "nickname", "text", True) == "null::text"
    assert expression("production.claims", "nickname", "text", False) is None
    assert expression("production.claims", "birthday", "date", True) == "null::date"
    assert not set(TABLES) & set(LEFT_OUT)
