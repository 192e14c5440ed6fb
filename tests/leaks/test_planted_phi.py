"""Patient data that cannot be mistaken is planted, claims go every way that they can, and nothing comes out.

Looked through: what every command prints, log lines, metrics, what the webhook gets, job arguments, every row
of every table and the server's raw files (tables, indexes, write-ahead log, its own log), and the files in
object storage. Only the sealed records and files hold it, and those as ciphertext.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
import structlog
from tests.calling import caller_of
from tests.database_server import Store
from typer.testing import CliRunner

from claimwright.apps.cli.main import app
from claimwright.domain.caller import Caller
from claimwright.features.pipeline import RulesOnly
from claimwright.platform.database import EmbeddedServer
from claimwright.platform.jobs import Jobs
from claimwright.platform.observability import METRICS, configure_logs

pytestmark = pytest.mark.slow

# No code, word or id of ours holds these, nor ciphertext by chance; they are planted in fields that the
# dictionary marks as PHI, and in no other.
MARK = "ZQXJVWK"
BORN, BORN_ISO = "18991231", "1899-12-31"
_SHAPES = [MARK, MARK.lower(), BORN, BORN_ISO]
NEEDLES = re.compile(
    "|".join([*_SHAPES, *(shape.encode().hex() for shape in _SHAPES)]).encode(), re.IGNORECASE
)


def planted(sample: str) -> str:
    """The sample with every patient's and subscriber's data replaced by marks."""
    made, person, number = [], False, 0
    for segment in sample.replace("\n", "").split("~"):
        parts = segment.split("*")
        if parts[0] == "NM1":
            person = parts[1] in {"IL", "QC"}
            if person:
                number += 1
                parts = (parts + [""] * 10)[:10]
                parts[3:6] = [f"{MARK}RIVERA{number}", f"{MARK}ANA", f"{MARK}MARIA"]
                parts[9] = f"{MARK}MEM{number}" if parts[9] else ""
                if not parts[9]:
                    parts = parts[:6]
        elif parts[0] == "N3" and person:
            parts = ["N3", f"{number} {MARK} STREET"]
        elif parts[0] == "N4" and person:
            parts[1] = f"{MARK}TOWN"
        elif parts[0] == "DMG":
            parts[2] = BORN
        elif parts[0] == "CLM":
            person = False
            number += 1
            parts[1] = f"{MARK}CLM{number}"
        elif parts[0] == "SBR" and len(parts) > 3 and parts[3]:
            parts[3] = f"{MARK}GRP"
        elif parts[0] == "NTE":
            parts[2] = f"{MARK} CALL HER DAUGHTER"
        elif parts[:2] == ["REF", "EA"]:
            parts[2] = f"{MARK}MRN"
        made.append("*".join(parts))
    return "~\n".join(made)


def broken(sample: str) -> str:
    """The planted sample with faults in the planted fields, and pieces that are no claims at all."""
    text = planted(sample)
    for number, (old, new) in enumerate(
        [
            (f"DMG*D8*{BORN}", f"DMG*D8*{MARK}DATE"),
            (f"DMG*D8*{BORN}*F", f"DMG*D8*{BORN}*{MARK}"),
            (f"*MI*{MARK}MEM", f"*MI*{MARK}MEM WITH A NUMBER THAT IS MUCH TOO LONG TO BE ONE, AND \u00e9 "),
            (f"NM1*IL*1*{MARK}RIVERA", f"NM1*IL*1*{MARK}RIVERA WITH A NAME {'THAT NEVER ENDS ' * 8}"),
            (f"N4*{MARK}TOWN", f"{MARK}RIVERA*ANA*{BORN}~\nN4*{MARK}TOWN"),
            (f"N4*{MARK}TOWN", f"N4*{MARK}TOWN*{MARK}*{MARK}ZIP"),
            (f"CLM*{MARK}CLM", f"REF*SY*{MARK}123456789~\nREF*Y4*{MARK}Y4~\nCLM*{MARK}CLM"),
            (f"CLM*{MARK}CLM", f"CLM*{MARK}CLM WITH A NUMBER OF MORE THAN THIRTY-EIGHT CHARACTERS"),
        ]
    ):
        # Each fault somewhere of its own in the file.
        places = [match.start() for match in re.finditer(re.escape(old), text)]
        if places:
            place = places[min(number, len(places) - 1)]
            text = text[:place] + new + text[place + len(old) :]
    return text


# Where a patient's data may stand by mistake: what a segment begins with, and what it begins with instead.
MISPLACED = """
SV1*HC:     SV1*HC:{mark}
SV1*HC:     SV1*HC:{mark}:{mark}
SV2*        SV2*{mark}*HC:
SV3*AD:     SV3*AD:{mark}
NM1*PR*     NM1*PR*2*{mark}*****PI*{mark}~REF*2U*
NM1*PR*     NM1*PR*2*{mark}RIVERA*****PI*{mark}RIVERA~REF*2U*
NM1*85*     NM1*85*1*{mark}*ANA****XX*{mark}~REF*0B*
NM1*82*     NM1*82*1*{mark}*{mark}****XX*{mark}~REF*0B*
SBR*        SBR*{mark}*18*******{mark}~REF*Y4*
CLM*        CLM*{mark}CLM9{number}*10***{mark}:B:{mark}*{mark}*A*{mark}*{mark}~REF*F8*
HI*         HI*{mark}:{mark}~HI*
PER*IC*     PER*IC*{mark}*TE*{mark}~PER*IC*
REF*EI*     REF*EI*{mark}~REF*G2*{mark}~REF*SY*
PRV*        PRV*BI*PXC*{mark}~PRV*
BHT*        BHT*0019*00*{mark}*20250915*0600*CH~REF*
N4*         N4*{mark}*{mark}*{mark}~REF*
N3*         N3*{mark}~REF*
DTP*472*    DTP*472*{mark}*
LX*         LX*{mark}~REF*
"""


def misplaced(sample: str) -> str:
    """The sample with marks in elements that are for something else: one of every four that can have one."""
    segments, number = planted(sample).replace("\n", "").split("~"), 0
    rows = [row.split() for row in MISPLACED.strip().splitlines()]
    for at, segment in enumerate(segments):
        fitting = [row for row in rows if segment.startswith(row[0])]
        number += bool(fitting)
        if fitting and number % 4 == 0:
            begins, instead = fitting[number // 4 % len(fitting)]
            segments[at] = instead.format(mark=MARK, number=number) + segment[len(begins) :]
    return "~\n".join(segments)


class Unlucky:
    """A library that fails on some claims, and says in its message on what."""

    def __init__(self) -> None:
        self.failed = 0

    def predict(self, checked: Any, sent_before: object = None) -> pl.DataFrame:
        names = checked.batch.claims["claim_id"].to_list()
        if len(names) == 1 and self.failed < 3:
            self.failed += 1
            raise ValueError(f"could not convert {checked.batch.claims.row(0)} for {MARK}RIVERA")
        if len(names) > 1 and self.failed < 3:
            raise KeyError(names[0])
        return REAL(RulesOnly(), checked)


REAL = RulesOnly.predict


@dataclass
class Told:
    """Everything that came out anywhere, by where."""

    parts: dict[str, bytes] = field(default_factory=dict)

    def add(self, where: str, content: str | bytes) -> None:
        raw = content.encode() if isinstance(content, str) else content
        self.parts[where] = self.parts.get(where, b"") + raw

    def leaks(self) -> dict[str, bytes]:
        found = {}
        for where, content in self.parts.items():
            match = NEEDLES.search(content)
            if match:
                found[where] = content[max(match.start() - 60, 0) : match.end() + 60]
        return found


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[bytes]]]:
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", got
        server.shutdown()
        thread.join()


@pytest.fixture
def run(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, webhook: tuple[str, list[bytes]]
) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "HOME": str(tmp_path / "home"),
        "DATABASE_URL": store.address,
        "EVENTS__WEBHOOK_URL": webhook[0],
        "EVENTS__WEBHOOK_INWARD_HOSTS": "127.0.0.1",
        "EVENTS__WEBHOOK_SECRET": "a secret of more than 24 characters",
        "PIPELINE__CHUNK_CLAIMS": "16",
    }.items():
        monkeypatch.setenv(f"CLAIMWRIGHT_{name}", value)
    runner = CliRunner()

    def call(*words: object) -> str:
        result = runner.invoke(app, [str(word) for word in words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.output

    return call


def rows_of(store: Store) -> Iterator[tuple[str, str]]:
    """Every row of every table, as text; bytes in hexadecimal."""
    with psycopg.connect(store.superuser) as connection:
        tables = connection.execute(
            "select oid::regclass::text from pg_class where relkind = 'r'"
            " and relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"
        ).fetchall()
        for (table,) in tables:
            with connection.cursor() as cursor, cursor.copy(f"copy {table} to stdout".encode()) as copy:
                yield table, b"".join(map(bytes, copy)).decode()


def files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"{path.relative_to(folder)}", path.read_bytes()


def test_planted_patient_data_comes_out_nowhere(
    run: Callable[..., str],
    store: Store,
    bare_store: Store,
    server: EmbeddedServer,
    samples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    webhook: tuple[str, list[bytes]],
) -> None:
    told = Told()
    logs = io.StringIO()
    configure_logs(stream=logs)
    inputs = {}
    for form in ("professional", "institutional", "dental"):
        sample = (samples / f"{form}.837").read_text()
        for kind, text in (
            ("good", planted(sample)), ("broken", broken(sample)), ("misplaced", misplaced(sample)),
        ):  # fmt: skip
            inputs[f"{form}-{kind}.837"] = text
    inputs["cut.837"] = planted((samples / "professional.837").read_text())[:9_000]
    inputs["none.837"] = f"Dear Mrs {MARK}RIVERA, born {BORN_ISO}"
    assert sum(text.count(MARK) for text in inputs.values()) > 1_000
    for name, text in inputs.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    monkeypatch.setattr(RulesOnly, "predict", Unlucky().predict)
    for words in (
        # The same numbers come again in the broken files: at another facility they are no duplicates.
        *(("intake", name, "--facility", f"FAC00{place + 1}") for place, name in enumerate(inputs)),
        ("intake", "professional-good.837", "--facility", "FAC001"),  # again: refused
        ("intake", "cut.837", "--facility", "FAC099"),
        ("run", "--workers", "1", "--log"),
        ("dead-letters",),
        ("dead-letters", "discard", "1", "--reason", "given up in a test", "--yes"),
        ("dead-letters", "retry"),
        ("run", "--workers", "1"),
        ("runs",),
        ("runs", "show", "1"),
        ("dead-letters",),
        ("claims", "list"),
        *(("claims", "show", str(key), "--reason", "to look for marks") for key in range(3, 200, 13)),
        ("files", "list"),
        ("findings", "list"),
        ("review", "list"),
        ("phi", "rotate"),
        ("phi", "status"),
        ("events", "relay"),
        ("audit", "checkpoint"),
        ("audit", "verify"),
        ("audit", "search"),
        ("audit", "export"),
        ("db", "mask", "copy", "--url", bare_store.superuser, "--837", "masked.txt"),
        ("settings",),
        ("health",),
    ):
        told.add(f"output of {' '.join(words)}", run(*words))
    said = told.parts["output of run --workers 1 --log"].decode()
    assert "3 dead letters" in said
    assert '"event": "chunk committed"' in said
    jobs = Jobs(store.address)

    @jobs.job("leak.test")
    def failing(caller: Caller, run_id: int) -> None:
        raise ValueError(f"{MARK}RIVERA")

    with psycopg.connect(store.address) as connection:
        jobs.defer(caller_of("default"), connection, "leak.test", run_id=1)
    jobs.work(wait=False, signals=False)

    with psycopg.connect(store.address) as connection:
        connection.execute("select set_config('claimwright.tenant', 'default', false)")
        counts = connection.execute(
            "select (select count(*) from production.claims), (select count(*) from staging.records),"
            " (select count(*) from staging.findings), (select count(*) from platform.outbox),"
            " (select count(*) from platform.audit_log)"
        ).fetchone()
    assert counts is not None
    assert min(counts) > 5, counts  # there was something to leak

    told.add("masked copy", (tmp_path / "masked.txt").read_bytes())
    assert len(told.parts["masked copy"]) > 10_000
    told.add("logs", logs.getvalue())
    told.add("standard output and error", "".join(capfd.readouterr()))
    told.add("metrics", METRICS().text())
    assert webhook[1]
    told.add("webhook", b"\n".join(webhook[1]))
    tables = dict(rows_of(store))
    assert {"staging.files", "platform.outbox", "procrastinate_jobs"} <= tables.keys()
    for table, text in tables.items():
        told.add(f"table {table}", text)
    for table, text in rows_of(bare_store):
        told.add(f"masked copy's table {table}", text)
    for name, content in files_of(tmp_path / "copy"):
        told.add(f"masked copy's file {name}", content)
    for name, content in files_of(tmp_path / "home"):
        told.add(f"file {name}", content)
    assert any("objects/" in where for where in told.parts)
    with psycopg.connect(server.address("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("checkpoint")
    for name, content in files_of(server.data):
        told.add(f"server's file {name}", content)
    structlog.reset_defaults()
    assert told.leaks() == {}
    # What is not PHI was found where it belongs: so these places were looked through.
    holding = {where.partition(" ")[0] for where, content in told.parts.items() if b"FAC001" in content}
    assert {"table", "server's"} <= holding


def test_the_search_finds_what_is_in_the_clear() -> None:
    told = Told()
    told.add("text", f"patient {MARK}RIVERA")
    told.add("bytes", "\\x" + f"{MARK}RIVERA".encode().hex())
    told.add("a date", BORN_ISO)
    told.add("raw", f"\x00\x01{MARK.lower()}".encode())
    told.add("nothing", "claim 17 of run 3")
    assert told.leaks().keys() == {"text", "bytes", "a date", "raw"}
