"""Claims of the denial world, sent, adjudicated, answered and posted: no cent is lost on the way."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import polars as pl
import pytest
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import CALLER, Shelf, begun, sealer_of, stage, worker

from claimwright.engines.x12 import write_837
from claimwright.features.checking import Checker
from claimwright.features.remittance import RemittancePoster, tell
from claimwright_lab.denial_world import WorldOptions, make_world, remittance
from claimwright_lab.full_circle import decided, posted_totals
from claimwright_lab.sampling import DEFAULT_AS_OF


@pytest.mark.slow
def test_what_the_payers_decided_is_in_the_ledger(store: Store, tmp_path: Path) -> None:
    world = make_world(WorldOptions(400, seed=20261129))
    sealer = sealer_of(store, tmp_path)
    with store.open() as database:
        stage(database, sealer, b"".join(write_837([world.batch])))
        worker(database, sealer, begun(database), Checker(as_of=DEFAULT_AS_OF)).work()
        # Two files, the later payments first.
        days = world.payments["paid_on"]
        middle = days.sort()[len(days) // 2]
        poster = RemittancePoster(database, sealer, Shelf(), tell)
        for part in (world.payments.filter(days > middle), world.payments.filter(days <= middle)):
            content = remittance(world, part)
            opened = partial(list, [content])
            posted = poster.post(CALLER, opened, "answers.835")
            assert posted.is_clean
            # Again, it changes nothing.
            assert poster.post(CALLER, opened, "answers.835").earlier
        with database.transaction(CALLER) as connection:
            assert posted_totals(connection) == decided(world)
            [(denials, denied)] = connection.execute(
                "select count(*), sum(amount_cents)::bigint from remittance.denials"
            ).fetchall()
            [(outcomes,)] = connection.execute(
                "select count(*) from prediction.outcomes where carc is not null"
            ).fetchall()
        lines = world.services.filter(pl.col("carc").is_not_null())
        assert denials == outcomes == lines.height
        assert denied == lines["denied_cents"].sum()
