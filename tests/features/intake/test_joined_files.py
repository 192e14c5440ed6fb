"""Small files that share blocks read exactly as each would alone."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12 import JOINED_BYTES, LARGEST_JOINED_BYTES, joinable
from claimwright.features.intake import SourceError, cut_source, cut_sources, sources
from claimwright_lab.sampling import SampleOptions, write_sample

FILES = 6


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory, repo_root: Path) -> list[Path]:
    """Good files, files with structural defects, and some of which no two are alike."""
    folder = tmp_path_factory.mktemp("inbox")
    paths = []
    for number in range(FILES):
        path = folder / f"{number}.837"
        write_sample(path, SampleOptions(claims=3, seed=number, defect_rate=0.9))
        paths.append(path)
    structural = (repo_root / "samples" / "structural.837").read_bytes()
    odd = {
        "a_structural": structural,
        "b_no_trailer": paths[0].read_bytes().rpartition(b"IEA")[0],
        "c_other_delimiters": paths[1].read_bytes().replace(b"*", b"|"),
        "d_latin": paths[2].read_bytes().replace(b"NM1*IL*1*", b"NM1*IL*1*\xc9"),
        "e_not_x12": b"nothing of the kind",
        "f_same_again": paths[0].read_bytes(),
        "h_no_group_end": re.sub(rb"GE\*[^~]*~", b"", paths[4].read_bytes()),
        "i_no_group": re.sub(rb"GS\*[^~]*~", b"", paths[5].read_bytes()),
        "j_text_end": paths[4].read_bytes() + b"\r\n\x1a",
        "k_same_again": paths[5].read_bytes(),
        "g_blank_claim": paths[3].read_bytes().replace(b"CLM*", b"CLM**", 1),
    }
    for name, content in odd.items():
        paths.append(folder / f"{name}.837")
        paths[-1].write_bytes(content)
    return paths


def test_files_that_share_blocks_read_as_each_does_alone(inbox: list[Path]) -> None:
    found = sources(inbox)
    claims = 0
    alone: list[tuple[str, ClaimBatch, pl.DataFrame]] = []
    for source in found:
        for block in cut_source(source, first_claim=claims + 1):
            reading = block.reading()
            claims += len(reading.batch)
            alone.append((source.name, reading.batch, reading.findings))
    blocks = [block.reading() for block in cut_sources(found)]
    assert len(blocks) < len(alone)
    expected = pl.concat(f.with_columns(source=pl.lit(name)) for name, _, f in alone)
    parts = []
    for reading in blocks:
        assert reading.files is not None
        names = pl.Series(reading.files.names).gather(pl.Series(reading.files.of_finding))
        parts.append(reading.findings.with_columns(source=names))
    key = ["source", "segment", "claim", "code", "element", "detail"]
    assert pl.concat(parts).sort(key).equals(expected.sort(key))
    one = ClaimBatch.concat(batch for _, batch, _ in alone)
    other = ClaimBatch.concat(reading.batch for reading in blocks)
    assert other.claims.drop("transaction").equals(one.claims.drop("transaction"))
    assert other.lines.equals(one.lines)
    of_claim = [
        reading.files.names[at] for reading in blocks if reading.files for at in reading.files.of_claim
    ]
    assert of_claim == [name for name, batch, _ in alone for _ in range(len(batch))]


def test_a_file_that_cannot_be_read_leaves_the_others(inbox: list[Path], tmp_path: Path) -> None:
    strange = tmp_path / "strange.837"
    strange.write_bytes(b"%PDF-1.7")
    problems: list[SourceError] = []
    blocks = list(cut_sources(sources([inbox[0], strange, inbox[1]]), unusable=problems.append))
    assert [block.claims for block in blocks] == [6]
    assert [str(problem).split(":")[0] for problem in problems] == [str(strange)]
    with pytest.raises(SourceError):
        list(cut_sources(sources([inbox[0], strange])))


def test_files_together_stay_below_the_size_of_a_block(inbox: list[Path]) -> None:
    content = inbox[0].read_bytes()
    assert joinable(content) is not None
    assert joinable(content + content[:1]) is None
    assert LARGEST_JOINED_BYTES < JOINED_BYTES
    many = sources([inbox[0]] * (2 * JOINED_BYTES // len(content)))
    sizes = [block.claims for block in cut_sources(many)]
    assert sum(sizes) == 3 * len(many)
    assert len(sizes) >= 2
    assert max(sizes) <= 3 * (JOINED_BYTES // len(content))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace(b"~", b"\n"), "line breaks that end segments come in several kinds"),
        (lambda text: text[:-8], "the interchange does not end"),
        (lambda text: b"\xef\xbb\xbf" + text, "it begins with a mark"),
        (lambda text: text + b"ISA*", "something follows"),
        (lambda text: text.replace(b"GS*", b"GS*\xe9", 1), "it is not ASCII"),
        (lambda text: text.replace(b"\nGE*", b"\nXX*", 1), "its group would go on in the next file"),
        (lambda text: text.replace(b"\nSE*", b"\x1aSE*", 1), "its transaction does not end"),
        (lambda text: text.replace(b"\nGS*", b"\nXX*", 1), "its transaction would be in the group before"),
        (lambda text: text.replace(b"\nST*", b"\nXX*", 1), "its claims are in no transaction"),
        (lambda text: text.replace(b"\nGE*", b"\nIEA*", 1), "its interchange ends twice"),
    ],
)
def test_a_file_out_of_the_ordinary_is_read_alone(inbox: list[Path], change, why: str) -> None:  # type: ignore[no-untyped-def]
    assert joinable(change(inbox[0].read_bytes())) is None, why
