"""Who is called to help with a run."""

from __future__ import annotations

import datetime
import uuid
from pathlib import Path

import pytest

from claimwright.apps.cli.run_workers import helped_by_others
from claimwright.apps.cli.supervision import Supervised
from claimwright.features.pipeline import Run
from claimwright.platform.settings import load_settings

RUN = Run(1, datetime.date(2025, 9, 15), uuid.uuid4(), 10, resumed=False)


@pytest.mark.parametrize("others", [0, 1])
def test_others_are_called_where_there_are_chunks_for_them(others: int, tmp_path: Path) -> None:
    told = Supervised(2)
    settings = load_settings(folder=tmp_path, variables={})
    with helped_by_others(RUN, others, settings, "default", told):
        assert told._turn == others
