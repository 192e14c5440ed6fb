"""How fast: claims made up, taken in and run on a scratch server, beside mere copying of the same rows."""

from __future__ import annotations

import datetime
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from claimwright.domain.caller import Caller
from claimwright.domain.derived import SeenClaims
from claimwright.features.intake import Intake, read_source, sources, tell
from claimwright.features.pipeline import (
    SYSTEMIC,
    Assignment,
    AuditEvents,
    Committed,
    Patience,
    Processor,
    Reports,
    Run,
    RunStoppedError,
    Worker,
    begin_run,
    ready,
)
from claimwright.foundation import clock
from claimwright.foundation.allocation import use_memory_again
from claimwright.platform.database import (
    DATABASE,
    OWNER,
    SUPERUSER,
    Database,
    DatabaseError,
    EmbeddedServer,
    drain,
    fill,
)
from claimwright.platform.objects import open_objects
from claimwright.platform.phi import Sealer, open_keyring
from claimwright.platform.settings import Settings, load_settings
from claimwright.store.schema import migrate, open_database
from claimwright_lab.sampling import DEFAULT_AS_OF, SampleOptions, write_sample

from .memory_watched import memory_watched

CALLER = Caller("default", "system:benchmark")
_STAGED, _TAKEN_IN = "bench_staged", "bench_copy"
_PRODUCED = ("production.claims", "production.lines", "production.findings", "production.claim_events")


@dataclass
class Figures:
    """What was measured. Seconds are of the wall clock, but `run_cpu_seconds`, CPU time of this process.

    `peak_mb` is the most memory that this process has had by the end of the run: making the claims and taking
    them in are part of it, the database's own processes are not. `several_peak_mb` is the most that several
    have had at once, looked at each second, the code that all have in memory counted once.
    """

    claims: int = 0
    lines: int = 0
    findings: int = 0
    intake_seconds: float = 0
    run_seconds: float = 0
    run_cpu_seconds: float = 0
    copy_out_seconds: float = 0
    copy_in_seconds: float = 0
    by_stage: dict[str, float] = field(default_factory=dict)
    several_seconds: float | None = None
    several_workers: int = 0
    several_peak_mb: float = 0
    peak_mb: float = 0
    produced: int = 0
    review: int = 0
    dead: int = 0

    def times_the_copy(self, seconds: float) -> float:
        """A run in times of copying the rows that it reads out and those that it writes in."""
        return seconds / (self.copy_out_seconds + self.copy_in_seconds)

    def as_row(self) -> dict[str, Any]:
        """For one line of JSON."""
        row: dict[str, Any] = {
            "claims": self.claims,
            "lines": self.lines,
            "findings": self.findings,
            "intake_seconds": round(self.intake_seconds, 3),
            "run_seconds": round(self.run_seconds, 3),
            "run_cpu_seconds": round(self.run_cpu_seconds, 3),
            "claims_a_second": round(self.claims / self.run_seconds),
            "copy_out_seconds": round(self.copy_out_seconds, 3),
            "copy_in_seconds": round(self.copy_in_seconds, 3),
            "times_the_copy": round(self.times_the_copy(self.run_seconds), 2),
            "stages": {name: round(seconds, 3) for name, seconds in self.by_stage.items()},
            "peak_mb": self.peak_mb,
            "production": self.produced,
            "review": self.review,
            "dead_letters": self.dead,
        }
        if self.several_seconds is not None:
            row["several"] = {
                "workers": self.several_workers,
                "run_seconds": round(self.several_seconds, 3),
                "claims_a_second": round(self.claims / self.several_seconds),
                "times_the_copy": round(self.times_the_copy(self.several_seconds), 2),
                "peak_mb": self.several_peak_mb,
            }
        return row


def measure(
    claims: int,
    *,
    chunk_claims: int | None = None,
    workers: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> Figures:
    """Measure intake, a run of one worker, and where `workers` is 2 or more a run of so many processes.

    A few claims go through before the clock starts: what is measured is a worker that is at work already.
    What the server has yet to write of one step it writes before the next is measured.
    """
    with scratch() as (folder, server, settings):
        size = chunk_claims or settings.pipeline.chunk_claims
        say("making claims")
        path = folder / "claims.837"
        write_sample(path, SampleOptions(claims=claims, seed=7))
        _warm_up(folder, server, settings)
        figures = Figures()
        say("taking them in")
        create(server, _STAGED)
        figures.intake_seconds = _timed(lambda: take_in(server, settings, _STAGED, path))
        create(server, _TAKEN_IN, template=_STAGED)
        settle(server)
        say("one worker")
        _run(server, settings, folder, _TAKEN_IN, size, figures)
        # Before the copying, which holds in memory what it copies.
        figures.peak_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT / 1e6, 1)
        say("copying out what a run reads")
        settle(server)
        figures.copy_out_seconds = _copy_out(server, _STAGED)
        say("copying in what it wrote")
        figures.copy_in_seconds = _copy_in(server, _TAKEN_IN)
        _drop(server, _TAKEN_IN)
        if workers > 1:
            settle(server)
            say(f"{workers} workers")
            figures.several_workers = workers
            _run_several(server, folder, size, figures)
        return figures


