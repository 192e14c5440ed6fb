"""The command about underpayments withholds what the API does, by the same policies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.features.pipeline.bench_of_claims import CALLER
from typer.testing import CliRunner

from claimwright.apps.cli import session, underpayments_command
from claimwright.apps.cli.main import app
from claimwright.domain.caller import Caller, Origin

from .conftest import Clinic
from .test_underpayments import found, short


@pytest.mark.parametrize(("role", "sees"), [("manager", True), ("viewer", False)])
def test_who_may_not_see_what_was_done_sees_no_procedure(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, role: str, sees: bool
) -> None:
    @contextmanager
    def store_of(_: Any) -> Iterator[Any]:
        yield clinic.database

    def caller(*_: object) -> Caller:
        return replace(CALLER, roles=frozenset({role}), origin=Origin.TERMINAL)

    monkeypatch.setattr(session, "caller_of", caller)
    monkeypatch.setattr(underpayments_command, "store_of", store_of)
    monkeypatch.setattr(underpayments_command, "sealer_of", lambda *_: clinic.sealer)
    monkeypatch.setenv("COLUMNS", "260")
    clinic.post(short())
    [one] = found(clinic)
    assert one.procedure is not None
    run = CliRunner().invoke
    listed = run(app, ["underpayments"])
    assert listed.exit_code == 1, listed.output
    assert (one.procedure in listed.output) is sees
    assert ("Withheld: service from on" in listed.output) is not sees
    shown = run(app, ["underpayments", "--show", str(one.underpayment_id)])
    assert (one.basis.splitlines()[0] in shown.output) is sees
    assert ("How it is computed is withheld" in shown.output) is not sees
    path = tmp_path / "dispute.csv"
    assert run(app, ["underpayments", "--dispute", one.payer_id or "", "--out", str(path)]).exit_code == 1
    assert ("procedure" in pl.read_csv(path).columns) is sees
