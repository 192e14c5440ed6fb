"""The fee schedule data that is shipped: what it holds, and that it is what CMS's files give."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path

import polars as pl
import pytest

from claimwright.reference.fee_schedules import FeeScheduleError, fee_schedules, read_fee_schedules

BUILT = [
    *(f"relative_values_{year}.parquet" for year in range(2020, 2027)),
    "gpci.csv",
    "anesthesia_conversion_factors.csv",
    "schedules.csv",
    "single_locality_states.csv",
    "anesthesia_base_units.csv",
]


def test_the_shipped_files_are_what_the_script_makes_of_cms_s(
    shared_data: Path, repo_root: Path, tmp_path: Path
) -> None:
    script = repo_root / "scripts" / "build_fee_schedules.py"
    source = shared_data / "reference" / "mpfs"
    subprocess.run(
        [sys.executable, str(script), "--source", str(source), "--target", str(tmp_path)], check=True
    )
    shipped = resources.files("claimwright.reference") / "pricing"
    for name in BUILT:
        if name.endswith(".csv"):
            assert (tmp_path / name).read_bytes() == (shipped / name).read_bytes(), name
        else:
            made = pl.read_parquet(tmp_path / name)
            assert made.equals(pl.read_parquet((shipped / name).read_bytes())), name


def test_every_day_from_2020_to_2026_has_one_physician_factor_for_each_kind_of_participant() -> None:
    factors = fee_schedules().conversion_factors.filter(pl.col("service") == "physician")
    for kind in ("yes", "no"):
        mine = factors.filter(pl.col("qualifying_apm").is_in(["any", kind])).sort("effective_on")
        starts, ends = mine["effective_on"].to_list(), mine["expires_on"].to_list()
        assert (starts[0], ends[-1]) == (date(2020, 1, 1), date(2026, 12, 31))
        assert starts[1:] == [end + timedelta(days=1) for end in ends[:-1]]


def test_two_conversion_factors_hold_from_2026() -> None:
    factors = fee_schedules().conversion_factors.filter(
        (pl.col("service") == "physician") & (pl.col("effective_on") == date(2026, 1, 1))
    )
    assert dict(factors.select("qualifying_apm", "amount").iter_rows()) == {
        "yes": Decimal("33.5675"),
        "no": Decimal("33.4009"),
    }


def test_no_code_stands_twice_in_a_year() -> None:
    for values in fee_schedules().relative_values.values():
        assert not values.table().select("procedure", "component").is_duplicated().any(), values.year


def test_no_file_has_a_description_or_a_dental_code() -> None:
    values = pl.concat(values.table() for values in fee_schedules().relative_values.values())
    words = [name for name, dtype in values.schema.items() if dtype == pl.String]
    assert sorted(words) == ["endoscopic_base", "global_days", "procedure", "status"]
    assert values["procedure"].str.contains(r"^[0-9A-Z]\d{3}[0-9A-Z]$").all()
    assert not values["procedure"].str.contains(r"^D\d{4}$").any()


def test_every_row_kept_by_hand_names_its_source(repo_root: Path) -> None:
    folder = resources.files("claimwright.reference") / "pricing"
    for name, column in (
        ("conversion_factors.csv", "source"),
        ("facility_places.csv", "source"),
        ("payment_rules.csv", "authority"),
    ):
        assert pl.read_csv((folder / name).read_bytes())[column].str.len_chars().min() > 8, name


def test_a_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeeScheduleError, match=r"schedules\.csv cannot be read"):
        read_fee_schedules(tmp_path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    shipped = resources.files("claimwright.reference") / "pricing"
    for name in (
        *BUILT, "conversion_factors.csv", "facility_places.csv", "payment_rules.csv"
    ):  # fmt: skip
        (tmp_path / name).write_bytes((shipped / name).read_bytes())
    (tmp_path / "gpci.csv").write_text("year,locality\n2020,10112-00\n")
    with pytest.raises(FeeScheduleError, match="not as it should be"):
        read_fee_schedules(tmp_path)
