"""Models over the API: listed, read, promoted by a second person, made a shadow, rolled back."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable

import pytest
from httpx2 import Response
from tests.apps.api.conftest import ROOT, Doors

from claimwright.assembly.predictions import registry_for
from claimwright.engines.prediction import Model
from claimwright.engines.prediction.learning import Effort
from claimwright.features.prediction import Comparison, Registry, Training, history_of, train
from claimwright.platform.identity import issue_token
from claimwright_lab.denial_world import WorldOptions, answered_lines, make_world

TRAINING = Training(
    seed=3,
    train_until=datetime.date(2025, 1, 1),
    calibrate_until=datetime.date(2025, 3, 1),
    effort=Effort(pairs=0, rounds=20, bags=1),
    baselines=False,
)
FIRST, SECOND = Comparison(None, None, 0.80, 900), Comparison(None, 0.80, 0.83, 900)


@pytest.fixture(scope="session")
def trained() -> Model:
    """A quick model, with the card that training writes."""
    world = make_world(WorldOptions(claims=2_000, seed=11))
    history = history_of(world.batch, world.submitted_on, answered_lines(world), source="a small world")
    return train(history, TRAINING).model


@pytest.fixture
def registry(doors: Doors) -> Registry:
    """The models of the installation."""
    return registry_for(doors.services.settings, "default")


Post = Callable[[str], Response]


def poster(doors: Doors, headers: dict[str, str]) -> Post:
    return lambda path: doors.client.post(f"/api/v1/models/{path}", headers=headers)


def test_a_model_is_promoted_by_whoever_asks_replaced_and_restored_and_the_log_says_so(
    doors: Doors, registry: Registry, trained: Model
) -> None:
    first = registry.add(ROOT, trained, by="ann", comparison=FIRST)
    headers = doors.token("administrator")
    post = poster(doors, headers)
    assert post(f"{first}/promotion").json() == {"champion": first, "replaced": None}
    second = registry.add(
        ROOT, dataclasses.replace(trained, threshold=trained.threshold / 2), by="ann",
        comparison=dataclasses.replace(SECOND, champion=first),
    )  # fmt: skip
    assert post(f"{second}/shadow").json() == {"shadow": second}
    assert post(f"{second}/promotion").json() == {"champion": second, "replaced": first}
    assert post("rollback").json() == {"retired": second, "champion": first}
    approver = registry.entries()[second].by
    assert approver.startswith("user:")
    log = doors.client.get("/api/v1/audit", headers=headers, params={"action": "model."}).json()["items"]
    assert [
        (each["content"]["action"], each["content"]["actor"], each["content"]["detail"])
        for each in reversed(log)
    ] == [
        ("model.promoted", approver, {"model": first}),
        ("model.shadowed", approver, {"model": second}),
        ("model.promoted", approver, {"model": second, "previous_id": first}),
        ("model.rolled_back", approver, {"previous_id": second, "model": first}),
    ]
    assert all(each["content"]["correlation_id"] for each in log)


def test_models_are_listed_and_one_is_read_with_its_card(
    doors: Doors, registry: Registry, trained: Model
) -> None:
    name = registry.add(ROOT, trained, by="ann", comparison=FIRST)
    headers = doors.token("auditor")
    [listed] = doors.client.get("/api/v1/models", headers=headers).json()
    assert (listed["id"], listed["state"], listed["is_champion"], listed["trained_by"]) == (
        name, "candidate", False, ["ann"],
    )  # fmt: skip
    one = doors.client.get(f"/api/v1/models/{name}", headers=headers).json()
    assert one["card"]["source"] == "a small world"
    assert one["comparison"]["candidate_pr_auc"] == 0.80
    assert (one["gives_reasons"], one["as_predicted"]) == (True, [])
    assert [each["state"] for each in one["history"]] == ["candidate"]


def test_whoever_trained_a_model_does_not_promote_it_by_their_account_either(
    doors: Doors, registry: Registry, trained: Model
) -> None:
    number = doors.account("ann", "administrator")
    with doors.services.database.transaction(ROOT) as connection:
        _, bearer = issue_token(
            ROOT, connection, label="t", scopes=["all"], known_scopes=["all"], days=1, account_id=number
        )
    post = poster(doors, {"Authorization": f"Bearer {bearer}"})
    for trainer, threshold in (("os:ann", 0.5), (f"user:{number}", 0.25)):
        model = dataclasses.replace(trained, threshold=threshold)
        refused = post(f"{registry.add(ROOT, model, by=trainer, comparison=FIRST)}/promotion")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "state_conflict")
        assert "A second person must approve" in refused.json()["error"]["message"]
    assert registry.champion_id() is None


def test_what_the_state_of_a_model_does_not_allow_is_a_conflict_and_changes_nothing(
    doors: Doors, registry: Registry, trained: Model
) -> None:
    headers = doors.token("administrator")
    post = poster(doors, headers)
    assert post("rollback").status_code == 409
    name = registry.add(ROOT, trained, by="ann", comparison=dataclasses.replace(FIRST, calibration_slope=2.0))
    assert "not calibrated" in post(f"{name}/promotion").json()["error"]["message"]
    assert post(f"{name}/shadow").status_code == 200
    assert post(f"{name}/shadow").status_code == 409
    log = doors.client.get("/api/v1/audit", headers=headers, params={"action": "model."}).json()["items"]
    assert [each["content"]["action"] for each in log] == ["model.shadowed"]


def test_a_model_that_is_not_there_is_not_found_and_no_id_is_no_request(doors: Doors) -> None:
    headers = doors.token("administrator")
    for path, method in (("", "GET"), ("/promotion", "POST"), ("/shadow", "POST")):
        for name, status in (("m-0123456789ab", 404), ("..%2f..", 404), ("WILSON", 422)):
            answer = doors.client.request(method, f"/api/v1/models/{name}{path}", headers=headers)
            assert answer.status_code == status, (name, path)
            assert "WILSON" not in answer.text
            assert str(doors.services.settings.home) not in answer.text


def test_the_models_of_all_are_changed_by_the_installations_own_and_ones_own_by_a_tenant(
    doors: Doors, registry: Registry, trained: Model
) -> None:
    name = registry.add(ROOT, trained, by="ann", comparison=FIRST)
    post = poster(doors, doors.token("administrator", tenant="other"))
    assert post(f"{name}/promotion").status_code == 403
    assert post("rollback").status_code == 403
    own = doors.services.settings.home / "models" / "tenants" / "other"
    own.mkdir(parents=True)
    name = Registry(own).add(ROOT.of_tenant("other"), trained, by="ann", comparison=FIRST)
    assert post(f"{name}/promotion").status_code == 200
    assert registry.champion_id() is None


def test_a_damaged_log_of_models_is_no_fault_of_the_request(doors: Doors, registry: Registry) -> None:
    registry.folder.mkdir(parents=True, exist_ok=True)
    (registry.folder / "log.jsonl").write_text("{}\n", encoding="utf-8")
    headers = doors.token("administrator")
    for method, path in (("GET", "models"), ("POST", "models/rollback")):
        answer = doors.client.request(method, f"/api/v1/{path}", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert "log.jsonl" not in answer.text