# Kibibytes, but bytes on macOS (getrusage(2)).
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@contextmanager
def scratch() -> Iterator[tuple[Path, EmbeddedServer, Settings]]:
    """A folder, a server of one's own and settings for it, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="claimwright-bench-") as name:
        folder = Path(name)
        # The server's own account has to get in where this runs as root.
        folder.chmod(0o711)
        server = EmbeddedServer(folder / "database")
        server.home.mkdir(mode=0o711)
        server.start()
        try:
            settings = load_settings(folder=folder, variables={"CLAIMWRIGHT_HOME": str(folder / "home")})
            yield folder, server, settings
        finally:
            server.stop()


def _timed(call: Callable[[], object]) -> float:
    begun = clock.seconds()
    call()
    return clock.seconds() - begun


def _administer(server: EmbeddedServer, statement: sql.SQL | sql.Composed) -> None:
    with psycopg.connect(server.address(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute(statement)


def create(server: EmbeddedServer, name: str, template: str | None = None) -> None:
    """Create a database, migrated, or as a copy of another one."""
    parts = [sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(OWNER))]
    if template:
        parts.append(sql.SQL("template {}").format(sql.Identifier(template)))
    _administer(server, sql.SQL(" ").join(parts))
    if not template:
        migrate(server.address(OWNER, name))


def settle(server: EmbeddedServer) -> None:
    """Have the server write out what it holds, which it would otherwise do amid the next step."""
    _administer(server, sql.SQL("checkpoint"))


def _drop(server: EmbeddedServer, name: str) -> None:
    _administer(server, sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def sealer_of(server: EmbeddedServer, settings: Settings, name: str) -> Sealer:
    """What seals and opens records of a database."""
    return Sealer(open_keyring(settings, lambda: psycopg.connect(server.address(database=name))))


def take_in(server: EmbeddedServer, settings: Settings, name: str, path: Path) -> None:
    """Stage the claims of a file."""
    with open_database(server.address(database=name)) as database:
        door = Intake(database, sealer_of(server, settings, name), open_objects(settings), tell)
        door.stage(CALLER, sources([path])[0].chunks(), facility="FAC001")


def _warm_up(folder: Path, server: EmbeddedServer, settings: Settings) -> None:
    path = folder / "few.837"
    write_sample(path, SampleOptions(claims=50, seed=8))
    migrate(server.address(OWNER, DATABASE))
    take_in(server, settings, DATABASE, path)
    _run(server, settings, folder, DATABASE, 50, Figures())


def begin(database: Database, chunk_claims: int, as_of: datetime.date = DEFAULT_AS_OF) -> Run:
    """Begin a run over everything that is staged."""
    with database.transaction(CALLER) as connection:
        run = begin_run(connection, chunk_claims=chunk_claims, as_of=as_of)
    assert run is not None
    return run


def _run(
    server: EmbeddedServer, settings: Settings, folder: Path, name: str, chunk_claims: int, figures: Figures
) -> None:
    def committed(done: Committed) -> None:
        figures.claims += done.claims
        figures.produced += done.produced
        figures.review += done.review
        figures.dead += done.dead
        for stage, seconds in done.seconds.items():
            figures.by_stage[stage] = figures.by_stage.get(stage, 0) + seconds

    events = AuditEvents(CALLER)
    with open_database(server.address(database=name)) as database:
        sealer = sealer_of(server, settings, name)
        processor = ready(sealer, tenant=CALLER.tenant, run_id=1, as_of=DEFAULT_AS_OF, systemic=SYSTEMIC)
        _warm(processor, folder)
        busy = _cpu()
        begun = clock.seconds()
        run = begin(database, chunk_claims)
        worker = Worker(
            Assignment(CALLER, database, run),
            processor,
            reports=Reports(events, events.finished, committed),
        )
        worker.work()
        figures.run_seconds = clock.seconds() - begun
        figures.run_cpu_seconds = _cpu() - busy
        with database.transaction(CALLER) as connection:
            for table, attribute in (("production.lines", "lines"), ("production.findings", "findings")):
                row = connection.execute(f"select count(*) from {table}".encode()).fetchone()  # noqa: S608
                setattr(figures, attribute, row[0] if row else 0)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _run_several(server: EmbeddedServer, folder: Path, chunk_claims: int, figures: Figures) -> None:
    """From the first lease to the last commit: starting the processes is not counted."""
    with open_database(server.address(database=_STAGED)) as database:
        begin(database, chunk_claims)
        # As the command begins its workers.
        code = (
            f"import sys; from {use_memory_again.__module__} import use_memory_again; use_memory_again(); "
            f"import {__name__} as benchmark; benchmark.help_out(*sys.argv[1:])"
        )
        helpers = [
            subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-c", code, str(server.home), str(folder)], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(figures.several_workers)
        ]  # fmt: skip
        for each in helpers:
            assert each.stdout is not None
            each.stdout.readline()
        begun = clock.seconds()
        for each in helpers:
            assert each.stdin is not None
            # One that has ended already says so by its status.
            with suppress(BrokenPipeError):
                each.stdin.write(b"go\n")
                each.stdin.close()
        with memory_watched(helpers) as seen_mb:
            for each in helpers:
                assert each.stdout is not None
                each.stdout.readline()
            figures.several_seconds = clock.seconds() - begun
        figures.several_peak_mb = max(seen_mb)
        if any(each.wait() for each in helpers):
            raise DatabaseError("a worker process of the benchmark has ended before its work: see above.")
        for each in helpers:
            assert each.stdout is not None
            each.stdout.close()


def help_out(home: str, folder: str) -> None:
    """A worker process of the benchmark: says when it is ready, waits for the word, works, says that it has.

    Where the database goes away it says so in one line, and ends with status 2.
    """
    try:
        _help_out(home, folder)
    except (psycopg.Error, DatabaseError, RunStoppedError) as problem:
        cause = problem.__cause__ or problem
        sys.stderr.write(f"claimwright: the benchmark's database went away: {type(cause).__name__}.\n")
        raise SystemExit(2) from None


def _help_out(home: str, folder: str) -> None:
    settings = load_settings(folder=Path(folder), variables={"CLAIMWRIGHT_HOME": str(Path(folder) / "home")})
    server = EmbeddedServer(Path(home))
    events = AuditEvents(CALLER)
    with open_database(server.address(database=_STAGED)) as database:
        run = begin(database, 1)
        processor = ready(
            sealer_of(server, settings, _STAGED),
            tenant=CALLER.tenant,
            run_id=run.run_id,
            as_of=run.as_of,
            systemic=SYSTEMIC,
            threads=1,
        )
        _warm(processor, Path(folder))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        worker = Worker(
            Assignment(CALLER, database, run),
            processor,
            # Nobody waits here for a database to come back.
            Patience(attempts=1),
            Reports(events, events.finished),
        )
        worker.work(to_the_end=False)
        sys.stdout.write("done\n")
        sys.stdout.flush()


def _warm(processor: Processor, folder: Path) -> None:
    """Have the engine of the worker's threads prepare its rules."""
    [batch] = [reading.batch for reading in read_source(sources([folder / "few.837"])[0])]
    processor.checker.check(batch, seen=SeenClaims(), threads=1)


