"""Published 835 files: all are read, and what does not add up really does not add up in the file."""

from __future__ import annotations

import csv
from dataclasses import fields
from pathlib import Path

import pytest

from claimwright.engines.x12 import Remittance, read_835, write_835

# Balances that the files get wrong, each checked in the file by hand: code, segment, by how much.
OFF = {
    # BPR02 is 132, the only claim is paid 238; its CAS has 2000 + 30000 + 259 more than lines explain.
    "edi_files/835/835-all-fields.dat": [
        ("SYN102", 4, "106.00 less"),
        ("SYN101", 23, "32,259.00 more"),
        ("SYN104", 23, "249.00 less"),
    ],
    "edi_gen/response/835-all-fields.edi": [
        ("SYN102", 4, "106.00 less"),
        ("SYN101", 22, "32,259.00 more"),
        ("SYN104", 22, "249.00 less"),
    ],
    # BPR02 is 132 and 1000, the claims are paid 500.
    "edi_files/835/835-minimal.dat": [("SYN102", 4, "368.00 less")],
    "edi_gen/response/835-minimal.edi": [("SYN102", 4, "500.00 more")],
    # A payment of 500 and one of nothing, from each of which a PLB takes 298.18.
    "835-provider-level-adjustment.dat": [("SYN102", 23, "298.18 more"), ("SYN102", 48, "298.18 more")],
    # The last line: 73 - 24 - 25 (a quantity written as an amount's place) - 27, said to be paid 49.
    "negotiated_discount.dat": [
        ("SYN101", 22, "32,311.00 more"),
        ("SYN104", 22, "249.00 less"),
        ("SYN100", 67, "52.00 more"),
    ],
    # SVC01 is split by the wrong separator, so that SVC02 and SVC03 are other amounts.
    "tertiary-payment.835": [("SYN103", 16, "22,832.50 less"), ("SYN100", 20, "21,253.50 less")],
}
_BALANCES = ("SYN100", "SYN101", "SYN102", "SYN103", "SYN104")


def published(shared_data: Path) -> list[tuple[str, Remittance]]:
    folder = shared_data / "x12"
    with (folder / "INDEX.tsv").open(encoding="utf-8") as index:
        rows = [row for row in csv.DictReader(index, delimiter="\t") if row["transaction"] == "835"]
    # Files of release 4010 are reported as such and not read.
    current = [row for row in rows if "005010X221A1" in row["guide"] and "bad" not in row["label"].split()]
    return [(row["file"], read_835((folder / row["file"]).read_bytes())) for row in current]


@pytest.fixture(scope="module")
def files(shared_data: Path) -> list[tuple[str, Remittance]]:
    return published(shared_data)


def test_every_file_is_read_and_balances_or_is_really_off(files: list[tuple[str, Remittance]]) -> None:
    assert len(files) > 20
    for name, remittance in files:
        assert remittance.payments.height, name
        assert remittance.claims.height, name
        wanted = next((off for end, off in OFF.items() if name.endswith(end)), [])
        found = remittance.faults.filter(remittance.faults["code"].is_in(_BALANCES))
        told = [
            (code, segment, detail.removesuffix(" than its parts"))
            for code, segment, detail in found.select("code", "segment", "detail").iter_rows()
        ]
        assert sorted(told) == sorted(wanted), name


def test_every_file_is_written_and_read_again_the_same(files: list[tuple[str, Remittance]]) -> None:
    # Segments can move by one: an ISA that is there only in part is written whole.
    own = [field.name for field in fields(Remittance) if field.name not in ("faults", "payments")]
    for name, remittance in files:
        again = read_835(b"".join(write_835(remittance)))
        for frame in own:
            one, other = (getattr(each, frame).drop("segment") for each in (remittance, again))
            assert one.equals(other), f"{name}: {frame}"
