"""Files into the store: once, sealed, half of what is half bad; what came before is refused."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import (
    CALLER,
    TENANT,
    Shelf,
    called,
    contents,
    environment_of,
    rows,
    sample,
    sealer_of,
    stage,
    value,
)

from claimwright.domain.caller import Caller
from claimwright.engines.prediction import same_services
from claimwright.engines.x12 import Records, read_records
from claimwright.features.claims import claims_numbered, claims_of_patient
from claimwright.features.intake import FileKeptError, Intake, Staged, index_claims, read_837, tell
from claimwright.platform.database import Connection
from claimwright.platform.phi import Sealer
from claimwright.store.sealed_claims import context_of


@pytest.fixture
def sealer(store: Store, tmp_path: Path) -> Sealer:
    return sealer_of(store, tmp_path)


@pytest.fixture
def professional(samples: Path) -> bytes:
    return (samples / "professional.837").read_bytes()


def opened(store: Store, sealer: Sealer) -> Records:
    found = rows(
        store,
        "select claim_key, heading_bytes, provider_bytes, sealed from staging.records order by claim_key",
    )
    keys, headings, providers, sealed = (list(column) for column in zip(*found, strict=True))
    texts = sealer.open(sealed, [context_of(TENANT, key) for key in keys])
    return Records(texts, headings, providers)


def test_what_is_staged_opens_as_what_was_in_the_file(
    store: Store, sealer: Sealer, samples: Path, professional: bytes
) -> None:
    with store.open() as database:
        staged = stage(database, sealer, professional)
    batch = read_837(samples / "professional.837")
    assert (staged.claims, staged.staged, staged.refused) == (40, 40, {})
    assert staged.charge == batch.claims["total_charge"].sum()
    again = read_records(opened(store, sealer))
    for name in ("claim_id", "total_charge", "subscriber_name", "payer_name", "billing_npi"):
        assert again.claims[name].equals(batch.claims[name]), name
    assert again.lines["procedure"].equals(batch.lines["procedure"])


def test_a_record_opens_for_its_own_claim_and_tenant_alone(
    store: Store, sealer: Sealer, professional: bytes
) -> None:
    from claimwright.platform.phi import PhiSealError

    with store.open() as database:
        stage(database, sealer, professional)
    sealed = value(store, "select sealed from staging.records where claim_key = 1")
    assert isinstance(sealed, bytes)
    for context in (context_of(TENANT, 2), context_of("other", 1)):
        with pytest.raises(PhiSealError):
            sealer.open([sealed], [context])


def test_the_file_is_kept_once_sealed_and_comes_back_whole(
    store: Store, sealer: Sealer, professional: bytes
) -> None:
    shelf = Shelf()
    with store.open() as database:
        door = Intake(database, sealer, shelf, tell)
        first = door.stage(CALLER, [professional], facility="FAC001")
        kept = dict(shelf.objects)
        again = door.stage(CALLER, [professional], facility="FAC001")
    assert again.earlier == first.file_id
    assert shelf.objects == kept
    names = sorted(kept)
    content = sealer.open([kept[name] for name in names], [name.encode() for name in names])
    assert b"".join(content) == professional


def test_files_on_one_connection_are_a_transaction_each(
    store: Store, sealer: Sealer, professional: bytes
) -> None:
    def lost() -> Iterator[bytes]:
        yield professional[:5000]
        raise OSError("the disk is gone")

    with store.open() as database, database.connect() as connection:
        door = Intake(database, sealer, Shelf(), tell)
        first = door.stage(CALLER, [professional], facility="FAC001", on=connection)
        with pytest.raises(OSError, match="disk"):
            door.stage(CALLER, lost(), facility="FAC002", on=connection)
        last = door.stage(CALLER, [professional + b"\n"], facility="FAC003", on=connection)
        assert not connection.closed
    assert (first.staged, last.staged) == (40, 40)
    assert value(store, "select string_agg(facility, ' ' order by facility) from staging.files") == (
        "FAC001 FAC003"
    )


def test_a_content_that_comes_for_two_facilities_at_once_is_staged_once(
    store: Store, sealer: Sealer, professional: bytes
) -> None:
    both_are_read = threading.Barrier(2)

    def coming() -> Iterator[bytes]:
        yield professional
        both_are_read.wait(60)

    with store.open() as database, ThreadPoolExecutor(2) as pool:
        door = Intake(database, sealer, Shelf(), tell)
        done = list(
            pool.map(lambda facility: door.stage(CALLER, coming(), facility=facility), ("FAC001", "FAC002"))
        )
    [first] = [each for each in done if each.earlier is None]
    [same] = [each for each in done if each.earlier is not None]
    assert (first.staged, same.staged, same.earlier) == (40, 0, first.file_id)
    assert same.earlier_facility == first.facility


def test_a_claim_number_that_the_facility_has_used_is_refused_with_a_pointer(
    store: Store, sealer: Sealer, professional: bytes
) -> None:
    other = professional.replace(b"*0*T*:~", b"*1*T*:~", 1)
    assert other != professional
    with store.open() as database:
        stage(database, sealer, professional)
        before = contents(store)
        again = stage(database, sealer, other)
        assert again.refused == {"claim number used before": 40}
        assert contents(store) == before
        # Another facility numbers its claims by itself.
        assert stage(database, sealer, other.replace(b"*1*T*:~", b"*1*P*:~"), "FAC002").staged == 40
    pointers = rows(store, "select position, first_key from staging.refusals order by position")
    assert pointers == [(position, position) for position in range(1, 41)]


def test_a_claim_to_the_second_payer_is_not_the_claim_to_the_first(
    store: Store, sealer: Sealer, professional: bytes
) -> None:
    # The payer's turn of subscribers, not that of other payers, which comes after the claim.
    second = re.sub(rb"(HL\*\d+\*\d+\*22\*\d~\s*SBR\*)P", rb"\1S", professional)
    moved = professional.count(b"SBR*S*") - second.count(b"SBR*S*")
    with store.open() as database:
        stage(database, sealer, professional)
        staged = stage(database, sealer, second).staged
    assert staged == -moved


def resubmitted(content: bytes, frequency: bytes, number: bytes) -> bytes:
    """The first claim of a file sent again under another frequency, in an interchange of its own number."""
    text = re.sub(rb"(CLM\*[^~]*\*\d\d:B:)1", rb"\g<1>" + frequency, content, count=1)
    return text.replace(b"*000000017*0*", b"*" + number + b"*0*", 1)


def test_a_resubmission_is_the_next_version_and_names_the_one_before(
    store: Store, sealer: Sealer, professional: bytes
) -> None:
    with store.open() as database:
        stage(database, sealer, professional)
        replaced = stage(database, sealer, resubmitted(professional, b"7", b"000000018"))
        again = stage(database, sealer, resubmitted(professional, b"7", b"000000019"))
        voided = stage(database, sealer, resubmitted(professional, b"8", b"000000020"))
    assert (replaced.staged, replaced.refused) == (1, {"claim number used before": 39})
    assert again.refused == {"claim number used before": 39, "resubmitted before": 1}
    assert voided.staged == 1
    chain = rows(
        store,
        "select version, claim_key, original_key from staging.claim_keys where number = "
        "(select number from staging.claim_keys where claim_key = 1) order by version",
    )
    keys = [key for _, key, _ in chain]
    assert chain == [(1, keys[0], None), (2, keys[1], keys[0]), (3, keys[2], keys[1])]
    assert rows(store, "select version, original_key from staging.claims where version > 1") == [
        (2, keys[0]),
        (3, keys[1]),
    ]


def test_resubmissions_are_looked_up_without_passing_over_all_that_the_facility_has_sent(
    store: Store, sealer: Sealer, tmp_path: Path
) -> None:
    read: list[tuple[int, int]] = []

    def counted(_: Caller, connection: Connection, _staged: Staged) -> None:
        found = connection.execute(
            "select seq_tup_read, idx_tup_fetch from pg_stat_xact_all_tables "
            "where relid = 'staging.claim_keys'::regclass"
        ).fetchone()
        assert found is not None
        read.append(found)

    with store.open() as database:
        with database.transaction(CALLER) as connection:
            connection.execute(
                "insert into staging.claim_keys (facility, number, version, claim_key, file_id) "
                "select 'FAC001', sha256(each::text::bytea), 1, 1000000 + each, 1 "
                "from generate_series(1, 20000) each"
            )
        content = sample(tmp_path, 3000)
        staged = Intake(database, sealer, Shelf(), counted).stage(CALLER, [content], facility="FAC001")
    [(passed_over, fetched)] = read
    assert value(store, "select count(*) > 20 from staging.claim_keys where content is not null")
    assert (staged.claims, passed_over) == (3000, 0)
    assert fetched < 1000


def test_how_often_services_came_before_is_counted_through_files_and_facilities(
    store: Store, sealer: Sealer, samples: Path, professional: bytes
) -> None:
    named = same_services(read_837(samples / "professional.837"))
    assert named.n_unique() == len(named) == 40
    with store.open() as database:
        stage(database, sealer, professional)
        assert value(store, "select count(*) from staging.sent_before") == 0
        stage(database, sealer, professional.replace(b"CLM*", b"CLM*X"), "FAC002")
        # Twice in one file, and one of its claims has other services.
        twice = professional.replace(b"CLM*", b"CLM*Y") + professional.replace(b"CLM*", b"CLM*Z")
        first = re.search(rb"SV1\*HC:(\w+)", twice)
        assert first is not None
        twice = twice.replace(first[0], b"SV1*HC:00001", 1).replace(b"*000000017*0*", b"*000000018*0*", 1)
        assert stage(database, sealer, twice).staged == 80
    found = rows(store, "select times, count(*) from staging.sent_before group by times order by times")
    # 40 of the second file; 39 and the one of the fourth copy whose third was changed; 39.
    assert found == [(1, 40), (2, 40), (3, 39)]
    keys = [key for (key,) in rows(store, "select claim_key from staging.sent_before where times = 3")]
    assert min(map(int, map(str, keys))) > 120
    assert value(store, "select count(*) from staging.services where length(services) = 16") == 41
    # Another tenant counts for itself.
    with store.open() as database:
        Intake(database, sealer, Shelf(), tell).stage(
            CALLER.of_tenant("other"), [professional], facility="FAC001"
        )
    assert value(store, "select count(*) from staging.sent_before where tenant = 'other'") == 0


def test_a_file_that_is_taken_in_again_counts_nothing(
    store: Store, sealer: Sealer, professional: bytes
) -> None:
    with store.open() as database:
        stage(database, sealer, professional)
        stage(database, sealer, professional)
        stage(database, sealer, professional, "FAC002")
        stage(database, sealer, professional + b"\n")
    assert value(store, "select max(times) from staging.services") == 1


def test_two_claims_of_one_number_in_a_file_are_one_and_a_refusal(
    store: Store, sealer: Sealer, professional: bytes
) -> None:
    numbers = re.findall(rb"CLM\*([^*]+)\*", professional)
    content = professional.replace(numbers[1], numbers[0], 1)
    with store.open() as database:
        staged = stage(database, sealer, content)
    assert staged.refused == {"claim number used before": 1}
    assert rows(store, "select position, first_key from staging.refusals") == [(2, 1)]


def test_half_a_file_is_half_staged_and_says_so(store: Store, sealer: Sealer, professional: bytes) -> None:
    half = professional[: len(professional) // 2]
    with store.open() as database:
        staged = stage(database, sealer, half)
    assert 0 < staged.staged < 40
    assert staged.faults > 0
    assert not staged.is_whole
    assert value(store, "select faults from staging.files") == staged.faults


def test_what_goes_wrong_in_the_middle_leaves_nothing(
    store: Store, sealer: Sealer, professional: bytes
) -> None:
    class Full(Shelf):
        def put_new(self, key: str, content: bytes) -> bool:
            raise OSError("no room")

    with store.open() as database:
        with pytest.raises(OSError, match="no room"):
            Intake(database, sealer, Full(), tell).stage(CALLER, [professional], facility="FAC001")
        assert value(store, "select count(*) from staging.claim_keys") == 0
        assert value(store, "select count(*) from staging.files") == 0
        assert stage(database, sealer, professional).staged == 40


def test_a_stored_file_is_never_overwritten(store: Store, sealer: Sealer, professional: bytes) -> None:
    """As after the restore of an older backup, when numbers of files are given out again."""
    shelf = Shelf({f"files/default/{number}/000000": b"kept" for number in range(1, 4)})
    with store.open() as database:
        with pytest.raises(FileKeptError, match="Restore a newer backup"):
            Intake(database, sealer, shelf, tell).stage(CALLER, [professional], facility="FAC001")
        assert value(store, "select count(*) from staging.claim_keys") == 0
    assert set(shelf.objects.values()) == {b"kept"}


def test_a_correlation_id_leads_from_the_door_to_the_last_row(
    store: Store, sealer: Sealer, professional: bytes
) -> None:
    with store.open() as database:
        staged = stage(database, sealer, professional)
    for table in ("staging.files", "staging.claims", "production.claim_events"):
        found = rows(store, "select distinct correlation_id from TABLE".replace("TABLE", table))
        assert found == [(staged.correlation_id,)], table
    assert value(store, "select correlation_id from platform.audit_log") == str(staged.correlation_id)
    assert value(store, "select correlation_id from platform.outbox") == str(staged.correlation_id)


@pytest.mark.slow
def test_the_commands_take_tables_and_files_in_and_say_what_became_of_them(
    store: Store, tmp_path: Path, samples: Path
) -> None:
    environment = environment_of(store, tmp_path)
    tables = tmp_path / "tables"
    called(["convert", str(samples / "dental.837"), "--to", "csv", "--out", str(tables)], environment)
    taken = called(["intake", str(tables), "--facility", "FAC001"], environment)
    assert "15 of 15 claims staged" in taken.stdout, taken.stdout + taken.stderr
    # The tables say all that the file said, to the byte, so the file is known by now.
    same = called(["intake", str(samples / "dental.837"), "--facility", "FAC001"], environment)
    assert same.returncode == 1
    assert "has the same content" in same.stdout
    missing = called(["intake", str(tmp_path / "none.837"), "--facility", "FAC001"], environment)
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)


def test_a_damaged_file_and_one_of_another_format_keep_no_other_file_of_the_folder_out(
    store: Store, tmp_path: Path, samples: Path, professional: bytes
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.837.gz").write_bytes(gzip.compress(professional)[:2_000])
    (inbox / "b.837").write_bytes(b"%PDF-1.4")
    (inbox / "c.837").write_bytes((samples / "dental.837").read_bytes())
    environment = environment_of(store, tmp_path)
    taken = called(["intake", str(inbox), "--facility", "FAC001"], environment)
    assert taken.returncode == 1, taken.stderr
    assert "Traceback" not in taken.stderr
    assert "15 of 15 claims staged" in taken.stdout
    assert [line for line in taken.stderr.splitlines() if "b.837: this is a PDF document" in line]
    # What came before the damage is staged, and the damage is a finding of the file.
    assert value(store, "select count(*) from staging.findings where code = 'SYN086'") == 1
    alone = called(["intake", str(inbox / "b.837"), "--facility", "FAC001"], environment)
    assert (alone.returncode, alone.stdout) == (2, "")


def test_claims_are_found_by_their_member_also_those_that_came_before_members_were_indexed(
    store: Store, sealer: Sealer, samples: Path, professional: bytes
) -> None:
    claims = read_837(samples / "professional.837").claims
    member = claims["subscriber_member_id"].drop_nulls()[0]
    own = claims.filter(subscriber_member_id=member)["claim"].to_list()
    typed = f" {member[:3].lower()}-{member[3:]}"
    with store.open() as database:

        def found(wanted: str) -> list[int]:
            with database.transaction(CALLER) as connection:
                return [each.position for each in claims_numbered(CALLER, connection, sealer, wanted)]

        stage(database, sealer, professional)
        assert found(member) == found(typed) == own
        assert found(member + "0") == []
        with database.transaction(CALLER) as connection:
            connection.execute("update staging.claim_keys set member = null, patient = null")
        assert found(member) == []
        with database.transaction(CALLER) as connection:
            assert index_claims(CALLER, connection, sealer) == len(claims)
            assert index_claims(CALLER, connection, sealer) == 0
        assert found(member) == own
    kept = rows(store, "select member from staging.claim_keys where length(member) > 0")
    assert all(len(index) == 16 for (index,) in kept)


def test_claims_are_found_by_patient_and_npi_where_the_patient_may_be_seen(
    store: Store, sealer: Sealer, samples: Path, professional: bytes
) -> None:
    claims = read_837(samples / "professional.837").claims
    who = claims.select(
        "claim", "billing_npi", "rendering_npi", "dependent_name",
        last=pl.coalesce("dependent_name", "subscriber_name"),
        first=pl.when(pl.col("dependent_name").is_null())
        .then("subscriber_first_name").otherwise("dependent_first_name"),
    )  # fmt: skip
    child = who.filter(pl.col("dependent_name").is_not_null()).row(0, named=True)
    of_child = who.filter(last=child["last"], first=child["first"])["claim"].to_list()
    npi = next(each for each in who["rendering_npi"] if each and each.isdigit() and len(each) == 10)
    of_npi = who.filter((pl.col("rendering_npi") == npi) | (pl.col("billing_npi") == npi))["claim"].to_list()
    with store.open() as database:
        stage(database, sealer, professional)

        def found(name: str, *, is_seen: bool = True) -> list[int]:
            def decide(facility: str, labels: frozenset[str]) -> tuple[dict[str, bool], dict[str, str]]:
                return {"identity": is_seen}, {}

            with database.transaction(CALLER) as connection:
                return [
                    each.position
                    for each in claims_of_patient(CALLER, connection, sealer, name, decide=lambda _: decide)
                ]

        def numbered(number: str) -> list[int]:
            with database.transaction(CALLER) as connection:
                return [each.position for each in claims_numbered(CALLER, connection, sealer, number)]

        def everything_is_found() -> None:
            assert found(f"{child['last']}, {child['first']}") == of_child
            assert found(f"{child['first']} {child['last']}".lower()) == of_child
            assert numbered(npi) == of_npi

        everything_is_found()
        assert found(f"{child['last']}, {child['first']}", is_seen=False) == []
        assert found(child["last"]) == []
        with database.transaction(CALLER) as connection:
            connection.execute(
                "update staging.claim_keys set patient = null, billing_npi = null, provider_npi = null"
            )
        assert (found(f"{child['last']}, {child['first']}"), numbered(npi)) == ([], [])
        with database.transaction(CALLER) as connection:
            assert index_claims(CALLER, connection, sealer) == len(claims)
        everything_is_found()
    log = rows(store, "select body from platform.audit_log where action = 'claims.searched'")
    assert len(log) == 10
    assert child["last"].upper() not in str(log).upper()
