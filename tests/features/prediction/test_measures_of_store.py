"""Champion and shadow judged by what payers answered, as they predicted when claims were sent."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import numpy as np
import psycopg
import pytest
from tests.features.pipeline.bench_of_claims import CALLER, value
from typer.testing import CliRunner

from claimwright.apps.cli.main import app
from claimwright.engines.prediction.measures import quality
from claimwright.features.prediction import (
    Comparison,
    Registry,
    State,
    Trained,
    live_measures,
    live_stability,
    publish_metrics,
    record_correction,
)
from claimwright.platform.observability import METRICS

from .conftest import Shop

ALWAYS = {"since": datetime.date(2024, 1, 1), "until": datetime.date(2026, 1, 1)}
Say = Callable[..., tuple[int, str]]


@pytest.fixture
def models(copied: Shop, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Champion and shadow, which scored the store's claims."""
    registry = Registry(tmp_path_factory.mktemp("models"))
    for model in copied.models.values():
        registry.add(CALLER, model, by="ann")
    registry.promote(CALLER, copied.champion, approver="ben")
    registry.shadow(CALLER, copied.shadow, by="ben")
    return registry


@pytest.fixture
def say(copied: Shop, models: Registry, monkeypatch: pytest.MonkeyPatch) -> Say:
    """A command over the store, with its exit status and what it said."""
    monkeypatch.setenv("CLAIMWRIGHT_HOME", str(copied.files / "home"))
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_URL", copied.store.url)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> tuple[int, str]:
        found = CliRunner().invoke(app, list(words))
        return found.exit_code, " ".join(found.output.split())

    return run


def test_without_answers_nothing_is_measured(copied: Shop) -> None:
    with copied.store.open() as database, database.transaction(CALLER) as connection:
        assert live_measures(connection, **ALWAYS) == []


def test_every_model_is_measured_by_the_same_answers(copied: Shop, say: Say) -> None:
    status, said = say("feedback", "remittances", str(copied.files))
    # The files answer months that were never staged, too.
    assert status == 1, said
    assert "claims are not in production" in said
    with copied.store.open() as database, database.transaction(CALLER) as connection:
        champion, shadow = live_measures(connection, **ALWAYS)
        answered = connection.execute(
            "select p.probability, bool_or(o.carc is not null) from production.predictions p "
            "join prediction.outcomes o using (claim_key) where p.model = %s "
            "group by p.claim_key, p.probability order by p.claim_key",
            [copied.champion],
        ).fetchall()
        assert (
            live_measures(connection, since=datetime.date(2030, 1, 1), until=datetime.date(2031, 1, 1)) == []
        )
    assert [champion.role, shadow.role] == ["champion", "shadow"]
    assert champion.quality.claims == shadow.quality.claims == len(answered) > 100
    probability, denied = (np.array(column) for column in zip(*answered, strict=True))
    assert champion.quality.brier == pytest.approx(quality(probability, denied).brier)
    right = sum((given >= 0.5) == was for given, was in answered)
    assert champion.accuracy == pytest.approx(right / len(answered))


def test_a_shadow_is_judged_and_promoted_by_what_it_said_at_the_time(
    copied: Shop, say: Say, models: Registry
) -> None:
    folder = str(models.folder)
    status, said = say("model", "evaluate", copied.shadow, "--as-predicted", "--models", folder)
    assert status == 2
    assert "there are no adjudicated claims yet that both" in said
    say("feedback", "remittances", str(copied.files))
    status, said = say("model", "evaluate", copied.shadow, "--as-predicted", "--models", folder)
    assert status == 0, said
    compared = models.entries()[copied.shadow].comparison
    assert compared is not None
    # It ranks as the champion does, but for rounding: not better.
    assert (compared.champion, compared.claims > 100) == (copied.champion, True)
    assert say("model", "promote", copied.shadow, "--approver", "ben", "--models", folder)[0] == 2
    models.compare(CALLER, copied.shadow, Comparison(copied.champion, 0.1, 0.2, 100), by="ann")
    assert say("model", "promote", copied.shadow, "--approver", "ben", "--models", folder)[0] == 0
    assert say("model", "rollback", "--by", "ben", "--models", folder)[0] == 0
    assert models.entries()[copied.champion].state is State.CHAMPION


