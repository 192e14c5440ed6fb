"""A full circle: claims of the denial world are sent, adjudicated, answered by 835s, and posted.

What the ledger holds in the end is compared with what the payers of the world decided, to the cent. All of
it is synthetic.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from claimwright.features.checking import Checker
from claimwright.features.pipeline import Processor, Worker
from claimwright.features.remittance import RemittancePoster
from claimwright.features.remittance import tell as tell_remittance
from claimwright.foundation import clock
from claimwright.platform.database import SUPERUSER, Database, drain, fill
from claimwright.platform.objects import open_objects
from claimwright.platform.phi import Sealer
from claimwright.platform.settings import Settings
from claimwright.store.schema import open_database
from claimwright_lab.denial_world import World, WorldOptions, make_world, remittance, write_world
from claimwright_lab.pipeline_benchmark import benchmark as bench

_WRITTEN = (
    "remittance.payments", "remittance.provider_adjustments", "remittance.answers", "remittance.answer_lines",
    "remittance.adjustments", "remittance.stated_facts", "remittance.postings", "remittance.entries",
    "remittance.patient_balances", "remittance.denials", "remittance.next_claims", "remittance.underpayments",
    "prediction.outcomes",
)  # fmt: skip


@dataclass
class Circle:
    """What came back. Amounts in cents; `expected` is what the payers decided, `posted` what the ledger
    holds.
    """

    claims: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    expected: dict[str, int] = field(default_factory=dict)
    posted: dict[str, int] = field(default_factory=dict)
    denied_lines: int = 0
    denials_found: int = 0
    unknown_denials: int = 0
    seconds: float = 0
    copy_seconds: float = 0

    @property
    def is_exact(self) -> bool:
        """Whether every answer is posted, and every cent is where the payers put it."""
        return set(self.answers) == {"posted"} and self.expected == self.posted

    @property
    def times_the_copy(self) -> float:
        """The time of matching, posting and classifying, in times of copying the rows that it wrote."""
        return self.seconds / self.copy_seconds if self.copy_seconds else 0.0


def decided(world: World) -> dict[str, int]:
    """What the payers of a world decided, by account of the ledger, in cents."""
    services = world.services
    return {
        "cash": int(services["paid_cents"].sum()),
        "contractual": int(services["contractual_cents"].sum()),
        "denied": int(services["denied_cents"].sum()),
        "patient": int(services["patient_cents"].sum()),
        "revenue": -int(services["charge_cents"].sum()),
    }


def posted_totals(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """The balance of each account, without those of zero."""
    rows = connection.execute(
        "select account, sum(amount_cents)::bigint from remittance.entries "
        "group by 1 having sum(amount_cents) <> 0"
    ).fetchall()
    return dict(rows)


def _content_of(path: Path) -> Iterator[bytes]:
    # In pieces, as the command reads it: a block is at least as large as a piece.
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


def answered(
    database: Database, settings: Settings, sealer: Sealer, caller: Any, folder: Path, circle: Circle
) -> None:
    """Post the 835s of a folder, in order, and count what became of them."""
    poster = RemittancePoster(database, sealer, open_objects(settings), tell_remittance)
    begun = clock.seconds()
    for path in sorted(folder.glob("answers-*.835")):
        posted = poster.post(caller, partial(_content_of, path), path.name)
        for counted, own in (
            (circle.answers, posted.answers.states),
            (circle.reasons, posted.answers.reasons),
        ):
            for name, number in own.items():
                counted[name] = counted.get(name, 0) + number
    circle.seconds = clock.seconds() - begun


def found(connection: psycopg.Connection[Any], circle: Circle) -> None:
    """Fill in what the store holds."""
    circle.posted = posted_totals(connection)
    row = connection.execute(
        "select count(*), count(*) filter (where category = 'unknown') from remittance.denials"
    ).fetchone()
    assert row is not None
    circle.denials_found, circle.unknown_denials = row


def copied(connection: psycopg.Connection[Any]) -> float:
    """Seconds of a COPY of the rows that posting wrote, into empty tables with the same indexes."""
    seconds = 0.0
    for number, table in enumerate(_WRITTEN):
        source, target = sql.Identifier(*table.split(".")), sql.Identifier(f"copied_{number}")
        rows = BytesIO()
        drain(
            connection,
            sql.SQL("copy (select * from {}) to stdout (format binary)").format(source),
            rows.write,
        )
        connection.execute(sql.SQL("create table {} (like {} including all)").format(target, source))
        connection.commit()
        begun = clock.seconds()
        fill(connection, sql.SQL("copy {} from stdin (format binary)").format(target), rows.getbuffer())
        connection.commit()
        seconds += clock.seconds() - begun
    return seconds


def go_around(
    claims: int, *, seed: int = 11, one_file: bool = False, say: Callable[[str], None] = lambda _: None
) -> Circle:
    """Send, adjudicate, answer and post so many claims on a scratch server.

    The answers come in a file a month, or all in one file.
    """
    with bench.scratch() as (_, server, settings), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say("making claims and answers")
        world = make_world(WorldOptions(claims, seed=seed))
        write_world(world, folder)
        if one_file:
            for path in folder.glob("answers-*.835"):
                path.unlink()
            (folder / "answers-all.835").write_bytes(remittance(world, world.payments))
        circle = Circle(claims=claims, expected=decided(world))
        circle.denied_lines = world.services.filter(pl.col("carc").is_not_null()).height
        say("taking them in")
        bench.create(server, "circle")
        for path in sorted(folder.glob("claims-*.837")):
            bench.take_in(server, settings, "circle", path)
        with open_database(server.address(database="circle")) as database:
            sealer = bench.sealer_of(server, settings, "circle")
            say("checking")
            _process(database, sealer, bench.begin(database, 5_000), bench.CALLER)
            bench.settle(server)
            say("posting the answers")
            answered(database, settings, sealer, bench.CALLER, folder, circle)
        bench.settle(server)
        with psycopg.connect(server.address(SUPERUSER, "circle")) as connection:
            found(connection, circle)
            circle.copy_seconds = copied(connection)
        return circle


def _process(database: Database, sealer: Sealer, run: Any, caller: Any) -> None:
    from claimwright.features.pipeline import (
        SYSTEMIC,
        Assignment,
        AuditEvents,
        Reports,
        RulesOnly,
        Thresholds,
    )

    processor = Processor(
        Checker(as_of=run.as_of), sealer, caller.tenant, run.run_id, RulesOnly(), Thresholds(), SYSTEMIC
    )
    events = AuditEvents(caller)
    Worker(Assignment(caller, database, run), processor, reports=Reports(events, events.finished)).work()
