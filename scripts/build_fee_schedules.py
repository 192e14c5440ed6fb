"""Turn CMS's relative value files into the dated fee schedule data that the wheel ships.

    python scripts/build_fee_schedules.py --source FOLDER

The folder holds CMS's releases as CSV, under the names in `RELEASES`. Only facts are taken: codes,
numbers, indicators, dates. Descriptions are dropped where a file has them, and dental codes are left out.
A new year is one more entry in `RELEASES`. Conversion factors, places of service and payment rules are
kept by hand beside the result, each with its source.

Sources: CMS, PFS Relative Value Files (PPRRVU, GPCI, LOCCO, ANES), one release a year.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from claimwright.features.reference_data import load_files

HERE = Path(__file__).resolve().parent.parent
TARGET = HERE / "src" / "claimwright" / "reference" / "pricing"


@dataclass(frozen=True)
class Release:
    """The files of one year, and the release that they came in."""

    year: int
    release: str
    relative_values: str
    localities: str
    anesthesia: str


# Files as CMS publishes them, beside the folder of the others.
CMS2026 = "../../cms2026"

RELEASES = (
    Release(2020, "RVU20D", "pprrvu_rvu20d_oct.csv", "gpci_rvu20d.csv", "anes_rvu20d.csv"),
    Release(2021, "RVU21D", "pprrvu_rvu21d_oct.csv", "gpci_rvu21d.csv", "anes_rvu21d.csv"),
    Release(2022, "RVU22D", "pprrvu_rvu22d_oct.csv", "gpci_rvu22d.csv", "anes_rvu22d.csv"),
    Release(2023, "RVU23D", "pprrvu_rvu23d_oct.csv", "gpci_rvu23d.csv", "anes_rvu23d.csv"),
    Release(2024, "RVU24C", "pprrvu_rvu24c_jul.csv", "gpci_rvu24c.csv", "anes_rvu24c.csv"),
    Release(2025, "RVU25D", "pprrvu_2025_oct.csv", "GPCI2025.csv", "ANES2025.csv"),
    # As CMS published them; the anesthesia factors of 2026 were not at hand: its localities have none.
    Release(2026, "RVU26C", f"{CMS2026}/mpfs_2026/PPRRVU2026_Jul_nonQPP.csv",
            f"{CMS2026}/mpfs_2026/GPCI2026.csv", ""),
)  # fmt: skip

BASE_UNITS = f"{CMS2026}/anesthesia_base_units_2022/CY_2022_Anesthesia_Base_Units_110921.txt"

# The localities of this file say which states are one payment locality as a whole.
COUNTIES = "locco_rvu24c.csv"

# The anaesthesia factors of 2024 were reissued for services from 9 March (Consolidated Appropriations
# Act, 2024, section 305); the release at hand has only the later ones.
ANESTHESIA_FROM = {2024: "2024-03-09"}

# What a column is called in the files, normalised, and here. Amounts become hundredths.
HUNDREDTHS = {
    "work_rvu": "work",
    "non_fac_pe_rvu": "pe_nonfacility",
    "facility_pe_rvu": "pe_facility",
    "mp_rvu": "malpractice",
    "pre_op": "preoperative",
    "intra_op": "intraoperative",
    "post_op": "postoperative",
    "non_facility_pe_used_for_opps_payment_amount": "opps_pe_nonfacility",
    "facility_pe_used_for_opps_payment_amount": "opps_pe_facility",
    "mp_used_for_opps_payment_amount": "opps_malpractice",
}
INDICATORS = {
    "pctc_ind": "professional_technical",
    "mult_proc": "multiple_procedure",
    "bilat_surg": "bilateral",
    "asst_surg": "assistant",
    "co_surg": "co_surgeon",
    "team_surg": "team_surgeon",
}
NOT_APPLICABLE = {
    "non_fac_indicator": "nonfacility_na",
    "non_fac_na_indicator": "nonfacility_na",
    "facility_indicator": "facility_na",
    "facility_na_indicator": "facility_na",
}
COMPONENTS = {None: 0, "26": 1, "TC": 2, "53": 3}

# The District lies wholly in one locality, which also takes in suburbs of Maryland and Virginia.
WITHIN_A_LARGER_LOCALITY = {"DC": "12202-01"}

TERRITORIES = {"GUAM": "GU", "PUERTO RICO": "PR", "VIRGIN ISLANDS": "VI", "HAWAII": "HI"}


def read_csv(path: Path) -> pl.DataFrame:
    """The file as text, with column names in lower case and underscores."""
    frame = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True)
    return frame.rename({name: re.sub(r"[^a-z]+", "_", name.lower()).strip("_") for name in frame.columns})


def scaled(column: str, digits: int) -> pl.Expr:
    """A decimal number of at most `digits` decimals as a whole number of its smallest unit.

    The text goes through a decimal, never a float; more decimals than expected would be lost, so the
    caller checks for them.
    """
    return pl.col(column).str.strip_chars().cast(pl.Decimal(18, digits)).to_physical().cast(pl.Int32)


def code(column: str) -> pl.Expr:
    """The five characters of a code; some releases were saved by a program that drops leading zeros."""
    text = pl.col(column).str.strip_chars()
    return pl.when(text.str.contains(r"^\d+$")).then(text.str.zfill(5)).otherwise(text)


def relative_values(path: Path) -> pl.DataFrame:
    """One row a code and component: relative values in hundredths, and the payment indicators."""
    if path.name.startswith("PPRRVU"):
        return as_published(path)
    frame = read_csv(path)
    for column in HUNDREDTHS:
        decimals = frame[column].str.extract(r"\.(\d*?)0*$").str.len_chars().max()
        assert isinstance(decimals, int | None)
        if decimals is not None and decimals > 2:
            raise SystemExit(f"{path.name}: {column} has more than two decimals")
    missing = [name for name in (*HUNDREDTHS, *INDICATORS) if name not in frame.columns]
    if missing:
        raise SystemExit(f"{path.name}: no column {', '.join(missing)}")
    result = frame.select(
        code("hcpcs").alias("procedure"),
        pl.col("mod").replace_strict(COMPONENTS, return_dtype=pl.UInt8).alias("component"),
        pl.col("status_code").alias("status"),
        *(scaled(name, 2).alias(ours) for name, ours in HUNDREDTHS.items()),
        *(
            (pl.col(name) == "NA").fill_null(value=False).alias(ours)
            for name, ours in NOT_APPLICABLE.items()
            if name in frame.columns
        ),
        *(pl.col(name).cast(pl.UInt8).alias(ours) for name, ours in INDICATORS.items()),
        pl.when(pl.col("glob_days").str.contains(r"^\d+$"))
        .then(pl.col("glob_days").str.zfill(3))
        .otherwise(pl.col("glob_days"))
        .alias("global_days"),
        code("endo_base").alias("endoscopic_base"),
    )
    dental = pl.col("procedure").str.contains(r"^D\d{4}$")
    result = result.filter(~dental).sort("procedure", "component")
    if result.select("procedure", "component").is_duplicated().any():
        raise SystemExit(f"{path.name}: a code and modifier occur twice")
    return result


def as_published(path: Path) -> pl.DataFrame:
    """The same of a file with the heading that CMS gives it, through the loader that a user runs."""
    rows = load_files("physician_fee_schedule", [path]).rows
    names = [*HUNDREDTHS.values(), "nonfacility_na", "facility_na", *INDICATORS.values()]
    rows = rows.select("procedure", "component", "status", *names, "global_days", "endoscopic_base")
    return rows.filter(~pl.col("procedure").str.contains(r"^D\d{4}$")).sort("procedure", "component")


def locality(mac: str, number: str) -> pl.Expr:
    """The contractor's and the locality's number as one key, as in 10112-00."""
    return pl.col(mac).str.strip_chars().str.zfill(5) + "-" + pl.col(number).str.strip_chars().str.zfill(2)


def practice_cost_indices(path: Path, year: int) -> pl.DataFrame:
    """One row a locality: the three indices, as decimals of three places."""
    if year >= 2026:
        rows = load_files("practice_cost_indices", [path]).rows
        return rows.with_columns(pl.lit(year).alias("year")).select(
            "year", "locality", "state", "area", "work", "practice_expense", "malpractice"
        )
    if year >= 2025:  # CMS's own layout: two title lines before the header
        frame = pl.read_csv(path, infer_schema=False, skip_rows=2, truncate_ragged_lines=True)
        frame.columns = [
            "mac", "state", "locality_number", "locality_name", "gpci_work", "gpci_pe", "gpci_mp",
        ]  # fmt: skip
    else:
        frame = read_csv(path)
    if "state" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, pl.String).alias("state"))
    frame = frame.filter(pl.col("mac").str.contains(r"^\d{4,5}$"))
    return frame.select(
        pl.lit(year).alias("year"),
        locality("mac", "locality_number").alias("locality"),
        pl.col("state"),
        pl.col("locality_name").str.strip_chars("* ").alias("area"),
        *(
            pl.col(f"gpci_{short}").cast(pl.Decimal(6, 3)).alias(ours)
            for short, ours in (("work", "work"), ("pe", "practice_expense"), ("mp", "malpractice"))
        ),
    )


def anesthesia_factors(path: Path, year: int) -> pl.DataFrame:
    """One row a locality: dollars an anaesthesia unit."""
    frame = read_csv(path)
    frame.columns = ["mac", "number", "area", "amount"]
    return frame.filter(pl.col("mac").str.contains(r"^\s*\d{4,5}\s*$")).select(
        pl.lit(ANESTHESIA_FROM.get(year, f"{year}-01-01")).alias("effective_on"),
        pl.lit(f"{year}-12-31").alias("expires_on"),
        locality("mac", "number").alias("locality"),
        pl.col("amount").str.strip_chars().cast(pl.Decimal(10, 2)),
    )


def single_locality_states(path: Path) -> pl.DataFrame:
    """States that are one payment locality without exception, from the list of counties."""
    frame = read_csv(path).filter(pl.col("mac").str.contains(r"^\d{5}$"))
    whole = pl.col("counties").is_in(["ALL COUNTIES", "ALL COUNTY EQUIVALENTS"])
    rows = [{"state": state, "locality": key} for state, key in WITHIN_A_LARGER_LOCALITY.items()]
    for row in frame.filter(whole).iter_rows(named=True):
        names = row["state"].split("/")
        states = [row["state_abb"]] if row["state_abb"] else [TERRITORIES[name] for name in names]
        rows += [{"state": state, "locality": f"{row['mac']}-{row['locality_number']}"} for state in states]
    return pl.DataFrame(rows).sort("state")


def build(source: Path, target: Path) -> None:
    """Write every derived file."""
    indices, factors, releases = [], [], []
    for entry in RELEASES:
        values = relative_values(source / entry.relative_values)
        path = target / f"relative_values_{entry.year}.parquet"
        values.write_parquet(path, compression="zstd", compression_level=19, statistics=False)
        print(f"{path.name}: {values.height:,} rows, {path.stat().st_size:,} bytes")
        indices.append(practice_cost_indices(source / entry.localities, entry.year))
        if entry.anesthesia:
            factors.append(anesthesia_factors(source / entry.anesthesia, entry.year))
        releases.append(
            {
                "year": entry.year,
                "effective_on": f"{entry.year}-01-01",
                "expires_on": f"{entry.year}-12-31",
                "release": entry.release,
                "source": f"CMS, PFS Relative Value Files, {entry.release}",
            }
        )
    gpci = pl.concat(indices)
    states = gpci.drop_nulls("state").select("locality", "state").unique()
    gpci = gpci.drop("state").join(states, on="locality", how="left", validate="m:1")
    gpci = gpci.select("year", "locality", "state", "area", "work", "practice_expense", "malpractice")
    gpci.sort("year", "locality").write_csv(target / "gpci.csv")
    pl.concat(factors).sort("effective_on", "locality").write_csv(
        target / "anesthesia_conversion_factors.csv"
    )
    pl.DataFrame(releases).write_csv(target / "schedules.csv")
    units = load_files("anesthesia_base_units", [source / BASE_UNITS]).rows.sort("procedure")
    units.write_csv(target / "anesthesia_base_units.csv")
    single_locality_states(source / COUNTIES).write_csv(target / "single_locality_states.csv")


def main() -> None:
    """Read the folder that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--source", type=Path, required=True, help="folder with CMS's files")
    parser.add_argument("--target", type=Path, default=TARGET, help="folder to write to")
    arguments = parser.parse_args()
    build(arguments.source, arguments.target)


if __name__ == "__main__":
    main()
