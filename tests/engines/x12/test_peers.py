"""Other readers of the same format as oracles: what we write, pyx12 accepts and x12sdk reads alike.

Where a peer and we differ, the file stands in a table below with the reason.
"""

from __future__ import annotations

import csv
import io
import logging
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright_lab.sampling import SampleOptions, sample_batches

from .comparing import read, written
from .generated import Knobs, encode, made
from .interchanges import faults_of

pytestmark = pytest.mark.slow

# The versions that each peer knows; the guides' later errata changed nothing that it looks at.
_FOR_PYX12 = {"P": "005010X222A1", "I": "005010X223A2"}
_FOR_X12SDK = {"P": "005010X222A2", "I": "005010X223A3"}

# What pyx12 says of files in which we find nothing, and why it is not for us to find.
_PYX12_ALONE = {
    "wheelchair.dat": ("PWK02", "pyx12 has the codes of one PWK of a line for both of them"),
    "837p-all-fields.edi": (
        "PWK02|N402",
        "the same; and a state that no list has, for a rule to find",
    ),
}
# Faults that we tell and pyx12 does not look at: what the situation requires.
_UNSEEN_BY_PYX12 = {"SYN070", "SYN071", "SYN072"}

# What x12sdk refuses of files in which we find no structural fault, and why.
_REFUSED_BY_X12SDK = {
    "837p-all-fields.edi": "REF*FY of the pay-to plan, which the guide has, is not among its codes",
    "ambulance.dat": "it allows CRC*09 and CRC*70 on a line, and not the guide's CRC*07",
    "wheelchair.dat": "it has the codes of one PWK of a line for both of them",
}


