"""The commands `model`, `predict` and `world`, as a user types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.features.pipeline.bench_of_claims import CALLER
from typer.testing import CliRunner

from claimwright.apps.cli.main import app
from claimwright.features.prediction import Registry, Trained


def run(*words: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, list(words))
    return found.exit_code, found.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("files") / "world"
    status, said = run("world", "--out", str(target), "--claims", "300", "--seed", "5", "--kind", "easy")
    assert status == 0, said
    return target


@pytest.fixture
def models(tmp_path: Path, trained: Trained) -> Path:
    registry = Registry(tmp_path / "models")
    registry.promote(CALLER, registry.add(CALLER, trained.model, by="ann"), approver="ben")
    return registry.folder


def test_without_a_champion_predict_says_that_rules_decide_alone(folder: Path, tmp_path: Path) -> None:
    status, said = run("predict", str(folder / "claims-2025-06.837"), "--models", str(tmp_path / "none"))
    assert status == 2
    assert "Only rules apply" in " ".join(said.split())


def test_predict_writes_a_row_for_every_claim(folder: Path, models: Path, tmp_path: Path) -> None:
    import polars as pl

    target = tmp_path / "predicted.csv"
    claims = str(folder / "claims-2025-06.837")
    status, said = run(
        "predict",
        claims,
        "--models",
        str(models),
        "--as-of",
        "2025-06-30",
        "--out",
        str(target),
        "--limit",
        "2",
    )
    assert status in (0, 1), said
    found = pl.read_csv(target)
    assert found.height == (folder / "claims-2025-06.837").read_text().count("\nCLM*")
    assert found["denial_probability"].is_between(0, 1).all()
    assert found["predicted_by"].unique().to_list() == [Registry(models).champion_id()]


def test_too_short_a_history_is_refused_with_what_is_missing(folder: Path, tmp_path: Path) -> None:
    status, said = run(
        "model",
        "train",
        "--claims",
        str(folder),
        "--remittances",
        str(folder),
        "--models",
        str(tmp_path / "m"),
    )
    assert status == 2
    assert "are needed" in " ".join(said.split())
    assert "Traceback" not in said


def test_nothing_to_learn_from_is_said_in_one_line(tmp_path: Path) -> None:
    status, said = run("model", "train", "--models", str(tmp_path))
    assert status == 2
    assert "--world 40000" in " ".join(said.split())


def test_training_is_held_where_one_person_corrects_most(tmp_path: Path) -> None:
    path = tmp_path / "feedback.csv"
    rows = [f"C{n},P{n % 9},true,correction,mallory,2025-06-01" for n in range(500)]
    path.write_text("\n".join(["claim_id,payer,label,source,by,at", *rows]))
    status, said = run(
        "model", "train", "--world", "600", "--feedback", str(path), "--models", str(tmp_path / "models")
    )
    assert status == 2
    assert "training is blocked" in " ".join(said.split())
    assert Registry(tmp_path / "models").entries() == {}


def test_a_damaged_champion_is_named(folder: Path, models: Path) -> None:
    name = Registry(models).champion_id()
    assert name is not None
    (models / name / "terms.npz").write_bytes(b"nothing")
    status, said = run("predict", str(folder / "claims-2025-06.837"), "--models", str(models))
    assert status == 2
    assert "terms.npz is damaged" in " ".join(said.split())


def test_models_are_listed_shown_reported_and_rolled_back(models: Path, tmp_path: Path) -> None:
    name = Registry(models).champion_id()
    assert name is not None
    assert name in run("model", "list", "--models", str(models))[1]
    assert "PR-AUC" in run("model", "show", name, "--models", str(models))[1]
    page = tmp_path / "card.html"
    assert run("model", "report", name, "--out", str(page), "--models", str(models))[0] == 0
    assert name in page.read_text()
    assert run("model", "rollback", "--by", "ben", "--models", str(models))[0] == 0
    assert Registry(models).champion_id() is None


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_predict_draws_the_likeliest_claims_reasons(
    folder: Path, models: Path, tmp_path: Path, kind: str
) -> None:
    picture = tmp_path / f"why.{kind}"
    words = ["predict", str(folder / "claims-2025-06.837"), "--models", str(models), "--limit", "1"]
    status, said = run(*words, "--waterfall", str(picture))
    assert status in (0, 1), said
    assert picture.read_bytes().startswith({"svg": b"<svg", "png": b"\x89PNG"}[kind])
    assert run(*words, "--waterfall", str(tmp_path / "why.gif"))[0] == 2


def test_predict_knows_the_past_that_files_tell(folder: Path, models: Path, tmp_path: Path) -> None:
    import polars as pl

    def predicted(*more: str) -> pl.Series:
        target = tmp_path / "predicted.csv"
        words = ["predict", str(folder / "claims-2025-06.837"), "--models", str(models)]
        status, said = run(*words, "--as-of", "2025-06-30", "--out", str(target), "--limit", "0", *more)
        assert status in (0, 1), said
        return pl.read_csv(target)["denial_probability"]

    # All of these claims were sent before, and duplicates are denied.
    known = predicted("--claims", str(folder), "--remittances", str(folder))
    assert (known >= predicted() - 1e-9).mean() > 0.9
    assert known.mean() > predicted().mean() + 0.2


@pytest.mark.parametrize("name", ["answers-2025-05.835", "notes.txt"])
def test_predict_refuses_a_file_that_is_no_837(folder: Path, models: Path, name: str) -> None:
    notes = folder / "notes.txt"
    notes.write_text("Dear payer, these are no claims.\n")
    claims = str(folder / "claims-2025-06.837")
    for paths in ([str(folder / name)], [claims, str(folder / name)]):
        status, said = run("predict", *paths, "--models", str(models))
        assert status == 2, said
        assert f"{name}: contains no 837 transaction" in "".join(said.split("\n"))
    notes.unlink()


def test_a_model_is_not_judged_on_claims_that_it_learned_from(tmp_path: Path, trained: Trained) -> None:
    """The gate would open for any model that knows its own claims by heart."""
    registry = Registry(tmp_path / "models")
    name = registry.add(CALLER, trained.model, by="ann")
    words = ["model", "evaluate", name, "--models", str(registry.folder)]
    status, said = run(*words, "--world", "8000", "--world-seed", "11", "--world-kind", "easy")
    assert status == 2
    assert f"{name} learned from" in " ".join(said.split())
    assert registry.entries()[name].comparison is None
    # In part too: the others judge where that is asked for.
    status, said = run(
        *words, "--world", "8000", "--world-seed", "11", "--world-kind", "easy", "--leave-out-seen"
    )
    assert status == 0, said
    assert "claims are left out" in said
    compared = registry.entries()[name].comparison
    assert compared is not None
    assert 0 < compared.claims < 8_000 / 2
    status, said = run(*words, "--world", "1500", "--world-seed", "8", "--world-kind", "easy")
    assert status == 0, said
