"""Build the tables of the package that are whole files of CMS, through the loaders that a user runs.

    python scripts/build_cms_files.py --source FOLDER

The folder is laid out as `TABLES` names the files. Only facts are taken: codes, numbers, letters, days. What
`build_reference.py` makes of older quarters stays beside them, for the days before these.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from claimwright.features.reference_data import load_files
from claimwright.reference import Coverage, Version, dataset
from claimwright.reference.tables import write_table
from claimwright.reference.versions import PUBLISHED, STARTER, checksum


@dataclass(frozen=True)
class Published:
    """A published file, what it is called in the list of sources, and the first day where it does not say."""

    dataset: str
    file: str
    source: str
    first: date | None = None


TABLES = (
    Published(
        "mue_practitioner", "mue_2026q2/MCR_MUE_PractitionerServices_Eff_04-01-2026.csv",
        "CMS, Medicare NCCI MUE, practitioner, second quarter 2026",
    ),
    Published(
        "add_on", "add_on_2026q2/AOC_V2026Q2-MCR.xlsx",
        "CMS, Medicare NCCI add-on code edits, second quarter 2026",
    ),
    Published(
        "zip_localities", "zip_localities_2025q4/ZIP5_OCT2025.txt",
        "CMS, ZIP Code to Carrier Locality File, October 2025",
    ),
    Published(
        "clinical_laboratory_fees", "clfs_2026q3/PUF_CLFS_CY2026_Q3V1_no_descriptions.csv",
        "CMS, Clinical Laboratory Fee Schedule, third quarter 2026",
    ),
    Published(
        "drug_payment_limits", "asp_2026q3/asp_payment_limits_2026_jul.csv",
        "CMS, Medicare Part B drug payment limits, July 2026",
    ),
    Published(
        "opps_status", "opps_2025/2025_NFRM_Addendum_B.11122024.txt",
        "CMS, OPPS final rule for 2025, Addendum B",
    ),
    Published(
        "opps_complexity", "opps_2025/addendum_J_complexity.csv",
        "CMS, OPPS final rule for 2025, Addendum J", date(2025, 1, 1),
    ),
    Published(
        "poa_exempt", "poa_fy2026/POAexemptCodesFY26.zip",
        "CMS, Present on Admission exempt list, fiscal year 2026",
    ),
)  # fmt: skip


def build(source: Path, target: Path) -> None:
    """Write each table, and the manifest of all."""
    manifest = []
    for entry in TABLES:
        about = dataset(entry.dataset)
        loaded = load_files(entry.dataset, [source / entry.file], effective_from=entry.first)
        rows = loaded.rows.select(pl.col(name).cast(dtype) for name, dtype in about.schema.items())
        assert loaded.period.first
        path = target / f"{entry.dataset}_{loaded.period.first:%Y_%m}.parquet"
        write_table(about, rows, path)
        version = Version(
            entry.dataset, loaded.period.first.isoformat(), Coverage.FULL, loaded.period.first,
            loaded.period.last, rows.height, checksum(path), path, (entry.source,),
        )  # fmt: skip
        manifest.append({"table": path.name, **version.manifest()})
        print(f"{path.name}: {rows.height:,} rows, {path.stat().st_size:,} bytes")
    (target / PUBLISHED).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Read the folder that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--source", type=Path, required=True, help="folder with CMS's files")
    parser.add_argument("--target", type=Path, default=STARTER, help="folder to write to")
    arguments = parser.parse_args()
    build(arguments.source, arguments.target)


if __name__ == "__main__":
    main()
