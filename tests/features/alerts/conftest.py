"""A tenant whose figures are summed facts of a year, and the clock at a fixed day."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest
from tests.calling import caller_of
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import sealer_of

from claimwright.domain.caller import Caller
from claimwright.engines.kpis.known import MEASURES
from claimwright.engines.kpis.rollup import DIMENSIONS
from claimwright.features.alerts import AlertView, definition_of, set_definition
from claimwright.features.analytics import SeenFigures, refresh_in
from claimwright.features.analytics.summing import Summing
from claimwright.foundation import clock
from claimwright.platform.database import Database
from claimwright.platform.phi import Sealer
from claimwright.store.alerts import FigureAlert, list_incidents

# A Wednesday.
TODAY = datetime.date(2026, 6, 17)
ALL = SeenFigures(lambda _: True, lambda _: True)
MASKED = SeenFigures(lambda _: True, lambda kind: kind != "identity")


@dataclass
class Watched:
    """The tenant, the clock of the test, and what stands behind it."""

    database: Database
    sealer: Sealer
    caller: Caller
    patch: pytest.MonkeyPatch
    today: datetime.date = TODAY
    view: AlertView = field(default_factory=lambda: AlertView(ALL, None))

    def at(self, day: datetime.date) -> None:
        self.today = day
        self.patch.setattr(clock, "today", lambda: day)

    def facts(self, day: datetime.date, payer: str, *, answered: int, denied: int) -> None:
        self.many([(day, payer, answered, denied)])

    def many(
        self,
        rows: list[tuple[datetime.date, str, int, int]],
        facts: tuple[str, str] = ("answered_paid", "denied"),
    ) -> None:
        """Claims that payers answered, and of them those that they denied, by day; or other facts."""
        frame = pl.DataFrame(
            [
                {
                    **dict.fromkeys(DIMENSIONS[1:]), "payer": payer, "facility": "FAC001", "fact": fact,
                    "valid_on": day, **dict.fromkeys(MEASURES, 0), "items": items,
                }
                for day, payer, answered, denied in rows
                for fact, items in zip(facts, (answered, denied), strict=True)
            ],
            infer_schema_length=None,
        ).with_columns(
            pl.lit(None, pl.Date).alias("anchor_on"), pl.lit(None, pl.Int64).alias("wait_days"),
            *(pl.col(name).cast(pl.String) for name in DIMENSIONS[1:]),
        )  # fmt: skip
        with self.database.transaction(self.caller) as connection:
            refresh_in(connection)
            sums = Summing(connection)
            sums.add(frame)
            sums.close()

    def past(self, payer: str, *, answered: int = 200, share: float = 0.08, days: int = 100) -> None:
        """The days before today, as they usually are."""
        rng = random.Random(payer)
        rows = []
        for back in range(1, days):
            claims = answered + rng.randrange(-20, 20)
            denied = sum(rng.random() < share for _ in range(claims))
            rows.append((self.today - datetime.timedelta(days=back), payer, claims, denied))
        self.many(rows)

    def define(self, name: str = "denials", **changes: object) -> None:
        body: dict[str, object] = {
            "name": name, "kpi": "initial_denial_rate", "by": ["payer"],
            "condition": {"kind": "unusual", "delay_days": 0}, "minimum_items": 30, **changes,
        }  # fmt: skip
        with self.database.transaction(self.caller) as connection:
            set_definition(self.caller, connection, definition_of(body), ALL)

    def alerts(self, *, only_open: bool = False) -> list[FigureAlert]:
        with self.database.transaction(self.caller) as connection:
            return list_incidents(connection, only_open=only_open)


@pytest.fixture
def watched(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with store.open() as database:
        made = Watched(database, sealer_of(store, tmp_path), caller_of(), monkeypatch)
        made.at(TODAY)
        yield made


Later = Callable[[float], datetime.datetime]


@pytest.fixture
def minutes() -> Later:
    """A number of minutes after the moment at which tests begin."""
    begun = datetime.datetime(2026, 6, 17, 15, 0, tzinfo=datetime.UTC)
    return lambda after: begun + datetime.timedelta(minutes=after)
