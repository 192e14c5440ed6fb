"""Whatever comes in: one clear finding or error, what could be read is kept, and no value leaks."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12 import MAX_SEGMENT_BYTES
from claimwright.features.intake import SourceError, acknowledge, read_837, read_blocks, read_source, sources

HEAD = (
    b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
    b"*250901*1200*^*00501*000000001*0*T*:~"
    b"GS*HC*SENDERX*RECEIVX*20250901*1200*1*X*005010X222A1~"
)
TRAILER = b"GE*1*1~IEA*1*000000001~"


@pytest.fixture
def professional(samples: Path) -> bytes:
    return (samples / "professional.837").read_bytes()


def read(path: Path) -> tuple[ClaimBatch, set[str], pl.DataFrame]:
    found = [reading for source in sources([path]) for reading in read_source(source)]
    findings = pl.concat([reading.findings for reading in found])
    return ClaimBatch.concat([reading.batch for reading in found]), set(findings["code"]), findings


def save(folder: Path, data: bytes, name: str = "claims.837") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "SYN080"),
        (b" \r\n\n", "SYN080"),
        (bytes(range(256)) * 50, "SYN080"),
        (b"hello, this is a letter and no claim", "SYN080"),
        (HEAD + b"ST*835*0001~BPR*I*0~SE*3*0001~" + TRAILER, "SYN024"),
        (HEAD.replace(b"005010X222A1", b"004010X098A1") + b"ST*837*0001~SE*2*0001~" + TRAILER, "SYN016"),
        (HEAD + b"ST*837*0001*005010X222A1~BHT*0019*00*1*20250901*12", "SYN085"),
        (HEAD + b"ST*837*0001*005010X222A1~BHT*0019*00*1*20250901*1200*CH~", "SYN020"),
    ],
)
def test_a_file_without_claims_says_why(tmp_path: Path, data: bytes, code: str) -> None:
    batch, codes, _ = read(save(tmp_path, data))
    assert len(batch) == 0
    assert code in codes


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"%PDF-1.7", "PDF"),
        ("ISA*".encode("utf-16"), "UTF-16"),
        ("ISA*".encode("utf-16-le"), "UTF-16"),
        ("ISA*".encode("utf-16-be"), "UTF-16"),
        ("ISA*".encode("cp037"), "EBCDIC"),
    ],
)
def test_another_format_is_refused_by_name(tmp_path: Path, start: bytes, name: str) -> None:
    with pytest.raises(SourceError, match=name):
        read(save(tmp_path, start))


def test_a_missing_file_and_an_empty_folder_are_errors(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        sources([tmp_path / "nowhere.837"])
    with pytest.raises(SourceError, match="contains no files"):
        sources([tmp_path])


@pytest.mark.parametrize(
    "dressed",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b""),
        lambda data: data + b"\r\n\x00\x1a",
        lambda data: data.replace(b"~\n", b"~\n\n  \n", 40),
        gzip.compress,
        lambda data: gzip.compress(data[:999]) + gzip.compress(data[999:]),
    ],
)
def test_dress_makes_no_difference(tmp_path: Path, professional: bytes, dressed: object) -> None:
    plain, codes, _ = read(save(tmp_path, professional, "plain.837"))
    batch, others, _ = read(save(tmp_path, dressed(professional), "dressed.837"))  # type: ignore[operator]
    assert len(batch) == len(plain) == 40
    assert batch.claims["claim_id"].to_list() == plain.claims["claim_id"].to_list()
    assert others == codes


def test_what_comes_before_a_cut_is_read(tmp_path: Path, professional: bytes) -> None:
    batch, codes, _ = read(save(tmp_path, professional[: len(professional) // 2]))
    assert 15 <= len(batch) <= 25
    assert {"SYN085", "SYN002"} <= codes


def test_what_comes_before_damage_is_read(tmp_path: Path, professional: bytes) -> None:
    packed = gzip.compress(professional * 20)
    batch, codes, _ = read(save(tmp_path, packed[: len(packed) // 2]))
    assert len(batch) > 20
    assert "SYN086" in codes


def test_a_bomb_is_given_up(tmp_path: Path, professional: bytes) -> None:
    path = tmp_path / "bomb.837"
    with gzip.open(path, "wb") as file:
        file.write(professional[:4000])
        for _ in range(120):
            file.write(b"0" * (1 << 20))
    batch, codes, _ = read(path)
    assert len(batch) > 0
    assert "SYN083" in codes


def test_an_endless_segment_takes_no_memory_and_its_neighbours_are_read(professional: bytes) -> None:
    lines = professional.split(b"\n")
    at = next(n for n, line in enumerate(lines) if line.startswith(b"CLM") and n > 300)
    before, after = b"\n".join(lines[:at]), b"\n".join(lines[at:])

    def stream() -> Iterator[bytes]:
        yield before + b"\nNTE*ADD*"
        for _ in range(100):
            yield b"X" * (1 << 20)
        yield b"~\n" + after

    found = list(read_blocks(stream()))
    assert sum(len(reading.batch) for reading in found) == 40
    codes = pl.concat([reading.findings for reading in found]).filter(pl.col("code") == "SYN081")
    assert codes.height == 1
    assert "104,857" in codes["detail"][0]
    assert MAX_SEGMENT_BYTES < 100 << 20


@pytest.mark.slow
@pytest.mark.long
def test_a_hierarchy_a_million_levels_deep_is_judged_in_seconds() -> None:
    levels = b"".join(b"HL*%d*%d*22*1~" % (n, n - 1) for n in range(2, 1_000_001))
    data = HEAD + b"ST*837*0001*005010X222A1~HL*1**20*1~" + levels + b"SE*3*0001~" + TRAILER
    found = list(read_blocks([data]))
    assert sum(len(reading.batch) for reading in found) == 0
    assert "SYN032" in set(pl.concat([reading.findings for reading in found])["code"])


def test_bytes_that_are_no_utf8_are_read_as_latin_1(tmp_path: Path, professional: bytes) -> None:
    batch, codes, _ = read(save(tmp_path, professional.replace(b"FICTION COURT", b"FICTI\xd3N COURT")))
    assert len(batch) == 40
    assert "SYN082" in codes
    assert "FICTIÓN COURT" in str(batch.claims["billing_address_1"].to_list())


def test_interchanges_with_other_delimiters_stand_in_one_file(tmp_path: Path, professional: bytes) -> None:
    other = professional.translate(bytes.maketrans(b"*:~", b"|<'"))
    batch, _, _ = read(save(tmp_path, professional + other + b"garbage" + professional))
    assert len(batch) == 120
    assert batch.claims["claim"].to_list() == list(range(1, 121))


def test_no_finding_holds_a_value(tmp_path: Path, professional: bytes) -> None:
    data = professional.replace(b"NM1*IL*1*", b"NM1*IL*9*SECRETNAME").replace(b"DMG*D8*", b"DMG*D8*77SECRET")
    data = data.replace(b"N4*", b"N4*SECRETTOWN" * 9)
    _, codes, findings = read(save(tmp_path, data))
    assert len(codes) > 1
    assert "SECRET" not in str(findings.to_dicts())
    assert "SECRET" not in acknowledge(sources([tmp_path / "claims.837"])[0]).text


def test_a_folder_is_read_file_after_file(tmp_path: Path, samples: Path) -> None:
    batch = read_837(samples)
    assert len(batch) == 119
    assert batch.claims["claim"].is_unique().all()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("claims.837", b"")
    with pytest.raises(SourceError, match="ZIP"):
        read_837(save(tmp_path, buffer.getvalue(), "packed.837"))
