"""`claimwright convert` of an 835: to tables of every format and back, the same."""

from __future__ import annotations

import gzip
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import claimwright as cw
from claimwright.apps.cli.main import app

from .test_remit import GOOD


def convert(*words: object, **more: Any) -> Result:
    result = CliRunner().invoke(app, ["convert", *map(str, words)], **more)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def same(one: cw.Remittance, other: cw.Remittance) -> bool:
    names = [each.name for each in fields(one) if each.name != "faults"]
    return all(getattr(one, name).equals(getattr(other, name)) for name in names)


@pytest.mark.parametrize("form", ["parquet", "csv", "json"])
def test_a_remittance_becomes_tables_and_the_same_remittance_again(tmp_path: Path, form: str) -> None:
    era = tmp_path / "era.835"
    # An identifier with a leading zero and a name that a spreadsheet would take for a formula.
    era.write_text(GOOD.replace("CHK0042", "000042").replace("DOEMASKED", "=DOE"))
    told = convert(era, "--to", form)
    assert told.exit_code == 0, told.output
    assert "1 payment, " in told.output
    back = tmp_path / "back.835"
    assert convert(tmp_path / f"era.{form}", "--to", "835", "--out", back).exit_code == 0
    assert same(cw.read_835(back), cw.read_835(era))
    assert back.read_text().replace("\n", "") == era.read_text()


@pytest.mark.parametrize("form", ["parquet", "csv", "json"])
def test_a_payment_without_claims_becomes_tables_and_the_same_payment_again(
    tmp_path: Path, form: str
) -> None:
    head, payment = GOOD.split("BPR*", 1)
    top = payment.split("LX*1~", 1)[0].replace("I*75*C*CHK", "H*0*C*NON")
    body = f"BPR*{top}"
    era = tmp_path / "era.835"
    era.write_text(f"{head}{body}SE*{body.count('~') + 2}*0001~GE*1*1~IEA*1*000000001~")
    assert cw.read_835(era).faults.is_empty()
    assert convert(era, "--to", form).exit_code == 0
    back = tmp_path / "back.835"
    told = convert(tmp_path / f"era.{form}", "--to", "835", "--out", back)
    assert told.exit_code == 0, told.output
    assert same(cw.read_835(back), cw.read_835(era))


def test_standard_input_is_converted(tmp_path: Path) -> None:
    result = convert("-", "--to", "csv", "--out", tmp_path / "tables", input=GOOD.encode())
    assert result.exit_code == 0, result.output
    assert "PCN001" in (tmp_path / "tables" / "claims.csv").read_text()


def test_a_folder_of_files_is_numbered_through(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.835").write_text(GOOD)
    both = cw.read_835(tmp_path)
    assert both.payments["payment"].to_list() == [1, 2]
    assert both.lines["claim"].to_list() == [1, 1, 2, 2]
    assert both.claims["batch"].to_list() == [1, 2]


def test_claims_do_not_become_a_remittance_nor_a_remittance_claims(tmp_path: Path, samples: Path) -> None:
    era = tmp_path / "era.835"
    era.write_text(GOOD)
    result = convert(era, "--to", "837")
    assert result.exit_code == 2
    assert "remittance" in result.output
    result = convert(samples / "professional.837", "--to", "835", "--out", tmp_path / "x.835")
    assert result.exit_code == 2
    assert not (tmp_path / "x.835").exists()


@pytest.mark.parametrize("address", ["100 MAIN ST*835", "ST*835", "GS*HP"])
def test_claims_with_an_address_that_looks_like_a_remittance_are_claims(
    samples: Path, tmp_path: Path, address: str
) -> None:
    text = (samples / "professional.837").read_text()
    before, n3, after = text.partition("N3*")
    claims = tmp_path / "claims.837"
    claims.write_text(f"{before}{n3}{address}~{after.partition('~')[2]}")
    result = convert(claims, "--to", "csv")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "claims.csv" / "diagnoses.csv").exists()


def test_an_835_is_compressed_if_its_name_ends_in_gz(tmp_path: Path) -> None:
    era = tmp_path / "era.835"
    era.write_text(GOOD)
    packed = tmp_path / "x.835.gz"
    assert convert(era, "--to", "835", "--out", packed).exit_code == 0
    assert gzip.decompress(packed.read_bytes()).replace(b"\n", b"") == GOOD.encode()


def test_damaged_tables_are_refused_by_name(tmp_path: Path) -> None:
    era = tmp_path / "era.835"
    era.write_text(GOOD)
    convert(era, "--to", "csv")
    claims = tmp_path / "era.csv" / "claims.csv"
    claims.write_text(claims.read_text().replace("claim_status", "status"))
    result = convert(tmp_path / "era.csv", "--to", "835")
    assert result.exit_code == 2
    assert "claims.csv" in result.output
