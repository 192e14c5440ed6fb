"""Claims and answers from files make the history that the world itself makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from claimwright.features.prediction import AnswerError, history_of, read_835, read_history
from claimwright_lab.denial_world import (
    WorldOptions,
    answered_lines,
    make_world,
    remittance,
    write_world,
)

SMALL = WorldOptions(claims=700, seed=21)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("world")
    write_world(make_world(SMALL), target)
    return target


def test_a_history_from_files_is_that_of_the_world(folder: Path) -> None:
    world = make_world(SMALL)
    wanted = history_of(world.batch, world.submitted_on, answered_lines(world), source="")
    found = read_history([str(path) for path in sorted(folder.glob("*.837"))], [folder], None)
    assert len(found) == len(wanted)
    assert np.array_equal(found.denied, wanted.denied)
    assert np.array_equal(found.answers.reasons, wanted.answers.reasons)
    assert np.array_equal(found.answers.answered_day, wanted.answers.answered_day)
    causes = wanted.answers.line_cause
    assert causes is not None
    assert found.answers.line_cause is not None
    assert np.array_equal(found.answers.line_cause, causes)
    assert len(np.unique(causes)) > 5
    assert np.array_equal(found.paid_cents, wanted.paid_cents)
    assert np.array_equal(found.sent_day, wanted.sent_day)


def test_a_history_from_csv_is_the_same(folder: Path, tmp_path: Path) -> None:
    world = make_world(SMALL)
    csv = tmp_path / "outcomes.csv"
    answered_lines(world).join(world.batch.claims.select("claim", "claim_id"), on="claim").write_csv(csv)
    found = read_history([str(path) for path in sorted(folder.glob("*.837"))], [], csv)
    wanted = history_of(world.batch, world.submitted_on, answered_lines(world), source="")
    assert np.array_equal(found.denied, wanted.denied)


def test_another_reader_finds_nothing_wrong_with_the_835(tmp_path: Path) -> None:
    import pyx12.params
    import pyx12.x12n_document

    world = make_world(WorldOptions(claims=120, seed=4))
    path = tmp_path / "answers.835"
    path.write_bytes(remittance(world, world.payments))
    parameters = pyx12.params.params()
    assert pyx12.x12n_document.x12n_document(parameters, str(path), None, None, None)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[3:], "no ISA segment"),
        (lambda text: text.replace(b"ST*835", b"ST*837", 1), "not an 835"),
        (lambda text: text.replace(b"LX*1~\n", b"", 1), "differs from its SE"),
        (lambda text: text.replace(b"SVC*HC:", b"SVC*HC:X*x*", 1), "no amount in SVC02"),
    ],
)
def test_a_damaged_835_is_refused_with_its_place(damage: object, message: str) -> None:
    world = make_world(WorldOptions(claims=60, seed=4))
    text = remittance(world, world.payments)
    assert callable(damage)
    with pytest.raises(AnswerError, match=message):
        read_835(damage(text), "answers.835")