def good_files(shared: Path) -> list[Path]:
    """The published files of release 005010 that are labelled good, but for the dental one."""
    with (shared / "x12" / "INDEX.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["transaction"] in ("837P", "837I")]
    return [
        shared / "x12" / row["file"]
        for row in rows
        if row["label"].startswith("good") and not row["guide"].startswith("004010")
    ]


def of_version(batch: ClaimBatch, versions: dict[str, str]) -> ClaimBatch:
    """The batch, all of one form, under the version that a peer knows."""
    [form] = batch.claims["form"].unique()
    version = pl.lit(versions[form])
    transactions = batch.transactions.with_columns(guide_version=version)
    return ClaimBatch.of({**batch.frames(), Level.TRANSACTION: transactions})


def sampled(form: str, seed: int) -> ClaimBatch:
    """Claims of the sampler in which nothing was planted."""
    options = SampleOptions(claims=40, seed=seed, forms={form: 1}, defect_rate=0.0)
    return ClaimBatch.concat(batch for batch, _ in sample_batches(options))


# --- pyx12 --------------------------------------------------------------------------------------------


class _Kept(logging.Handler):
    """Keeps what pyx12 logs: its only way of saying what is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture
def pyx12_says() -> Iterator[object]:
    """A function: what pyx12 finds wrong with a file, a line a fault; nothing where it accepts the file."""
    import pyx12.params
    import pyx12.x12n_document

    logger, kept = logging.getLogger("pyx12"), _Kept()
    before = logger.handlers[:], logger.propagate, logger.level
    logger.handlers, logger.propagate = [kept], False
    logger.setLevel(logging.INFO)

    def judge(data: bytes) -> list[str]:
        kept.messages.clear()
        accepted = pyx12.x12n_document.x12n_document(
            param=pyx12.params.params(),
            src_file=io.StringIO(data.decode()),
            fd_997=io.StringIO(),
            fd_html=None,
        )
        said = [text for text in kept.messages if re.search(r"\b(ELE|SEG|ISA|GS|ST):\w+ - ", text)]
        assert accepted is not bool(said), kept.messages
        return said

    yield judge
    logger.handlers, logger.propagate = before[:2]
    logger.setLevel(before[2])


def test_pyx12_accepts_what_we_write_of_every_good_file(shared_data: Path, pyx12_says: object) -> None:
    """Of those in which we find something (test_structure_of_published_files.py) it is not asked."""
    files: dict[str, bytes] = {}
    for path in good_files(shared_data):
        data = written(of_version(read(path.read_bytes()), _FOR_PYX12))
        if not set(faults_of(data)["code"]) - _UNSEEN_BY_PYX12:
            files[path.name] = numbered(data, len(files) + 1)
    alone = {name: files.pop(name) for name in _PYX12_ALONE}
    # One interchange behind the other, so that it reads its map once.
    assert pyx12_says(b"".join(files.values())) == []  # type: ignore[operator]
    assert len(files) >= 18
    for name, data in alone.items():
        said = pyx12_says(data)  # type: ignore[operator]
        assert said
        assert all(re.search(_PYX12_ALONE[name][0], text) for text in said), (name, said)


def numbered(data: bytes, control: int) -> bytes:
    """An interchange with a control number of its own."""
    [old] = re.findall(rb"\nIEA\*\d+\*(\d{9})", data)
    return data.replace(b"*%s*" % old, b"*%09d*" % control).replace(b"*%s~" % old, b"*%09d~" % control)


@pytest.mark.parametrize("form", ["P", "I"])
@pytest.mark.parametrize("seed", [3])
def test_pyx12_accepts_what_we_write_of_the_sampler(form: str, seed: int, pyx12_says: object) -> None:
    assert pyx12_says(written(of_version(sampled(form, seed), _FOR_PYX12))) == []  # type: ignore[operator]


# The generator draws any text where the guide refers to a list outside of it (states, places of service,
# currencies, remark codes) or says in words what a number looks like.
# pyx12 demands a member ID of an employer who is the subscriber; the situational rule asks it of persons.
_VALUE = re.compile(r"is not a valid code for|failed to match the regular expression|\(NM10[89]\) is missing")


@pytest.mark.parametrize("form", ["P", "I"])
@pytest.mark.parametrize("likelihood", [0.0, 0.3, 0.8])
def test_pyx12_finds_no_structural_fault_in_what_a_guide_allows(
    form: str, likelihood: float, pyx12_says: object
) -> None:
    for seed in range(2):
        data = encode(made(seed, Knobs(likelihood, billing=1, claims=1, lines=2), form))
        again = written(of_version(read(data), _FOR_PYX12))
        said = pyx12_says(again)  # type: ignore[operator]
        assert [text for text in said if not _VALUE.search(text)] == []


# --- x12sdk -------------------------------------------------------------------------------------------


def read_by_x12sdk(data: bytes, folder: Path) -> list[tuple[str, Decimal, list[Decimal]]]:
    """Number, charge and charges of the lines of every claim, as x12sdk reads them."""
    from x12sdk.io import X12ModelReader

    path = folder / "claims.837"
    path.write_bytes(data)
    with X12ModelReader(str(path)) as reader:
        return [
            (claim.patient_control_number, claim.charge, [_charge(line) for line in claim.service_lines])
            for model in reader.models()
            for claim in model.claims()
        ]


def _charge(line: object) -> Decimal:
    segment = getattr(line, "sv1_segment", None) or line.sv2_segment  # type: ignore[attr-defined]
    charge: Decimal = segment.line_item_charge_amount
    return charge


def ours(batch: ClaimBatch) -> list[tuple[str, Decimal, list[Decimal]]]:
    """The same of a batch."""
    lines = batch.lines.group_by("claim", maintain_order=True).agg("line_charge")
    rows = batch.claims.join(lines, on="claim", how="left", maintain_order="left")
    return rows.select("claim_id", "total_charge", pl.col("line_charge").fill_null([])).rows()


def test_x12sdk_reads_the_same_claims_out_of_every_good_file(shared_data: Path, tmp_path: Path) -> None:
    from pydantic import ValidationError

    compared, refused = 0, []
    for path in good_files(shared_data):
        batch = read(path.read_bytes())
        data = written(of_version(batch, _FOR_X12SDK))
        try:
            claims = read_by_x12sdk(data, tmp_path)
        except ValidationError:
            if set(faults_of(data)["code"]) == set():
                refused.append(path.name)
            continue
        assert claims == ours(batch), path.name
        compared += 1
    assert sorted(refused) == sorted(_REFUSED_BY_X12SDK)
    assert compared >= 25


@pytest.mark.parametrize("form", ["P", "I"])
def test_x12sdk_reads_the_same_claims_out_of_the_sampler(form: str, tmp_path: Path) -> None:
    batch = of_version(sampled(form, 5), _FOR_X12SDK)
    assert read_by_x12sdk(written(batch), tmp_path) == ours(batch)
