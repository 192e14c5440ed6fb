"""Who is called to help with a run."""

from __future__ import annotations

import datetime
import uuid
from pathlib import Path

import pytest
from tests.calling import caller_of

from claimwright.assembly.runs import Workshop
from claimwright.assembly.supervision import Supervised
from claimwright.features.pipeline import Run
from claimwright.platform.settings import load_settings
from claimwright.store.schema import open_database

RUN = Run(1, datetime.date(2025, 9, 15), uuid.uuid4(), 10, resumed=False)


@pytest.mark.parametrize("others", [0, 1])
def test_others_are_called_where_there_are_chunks_for_them(others: int, tmp_path: Path) -> None:
    processes = Supervised(2)
    settings = load_settings(folder=tmp_path, variables={})
    shop = Workshop(caller_of(), settings, open_database("postgresql://nobody@127.0.0.1:9/none"))
    with shop.helped(RUN, others, processes):
        assert processes._turn == others