def test_drift_is_told_from_what_was_kept_without_opening_a_claim(
    copied: Shop, say: Say, models: Registry, trained: Trained
) -> None:
    with copied.store.open() as database, database.transaction(CALLER) as connection:
        stability = live_stability(
            connection, copied.champion, trained.model, since=datetime.date(2024, 1, 1)
        )
        assert live_stability(connection, "m-other", trained.model, since=datetime.date(2024, 1, 1)) is None
    assert stability is not None
    # All claims of a month are judged as of its last day: they look late.
    assert stability[0] > 0.25
    status, said = say("model", "drift", "--as-predicted", "--models", str(models.folder))
    assert status == 1
    assert "days_to_filing is distributed differently" in said


def test_predictions_are_metrics(copied: Shop, say: Say, trained: Trained) -> None:
    say("feedback", "remittances", str(copied.files))
    with copied.store.open() as database, database.transaction(CALLER) as connection:
        today = datetime.date(2025, 8, 1)
        publish_metrics(connection, (copied.champion, trained.model), today=today, days=365)
        champion = live_measures(connection, **ALWAYS)[0]
    told = METRICS().text().decode()
    [line] = [
        each
        for each in told.splitlines()
        if each.startswith(f'ml_prediction_accuracy{{model="{copied.champion}"')
    ]
    assert float(line.split()[-1]) == pytest.approx(champion.accuracy)
    for name in ("calibration_slope", "calibration_error", "pr_auc", "answered_claims"):
        assert f'ml_prediction_{name}{{model="{copied.shadow}",role="shadow"}}' in told
    assert 'ml_prediction_drift{feature="days_to_filing"}' in told


def test_the_store_is_learned_from_but_held_where_one_person_corrects_most(
    copied: Shop, say: Say, models: Registry
) -> None:
    folder = str(models.folder)
    assert "no payer decision" in say("model", "train", "--store", "--models", folder)[1]
    say("feedback", "remittances", str(copied.files))
    assert say("feedback", "status")[0] == 0
    with copied.store.open() as database, database.transaction(CALLER) as connection:
        for key in range(1, 71):
            record_correction(CALLER, connection, key, will_be_denied=True, said_by="user:9")
    status, said = say("feedback", "status")
    assert (status, "corrections are of one person" in said) == (1, True)
    status, said = say("model", "train", "--store", "--models", folder)
    assert (status, "training is blocked" in said) == (2, True)
    # Once somebody has looked it goes on, and finds that three months are no history yet.
    status, said = say("model", "train", "--store", "--looked-at-by", "user:2", "--models", folder)
    assert (status, "approved by user:2" in said, "are needed" in said) == (2, True, True)


def test_a_correction_is_kept_by_command(copied: Shop, say: Say) -> None:
    assert say("feedback", "correction", "1", "--denied", "--by", "user:9") == (0, "correction 1")
    assert "no claim 999999" in say("feedback", "correction", "999999", "--paid", "--by", "user:9")[1]


def test_predictions_are_asked_for_and_fetched_by_command(copied: Shop, say: Say, models: Registry) -> None:
    status, tracking_id = say("predictions", "submit", "1", "--as-of", "2025-06-15")
    assert status == 0
    assert '"in_progress"' in say("predictions", "status", tracking_id)[1]
    assert say("predictions", "status", "p-" + "0" * 32)[0] == 2
    assert "no claim 999999" in say("predictions", "submit", "999999")[1]


def test_a_prediction_outlives_its_key_and_goes_with_retention(
    copied: Shop, say: Say, models: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, tracking_id = say("predictions", "submit", "1", "--as-of", "2025-06-15")
    assert say("predictions", "work", "--models", str(models.folder))[0] == 0
    prefixes = "select array_agg(distinct substring(sealed for 5)) from prediction.stages"
    [before] = value(copied.store, prefixes)
    assert say("phi", "rotate")[0] == 0
    [after] = value(copied.store, prefixes)
    assert before != after
    status, said = say("predictions", "status", tracking_id)
    assert (status, '"completed"' in said) == (0, True)
    with psycopg.connect(copied.store.superuser) as connection:
        connection.execute("update prediction.jobs set finished_at = '2020-01-01'")
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_OWNER_URL", copied.store.owner)
    status, said = say("db", "retain")
    assert (status, "1 predictions of API clients" in said) == (0, True)
    assert say("predictions", "status", tracking_id)[0] == 2
    assert value(copied.store, "select count(*) from prediction.stages") == 0