def _copy_out(server: EmbeddedServer, name: str) -> float:
    """COPY everything that a run reads to this process, in PostgreSQL's binary format, and let it go."""
    begun = clock.seconds()
    with psycopg.connect(server.address(SUPERUSER, name)) as connection:
        for table in ("claims", "records", "findings"):
            drain(connection, _COPY_OUT.format(sql.Identifier("staging", table)), lambda _: None)
    return clock.seconds() - begun


_COPY_OUT = sql.SQL("copy (select * from {}) to stdout (format binary)")


def _copy_in(server: EmbeddedServer, name: str) -> float:
    """COPY the rows of the run into empty tables with the same indexes, in the binary format, and commit."""
    seconds = 0.0
    with psycopg.connect(server.address(SUPERUSER, name)) as connection:
        for number, table in enumerate(_PRODUCED):
            source, target = sql.Identifier(*table.split(".")), sql.Identifier(f"copied_{number}")
            where = sql.SQL("where state <> 'received'" if table.endswith("events") else "")
            rows = BytesIO()
            drain(
                connection,
                sql.SQL("copy (select * from {} {}) to stdout (format binary)").format(source, where),
                rows.write,
            )
            content = rows.getbuffer()
            connection.execute(sql.SQL("create table {} (like {} including all)").format(target, source))
            connection.commit()
            begun = clock.seconds()
            fill(connection, sql.SQL("copy {} from stdin (format binary)").format(target), content)
            connection.commit()
            seconds += clock.seconds() - begun
    return seconds
