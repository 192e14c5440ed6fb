"""A remittance from a CSV, by a mapping."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from claimwright.apps.cli.main import app
from claimwright.features.remittance_files import (
    MappingError,
    read_mapped_csv,
    read_mapping_file,
)

MAPPING = """
dates: "%m/%d/%Y"
columns:
  Check: payments.trace_number
  Paid On: payments.paid_on
  Claim: claims.claim_id
  Status: claims.claim_status
  CPT: lines.procedure
  Billed: lines.charge
  Paid: lines.paid
  Contractual: adjustments.1.amount
  Reason: adjustments.2.reason
  Other: adjustments.2.amount
  Remark: remarks.1.code
values:
  payments.payer_name: GOOD PAYER
  lines.procedure_qualifier: HC
  adjustments.1.group: CO
  adjustments.1.reason: "45"
  adjustments.2.group: CO
"""
# Worked by hand: check 77 pays 80 + 0 of claim A1 and 10 of claim A2; check 78 takes 10 back.
ROWS = """Check,Paid On,Claim,Status,CPT,Billed,Paid,Contractual,Reason,Other,Remark
77,03/01/2026,A1,1,99213,$100.00,80.00,20,,,
77,03/01/2026,A1,1,99397,200,0,,197,200,N130
77,03/01/2026,A2,1,99212,"1,010.00",10,1000,,,
78,03/02/2026,A2,22,99212,(10),(10),,,,
"""


def written(folder: Path, rows: str = ROWS, mapping: str = MAPPING) -> tuple[Path, Path]:
    (folder / "eob.csv").write_text(rows)
    (folder / "map.yaml").write_text(mapping)
    return folder / "eob.csv", folder / "map.yaml"


def test_rows_become_payments_claims_and_lines_with_their_sums(tmp_path: Path) -> None:
    rows, mapping = written(tmp_path)
    read = read_mapped_csv(rows, read_mapping_file(mapping))
    assert read.payments.select("trace_number", "payment_amount", "paid_on", "payer_name").rows() == [
        ("77", Decimal("90.00"), date(2026, 3, 1), "GOOD PAYER"),
        ("78", Decimal("-10.00"), date(2026, 3, 2), "GOOD PAYER"),
    ]
    assert read.claims.select("payment", "claim", "claim_id", "charge", "paid", "segment").rows() == [
        (1, 1, "A1", Decimal("300.00"), Decimal("80.00"), 2),
        (1, 2, "A2", Decimal("1010.00"), Decimal("10.00"), 4),
        (2, 3, "A2", Decimal("-10.00"), Decimal("-10.00"), 5),
    ]
    assert read.lines.select("claim", "line", "procedure").rows() == [
        (1, 1, "99213"),
        (1, 2, "99397"),
        (2, 1, "99212"),
        (3, 1, "99212"),
    ]
    assert read.adjustments.select("claim", "line", "group", "reason", "amount").rows() == [
        (1, 1, "CO", "45", Decimal("20.00")),
        (1, 2, "CO", "197", Decimal("200.00")),
        (2, 1, "CO", "45", Decimal("1000.00")),
    ]
    assert read.remarks.select("claim", "line", "code").rows() == [(1, 2, "N130")]
    assert not read.faults.height, read.faults


def test_what_does_not_add_up_or_cannot_be_read_is_a_fault_with_its_row(tmp_path: Path) -> None:
    changed = ROWS.replace("80.00,20", "80.00,19").replace("03/02/2026", "02/30/2026")
    rows, mapping = written(tmp_path, changed)
    read = read_mapped_csv(rows, read_mapping_file(mapping))
    told = set(read.faults.select("code", "segment", "detail").iter_rows())
    assert ("SYN055", 5, "column Paid On") in told
    assert ("SYN100", 2, "1.00 less than its parts") in told


def test_the_command_reads_a_csv_by_its_mapping(tmp_path: Path) -> None:
    rows, mapping = written(tmp_path)
    result = CliRunner().invoke(app, ["remit", str(rows), "--mapping", str(mapping)])
    assert result.exit_code == 0, result.output
    assert "CO-197" in result.output


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        (MAPPING.replace("claims.claim_status", "claims.claim_state"), "map.yaml:7"),
        (MAPPING.replace("claims.claim_id", "claims.claim"), "map.yaml:6"),
        (MAPPING.replace("Claim: claims.claim_id", "Claims: claims.claim_id"), "no column Claims"),
        (MAPPING.replace("lines.paid", "lines.charge"), "mapped twice"),
        ("columns:\n  Check: payments.trace_number\n", "claims.claim_id"),
        ("", "empty"),
        ("columns: [a, b]\n", "map.yaml:1"),
        ("other: 1\n", "other"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(tmp_path: Path, mapping: str, told: str) -> None:
    rows, path = written(tmp_path, mapping=mapping)
    with pytest.raises(MappingError, match=told.replace(".", r"\.")):
        read_mapped_csv(rows, read_mapping_file(path))
    result = CliRunner().invoke(app, ["remit", str(rows), "--mapping", str(path)])
    assert result.exit_code == 2
    assert result.exception is None or isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("content", ["", "a\n1,2,3\n", "\xff\xfe"])
def test_a_file_that_is_no_such_csv_is_refused(tmp_path: Path, content: str) -> None:
    rows, mapping = written(tmp_path)
    rows.write_bytes(content.encode("latin-1"))
    with pytest.raises(MappingError):
        read_mapped_csv(rows, read_mapping_file(mapping))
