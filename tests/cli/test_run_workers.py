"""How many processes a run has: what was measured, and never more than there are chunks for."""

from __future__ import annotations

import datetime
import os
import uuid
from pathlib import Path

import pytest

from claimwright.apps.cli.run_command import _measured_workers
from claimwright.apps.cli.run_workers import helped_by_others
from claimwright.apps.cli.supervision import Supervised
from claimwright.features.pipeline import Run
from claimwright.platform.settings import load_settings

RUN = Run(1, datetime.date(2025, 9, 15), uuid.uuid4(), 10, resumed=False)


@pytest.mark.parametrize(("processors", "workers"), [(1, 1), (2, 2), (64, 2)])
def test_by_default_there_is_a_worker_for_each_processor_and_two_at_most(
    monkeypatch: pytest.MonkeyPatch, processors: int, workers: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)), raising=False)
    assert _measured_workers() == workers


@pytest.mark.parametrize("others", [0, 1])
def test_others_are_called_where_there_are_chunks_for_them(others: int, tmp_path: Path) -> None:
    told = Supervised(2)
    settings = load_settings(folder=tmp_path, variables={})
    with helped_by_others(RUN, others, settings, "default", told):
        assert told._turn == others
