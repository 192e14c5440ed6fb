"""Whatever file is named: a clear line on standard error, a status that is not 0, and never a traceback."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from claimwright.apps.cli.main import app
from claimwright.features.intake import read_source, sources

DAY = ("--as-of", "2025-09-15")
HEAD = (
    b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
    b"*250901*1200*^*00501*000000001*0*T*:~"
    b"GS*HC*SENDERX*RECEIVX*20250901*1200*1*X*005010X222A1~"
)
TRAILER = b"GE*1*1~IEA*1*000000001~"
OPEN = b"ST*837*0001*005010X222A1~"


@dataclass(frozen=True)
class Bad:
    """A file that is bad in one way: the finding that says so, and how many claims it holds all the same."""

    name: str
    make: Callable[[bytes], bytes]
    code: str
    claims: int
    segment: int | None = None
    """Where the finding points, where the file tells."""


def deep(levels: int) -> bytes:
    """A hierarchy in which each level hangs on the one before."""
    chain = b"".join(b"HL*%d*%d*22*1~" % (n, n - 1) for n in range(2, levels))
    return HEAD + OPEN + b"HL*1**20*1~" + chain + b"SE*3*0001~" + TRAILER


def bomb(data: bytes) -> bytes:
    return gzip.compress(data[:4_000] + b"0" * (120 << 20))


CASES = [
    Bad("empty", lambda _: b"", "SYN080", 0),
    Bad("blanks", lambda _: b" \r\n\n", "SYN080", 0),
    Bad("binary", lambda _: bytes(range(256)) * 50, "SYN080", 0),
    Bad("letter", lambda _: b"hello, this is a letter and no claim\n", "SYN080", 0),
    Bad("cut off", lambda data: data[: len(data) // 2], "SYN085", 20),
    Bad("gzip cut off", lambda data: gzip.compress(data * 9)[:-4_000], "SYN086", 1),
    Bad("remittance", lambda _: HEAD + b"ST*835*0001~BPR*I*0~SE*3*0001~" + TRAILER, "SYN024", 0, 3),
    Bad(
        "unknown version",
        lambda _: (HEAD + OPEN).replace(b"222A1", b"999Z9") + b"SE*2*0001~" + TRAILER,
        "SYN016", 0, 2,
    ),
    Bad("interchange sent twice", lambda data: data * 2, "SYN005", 80, 1_107),
    Bad("deep hierarchy", lambda _: deep(50_000), "SYN032", 0),
    Bad("no UTF-8", lambda data: data.replace(b"FICTION COURT", b"FICTI\xd3N COURT"), "SYN082", 40),
    Bad("long element", lambda data: data.replace(b"FICTION COURT", b"X" * (10 << 20), 1), "SYN081", 40),
    Bad("bomb", bomb, "SYN083", 6),
]  # fmt: skip
each = pytest.mark.parametrize("bad", CASES, ids=[bad.name for bad in CASES])


@pytest.fixture
def run() -> Callable[..., Result]:
    runner = CliRunner()

    def call(*words: object) -> Result:
        result = runner.invoke(app, [str(word) for word in words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return call


def save(bad: Bad, samples: Path, folder: Path) -> Path:
    path = folder / "claims.837"
    path.write_bytes(bad.make((samples / "professional.837").read_bytes()))
    return path


@each
def test_the_library_finds_it_and_reads_what_can_be_read(bad: Bad, samples: Path, tmp_path: Path) -> None:
    found = list(read_source(sources([save(bad, samples, tmp_path)])[0]))
    findings = pl.concat([reading.findings for reading in found]).filter(code=bad.code)
    assert findings.height >= 1
    if bad.segment:
        assert findings["segment"].to_list() == [bad.segment]
    assert sum(len(reading.batch) for reading in found) >= bad.claims


@each
def test_the_command_says_so_and_reports_what_can_be_read(
    bad: Bad, run: Callable[..., Result], samples: Path, tmp_path: Path
) -> None:
    path = save(bad, samples, tmp_path)
    result = run("check", path, "--limit", "2", *DAY)
    assert result.exit_code == (1 if bad.claims else 2)
    if not bad.claims:
        assert f"[{bad.code}]" in result.stderr
        [line] = [line for line in result.stderr.splitlines() if f"[{bad.code}]" in line][:1]
        assert line.startswith(str(path)), "it names the file"
        assert "No claims were found." in result.stderr
    else:
        assert bad.code in result.output
        assert "Worst first" in result.stdout


@each
@pytest.mark.parametrize("command", ["convert", "ack", "explain"])
def test_the_other_commands_take_it_as_calmly(
    command: str, bad: Bad, run: Callable[..., Result], samples: Path, tmp_path: Path
) -> None:
    path = save(bad, samples, tmp_path)
    words = {
        "convert": ("convert", path, "--to", "837", "--out", tmp_path / "again.837"),
        "ack": ("ack", path),
        "explain": ("explain", "NO-SUCH-CLAIM", path, *DAY),
    }[command]
    result = run(*words)
    if command == "explain" or not bad.claims:
        assert result.exit_code != 0
        assert result.output.strip(), "and says why"
    if command == "convert":
        assert (tmp_path / "again.837").exists() == bool(bad.claims)


def test_line_breaks_of_several_kinds_are_no_fault(
    run: Callable[..., Result], samples: Path, tmp_path: Path
) -> None:
    data = (samples / "professional.837").read_bytes()
    mixed = data.replace(b"~\n", b"~\r\n", 100).replace(b"~\n", b"~\r", 100).replace(b"~\n", b"~", 100)
    (tmp_path / "mixed.837").write_bytes(mixed)
    plain = run("check", samples / "professional.837", *DAY).stdout
    assert run("check", tmp_path / "mixed.837", *DAY).stdout == plain


def test_gzip_of_very_many_tiny_members_is_read_in_time_that_grows_with_its_size(tmp_path: Path) -> None:
    # Each member of 21 bytes holds a blank, and the interchange stands behind 300,000 of them.
    data = HEAD + OPEN + b"SE*2*0001~" + TRAILER
    path = tmp_path / "members.837"
    path.write_bytes(gzip.compress(b" ", mtime=0) * 300_000 + gzip.compress(data))
    found = list(read_source(sources([path])[0]))
    codes = set(pl.concat([reading.findings for reading in found])["code"])
    assert "SYN046" in codes, "the transaction without claims behind them is found"
    assert not codes & {"SYN083", "SYN086"}


def test_a_file_of_another_kind_is_told_in_one_line(run: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "answer.835"
    path.write_bytes(HEAD.replace(b"GS*HC", b"GS*HP") + b"ST*835*0001~BPR*I*0~SE*3*0001~" + TRAILER)
    told = run("check", path).stderr.splitlines()
    assert len(told) == 2
    assert "SYN015" in told[0]
    assert "claimwright remit" in told[0]
    assert told[1] == "No claims were found."
