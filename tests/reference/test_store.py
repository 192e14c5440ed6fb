"""The store: versions come whole, the right one is in force, and what has changed since is noticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from tests.file_server import served
from typer.testing import CliRunner

from claimwright.apps.cli.main import app
from claimwright.engines.rules import compile_predicate
from claimwright.features.reference_data import (
    SETTING,
    ReferenceStoreError,
    default_store,
    load,
    reference_snapshot,
    update,
    verify,
)
from claimwright.reference import Coverage, ReferenceDataError, Snapshot, datasets, snapshot
from claimwright.reference import payer_lookups as payers
from claimwright.reference import procedure_lookups as pr
from claimwright.reference.tables import read_table
from claimwright.reference.versions import STARTER, packaged_versions

from .conftest import DAY, NOW

Put = Callable[[str, str | bytes], Path]
MUE = "hcpcs_code,mue_units,mue_mai\n"


def quarter(put: Put, store: Path, units: int, first: date) -> None:
    text = f"{MUE}36415,{units},3\n"
    load("mue_dme", [put(f"{units}.csv", text)], store, now=NOW, effective_from=first, partial=True)


def test_each_day_is_judged_by_its_own_version(put: Put, store: Path) -> None:
    quarter(put, store, 5, date(2026, 7, 1))
    quarter(put, store, 6, date(2026, 10, 1))
    known = snapshot(DAY, store)
    on = pl.Series([date(2026, 8, 1), date(2026, 10, 1), date(2027, 5, 1), date(2024, 8, 1)])
    codes = pl.Series(["36415"] * 4)
    # After its last day the newest goes on; the quarter that came with the package has no such code.
    assert pr.mue_units(known, "dme", codes, on).to_list() == [5, 6, 6, None]


def test_the_users_version_goes_before_that_of_the_package(put: Put, store: Path) -> None:
    quarter(put, store, 7, date(2024, 7, 1))
    known = snapshot(DAY, store)
    version = known.version("mue_dme", on=date(2024, 8, 1))
    assert version is not None
    assert not version.is_of_package
    assert known.coverage("mue_dme") is Coverage.PARTIAL


def test_the_same_file_is_stored_once(put: Put, store: Path) -> None:
    quarter(put, store, 7, date(2026, 10, 1))
    quarter(put, store, 7, date(2026, 10, 1))
    assert len(list(store.glob("mue_dme/*"))) == 1


def test_a_manifest_tells_everything_about_a_version(put: Put, store: Path) -> None:
    quarter(put, store, 7, date(2026, 10, 1))
    manifest = json.loads(next(store.glob("mue_dme/*/manifest.json")).read_text())
    assert manifest["dataset"] == "mue_dme"
    assert (manifest["effective_from"], manifest["effective_to"]) == ("2026-10-01", "2026-12-31")
    assert manifest["rows"] == 1
    assert manifest["coverage"] == "partial"
    assert len(manifest["sha256"]) == 64
    assert manifest["sources"][0].startswith("7.csv (sha256 ")


def test_what_is_half_written_is_in_force_for_nobody(put: Put, store: Path) -> None:
    """A process that was killed while loading leaves a folder whose name begins with a dot."""
    quarter(put, store, 7, date(2026, 10, 1))
    left = store / ".incoming-abc" / "2027-01-01_dead"
    left.mkdir(parents=True)
    (left / "table.parquet").write_bytes(b"half")
    assert [
        version.version for version in snapshot(DAY, store).versions("mue_dme") if not version.is_of_package
    ] == [next(store.glob("mue_dme/*")).name]


def test_a_failure_while_writing_leaves_nothing(
    put: Put, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("claimwright.features.reference_data.store.write_table", fail)
    with pytest.raises(ReferenceStoreError, match="No space left"):
        quarter(put, store, 7, date(2026, 10, 1))
    assert list(store.rglob("*.parquet")) == []
    assert snapshot(DAY, store).coverage("mue_dme") is Coverage.STARTER


def test_verify_notices_what_has_changed(put: Put, store: Path) -> None:
    quarter(put, store, 7, date(2026, 10, 1))
    assert [entry.problem for entry in verify(store) if entry.problem] == []
    table = next(store.glob("mue_dme/*/table.parquet"))
    data = bytearray(table.read_bytes())
    data[len(data) // 2] ^= 1
    table.write_bytes(bytes(data))
    (wrong,) = [entry for entry in verify(store) if entry.problem]
    assert "has changed" in wrong.problem


@pytest.mark.parametrize("damage", ["", "{}", '{"layout": 99}', '{"layout": 1, "dataset": "mue_dme"}'])
def test_a_damaged_manifest_is_told_and_not_passed_over(put: Put, store: Path, damage: str) -> None:
    quarter(put, store, 7, date(2026, 10, 1))
    next(store.glob("mue_dme/*/manifest.json")).write_text(damage)
    with pytest.raises(ReferenceDataError):
        snapshot(DAY, store)


def test_update_loads_what_it_recognises_and_goes_on_after_a_bad_file(
    put: Put, store: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "payers.csv").write_text("payer_id,name,filing_days\nACME,Acme,90\n")
    (folder / "MCR_MUE_DMESupplierServices_Eff_10-01-2026.csv").write_text(MUE + "bad,1,3\n")
    (folder / "holiday.txt").write_text("none of ours")
    outcomes = {entry.files[0].name: entry.outcome for entry in update(folder, store, now=NOW)}
    assert outcomes == {
        "payers.csv": "loaded",
        "MCR_MUE_DMESupplierServices_Eff_10-01-2026.csv": "refused",
        "holiday.txt": "unknown",
    }
    assert [entry.outcome for entry in update(folder, store, now=NOW) if entry.dataset == "payers"] == [
        "present"
    ]


def test_ones_own_tables_answer_lookups(put: Put, store: Path) -> None:
    for name, text in {
        "payers": "payer_id,claim_filing,name,filing_days\nACME,,Acme,90\nACME,MB,Acme for Medicare,120\n",
        "credentials": "npi,payer_id,valid_from,valid_to\n1234567893,ACME,2026-01-01,2026-06-30\n",
        "prior_authorization": (
            "payer_id,procedure_from,procedure_to,place_of_service\nACME,70450,70498,\n,27447,,21\n"
        ),
        "medical_necessity": "policy,payer_id,procedure,diagnosis_from,diagnosis_to\nL1,,83036,E08,E13\n",
        "frequency_limits": "payer_id,procedure,units,days\n,83036,4,365\nACME,83036,2,365\n",
        "facilities": "npi,name\n1234567893,Clinic\n",
    }.items():
        load(name, [put(f"{name}.csv", text)], store, now=NOW)
    known = snapshot(DAY, store)
    ids, filing = pl.Series(["ACME", "ACME", "OTHER"]), pl.Series(["CI", "MB", "MB"])
    assert payers.payer_limit(known, "filing_days", filing, ids).to_list() == [90, 120, 365]
    # A block of claims that all lack the kind of payer is answered like any other.
    [lookup] = compile_predicate(
        "payer_limit('filing_days', claim_filing_code, payer_id) > 0", "claim"
    ).lookups
    nothing = pl.Series([None, None, None], dtype=pl.String)
    assert lookup.answer(known, [nothing, ids]).to_list()[0] == 90
    npis, on = (
        pl.Series(["1234567893"] * 2 + ["1003000126"]),
        pl.Series([date(2026, 6, 30), date(2026, 7, 1), DAY]),
    )
    assert payers.provider_credentialed(known, npis, pl.Series(["ACME"] * 3), on).to_list() == [
        True,
        False,
        None,
    ]
    codes, places = pl.Series(["70460", "27447", "27447", "99213"]), pl.Series(["11", "21", "11", "11"])
    found = payers.authorization_needed(known, codes, pl.Series(["ACME"] * 4), places)
    assert found.to_list() == [True, True, False, False]
    lists = pl.Series([["I10", "E139"], ["I10"], ["E119"]])
    found = payers.necessity_supported(known, pl.Series(["83036", "83036", "99213"]), ids, lists)
    assert found.to_list() == [True, False, None]
    assert payers.frequency_limit(known, "units", pl.Series(["83036"] * 2), ids[1:]).to_list() == [2, 4]
    assert payers.facility_known(known, npis[1:]).to_list() == [True, False]


def test_excluded_providers_are_known_by_their_number(put: Put, store: Path) -> None:
    text = (
        "LASTNAME,FIRSTNAME,BUSNAME,NPI,STATE,EXCLTYPE,EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE\n"
        "DOE,JANE,,1234567893,OH,1128a1,20200101,00000000,00000000,\n"
    )
    load("excluded_providers", [put("UPDATED.csv", text)], store, now=NOW, partial=True)
    known = snapshot(DAY, store)
    npis = pl.Series(["1234567893", "1234567893", "1003000126", None])
    on = pl.Series([date(2020, 1, 1), date(2019, 12, 31), DAY, DAY])
    assert payers.provider_excluded(known, npis, on).to_list() == [True, False, False, None]


def test_zip_codes_answer_with_state_and_locality(put: Put, store: Path) -> None:
    line = "CA941100111205 05   0" + " " * 54 + "20254\n"
    load("zip_localities", [put("ZIP5_OCT2025.txt", line)], store, now=NOW, partial=True)
    known = snapshot(DAY, store)
    zips = pl.Series(["94110", "941101234", "10001"])
    assert payers.zip_state(known, zips).to_list() == ["CA", "CA", None]
    assert payers.zip_locality(known, zips).to_list() == ["01112-05", "01112-05", None]


def test_the_store_is_where_the_setting_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path / "mine"))
    assert default_store() == tmp_path / "mine"
    monkeypatch.delenv(SETTING)
    assert default_store().parts[-2:] == ("claimwright", "reference")
    assert reference_snapshot(DAY, tmp_path).store == tmp_path


# --- the package -------------------------------------------------------------------------------------------


def test_the_starter_pack_is_small() -> None:
    assert sum(path.stat().st_size for path in STARTER.iterdir()) < 8_000_000


def test_the_starter_pack_is_what_its_manifest_says(tmp_path: Path) -> None:
    assert [entry.problem for entry in verify(tmp_path) if entry.problem] == []


def test_every_dataset_says_how_much_there_is_of_it(known: Snapshot) -> None:
    described = known.describe()
    assert described["dataset"].to_list() == list(datasets())
    assert set(described["coverage"]) == {"full", "starter", "none"}
    named = described.filter(pl.col("coverage") != "none")
    assert named.select(pl.col("source", "sha256", "rows").null_count()).row(0) == (0, 0, 0)
    for name, entry in datasets().items():
        assert known.table(name).collect_schema() == pl.Schema(entry.schema), name
    assert "starter pack of ncci_practitioner" in known.sentence()


def test_only_the_commonest_procedures_of_cpt_are_in_the_pairs(known: Snapshot, repo_root: Path) -> None:
    lines = (repo_root / "scripts" / "commonest_procedures.txt").read_text().splitlines()
    commonest = {code for line in lines if not line.startswith("#") for code in line.split()}
    pairs = known.table("ncci_practitioner").collect()
    codes = set(pairs["column_1"]) | set(pairs["column_2"])
    assert {code for code in codes if code[0].isdigit()} <= commonest


def test_codes_of_the_package_do_not_overlap_in_time(known: Snapshot) -> None:
    for name in ("icd10cm", "icd10cm_edits", "icd10pcs", "ms_drg"):
        table = known.table(name).collect()
        key = table.columns[0]
        ordered = table.filter(pl.col("valid_from").is_not_null()).sort(key, "valid_from")
        ended = pl.col("valid_to").shift(1).over(key)
        assert ordered.filter(ended >= pl.col("valid_from")).height == 0, name
        assert ordered.filter(ended.is_null() & (pl.int_range(pl.len()).over(key) > 0)).height == 0, name


def test_packaged_versions_of_the_fee_schedule_follow_each_other() -> None:
    versions = [version for version in packaged_versions() if version.dataset == "physician_fee_schedule"]
    for one, following in pairwise(versions):
        assert one.effective_to is not None
        assert following.effective_from == one.effective_to + timedelta(days=1)


def test_a_packaged_version_says_how_many_rows_its_table_has() -> None:
    said = {version: version.rows for version in packaged_versions() if version.rows >= 0}
    assert said == {version: read_table(version).height for version in said}


# --- the terminal ------------------------------------------------------------------------------------------


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["reference", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_terminal_loads_lists_and_verifies(
    put: Put, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Rows are looked for as they are, not as a narrow terminal folds them.
    monkeypatch.delenv("COLUMNS", raising=False)
    file = put("payers.csv", "payer_id,name,filing_days\nACME,Acme,90\n")
    assert run("load", "payers", file, "--store", store) == (0, "payers: 1 rows (full), in force always.\n")
    status, text = run("list", "--store", store)
    assert status == 0
    assert "payers" in text
    assert "starter" in text
    assert "yours: payers.csv" in text.replace("\n", " ")
    assert run("verify", "--store", store)[0] == 0


def test_the_terminal_refuses_with_the_line(put: Put, store: Path) -> None:
    file = put("payers.csv", "payer_id,name,filing_days\nACME,Acme,ninety\n")
    status, text = run("load", "payers", file, "--store", store)
    assert status == 2
    assert "payers.csv:2: filing_days is not a whole number" in text
    assert "stays in force" in text
    assert run("load", "nothing", file)[0] == 2
    assert run("update", store / "nowhere", "--store", store)[0] == 2


def test_the_terminal_updates_from_a_folder(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "payers.csv").write_text("payer_id,name,filing_days\nACME,Acme,90\n")
    status, text = run("update", folder, "--store", store)
    assert status == 0
    assert "1 loaded" in text


def test_the_terminal_updates_from_an_address(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "payers.csv").write_text("payer_id,name,filing_days\nACME,Acme,90\n")
    with served(folder) as address:
        assert run("update", f"{address}/payers.csv", "--plan", "--store", store)[0] == 0
        assert not store.exists()
        status, text = run("update", f"{address}/payers.csv?session=secret", "--store", store)
        assert status == 0
        assert "1 loaded from payers.csv" in text.replace("\n", " ")
        assert "secret" not in text
        assert snapshot(DAY, store).table("payers").collect()["payer_id"].to_list() == ["ACME"]
        status, text = run("update", f"{address}/nothing.csv", "--store", store)
    assert status == 2
    assert "the server answers 404" in text


def test_without_a_folder_update_tells_which_files_to_get(store: Path) -> None:
    status, text = run("update", "--store", store)
    assert status == 1
    told = text.replace("\n", " ")
    assert "excluded_providers (absent): UPDATED.csv" in told
    assert "ncci_practitioner (starter, ended 2024-09-30): ccipra-" in told
    assert "published datasets to download" in told
    assert "credentials" not in told, "nobody publishes one's own tables"


def test_the_list_says_what_to_load_for_what_is_not_there(store: Path) -> None:
    text = " ".join(run("list", "--store", store)[1].split())
    assert "none" in text
    assert "UPDATED.csv" in text


def test_a_table_of_an_older_release_lacks_columns_and_is_read(put: Put, store: Path) -> None:
    """Lists of prior authorization had no column that tells authorizations from referrals."""
    file = put("prior_authorization.csv", "payer_id,procedure_from,procedure_to\nACME,70450,70498\n")
    version = load("prior_authorization", [file], store, now=NOW)
    pl.read_parquet(version.path).drop("needs").write_parquet(version.path)
    known = snapshot(DAY, store)
    asked = (pl.Series(["70460"]), pl.Series(["ACME"]), pl.Series(["11"]))
    assert payers.authorization_needed(known, *asked).to_list() == [True]
    assert payers.referral_needed(known, *asked).to_list() == [False]


def test_one_list_tells_authorizations_from_referrals(put: Put, store: Path) -> None:
    text = (
        "payer_id,procedure_from,procedure_to,needs\nACME,70450,70498,authorization\nACME,99202,99215,referral\n"
        "ACME,70450,70498,referral\n"
    )
    load("prior_authorization", [put("prior_authorization.csv", text)], store, now=NOW)
    known = snapshot(DAY, store)
    asked = (pl.Series(["70460", "99213"]), pl.Series(["ACME"] * 2), pl.Series(["11"] * 2))
    assert payers.authorization_needed(known, *asked).to_list() == [True, False]
    assert payers.referral_needed(known, *asked).to_list() == [True, True]


def test_a_member_number_is_held_against_its_payers_pattern(put: Put, store: Path) -> None:
    text = "payer_id,name,member_id_pattern\nACME,Acme,[A-Z]{3}[0-9]{9}\nODD,Odd,[A-Z\n"
    load("payers", [put("payers.csv", text)], store, now=NOW)
    known = snapshot(DAY, store)
    numbers = pl.Series(["ABC123456789", "ABC12345678", "xABC123456789", None, "anything", "anything"])
    ids, filing = pl.Series(["ACME"] * 4 + ["ODD", "OTHER"]), pl.Series(["CI"] * 6)
    assert payers.member_id_fits(known, numbers, filing, ids).to_list() == [
        True,
        False,
        False,
        None,
        None,
        None,
    ]


def test_a_waived_exclusion_is_none(put: Put, store: Path) -> None:
    text = (
        "LASTNAME,FIRSTNAME,BUSNAME,NPI,STATE,EXCLTYPE,EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE\n"
        "DOE,JANE,,1234567893,OH,1128a1,20200101,00000000,20210101,OH\n"
    )
    load("excluded_providers", [put("UPDATED.csv", text)], store, now=NOW, partial=True)
    npis, on = pl.Series(["1234567893"] * 2), pl.Series([date(2020, 12, 31), date(2021, 1, 1)])
    assert payers.provider_excluded(snapshot(DAY, store), npis, on).to_list() == [True, False]
