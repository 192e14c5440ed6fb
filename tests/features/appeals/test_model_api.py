"""Language models by the API and the command: their state, a trial, what was sent, what it cost, progress."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.database_server import Store
from tests.features.appeals.conftest import PEOPLE, Office, opened_office
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.checking import Checker
from claimwright.platform.phi import Sealer
from claimwright_lab.model_standin import KEY, ModelStandin, Step, draft_from_facts, standing_in

API = "/api/v1"
WHY = {"reason": "checking what was sent"}


@pytest.fixture(scope="module")
def standin() -> Iterator[ModelStandin]:
    with standing_in(draft_from_facts) as made:
        yield made


@pytest.fixture(scope="module")
def office(
    filled: tuple[Store, Sealer], checker: Checker, clinic_folder: Path, standin: ModelStandin,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:  # fmt: skip
    """The office, whose settings name two providers."""
    named = {
        "PROVIDERS": "anthropic,openai", "INWARD_HOSTS": "127.0.0.1", "ATTEMPTS": "1", "CACHE_DAYS": "0",
        "BREAKER_FAILURES": "2", "ANTHROPIC_URL": standin.address("anthropic"), "ANTHROPIC_KEY": KEY,
        "ANTHROPIC_PRICE_IN": "3", "ANTHROPIC_PRICE_OUT": "15", "OPENAI_URL": standin.address("openai"),
        "OPENAI_KEY": KEY, "OPENAI_MODEL": "local-x",
    }  # fmt: skip
    variables = {f"CLAIMWRIGHT_LANGUAGE_MODELS_{name}": value for name, value in named.items()}
    folder = tmp_path_factory.mktemp("models")
    with opened_office(filled[0], checker, clinic_folder, folder, **variables) as made:
        yield made


def test_a_letter_is_drafted_and_whoever_may_sees_what_was_sent_and_what_it_cost(
    office: Office, standin: ModelStandin
) -> None:
    client, doors = office.doors.client, office.doors
    writer, manager = doors.token("appeals_specialist"), doors.token("manager")
    administrator = doors.token("administrator")
    other = doors.token("appeals_specialist", facilities=["FAC009"])

    def get(path: str, headers: dict[str, str], status: int = 200) -> Any:
        answer = client.get(f"{API}{path}", headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(path: str, headers: dict[str, str], body: Any, status: int = 200) -> Any:
        answer = client.post(f"{API}{path}", headers=headers, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    denial = office.denied("A100")
    office.document("A100")
    wanted = {"denial_id": denial, "anyway": True, "as_of": "2026-03-01"}
    case = post("/appeals", writer, wanted, 202)
    number, tracking = case["case_id"], f"/appeals/tracking/{case['tracking_id']}"
    # The request does not wait for the model: a worker does, and the tracking id tells how far it is.
    assert (case["state"], case["drafter"], standin.asked) == ("in_progress", None, [])
    assert get(tracking, writer)["status"] == "in_progress"
    assert get(tracking, other)["status"] == "not_found"
    again = post("/appeals", writer, wanted, 202)
    assert (again["case_id"], again["state"]) == (number, "in_progress")
    office.letters_done()
    assert len(standin.asked) == 1
    found = get(tracking, writer)
    assert (found["status"], found["case"]["case_id"]) == ("completed", number)
    case = found["case"]
    assert (case["state"], case["drafter"]) == ("marked", "model:anthropic/claude-sonnet-4-5")
    shown = post(f"/appeals/{number}/opening", writer, WHY)
    drafted = shown["drafted"]
    assert (drafted["by"], drafted["prompt"], drafted["tries"]) == (
        "model", "appeal-draft@1", ["anthropic: answered"],
    )  # fmt: skip
    [call] = get(f"/appeals/{number}/model-calls", manager)
    assert (call["state"], call["tokens_in"], call["tokens_out"], call["cost"]) == (
        "answered", 1200, 340, "0.008700",
    )  # fmt: skip
    opening = f"/appeals/{number}/model-calls/{call['call_id']}/opening"
    # A manager sees no notes: not what was made of them either. Another facility sees that there is none.
    post(opening, manager, WHY, 403)
    post(opening, other, WHY, 404)
    get(f"/appeals/{number}/model-calls", other, 404)
    post(opening, writer, {}, 422)
    post(f"/appeals/{number}/model-calls/999999/opening", writer, WHY, 404)
    sent = post(opening, writer, WHY)
    assert json.loads(sent["request"]) == standin.asked[-1].body
    assert PEOPLE["A100"]["member"] not in sent["request"]
    assert json.loads(sent["answer"])["statements"]
    with office.database.transaction(CALLER) as connection:
        row = connection.execute(
            "select body::jsonb -> 'detail' from platform.audit_log where action = 'phi.read'"
            " and subject = %s order by sequence desc limit 1",
            [f"appeal:{number}"],
        ).fetchone()
    assert row is not None
    assert "model_call" in json.dumps(row[0])
    told = get("/language-models", writer)
    assert told["drafter"] == "model"
    first, second = told["providers"]
    assert (first["name"], first["breaker"], first["calls"], first["cost"]) == (
        "anthropic", "closed", 1, "0.008700",
    )  # fmt: skip
    assert (second["name"], second["calls"], second["model"]) == ("openai", 0, "local-x")
    [spent] = get("/language-models/spending?by=subject", administrator)
    assert (spent["name"], spent["tokens_in"], spent["cost"]) == (f"appeal:{number}", 1200, "0.008700")
    get("/language-models/spending", writer, 403)
    progress = get(f"/appeals/{number}/drafting", writer)
    assert (progress["state"], progress["call"]["call_id"]) == ("marked", call["call_id"])
    answer = client.get(f"{API}/appeals/{number}/drafting/stream", headers=writer)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("event: done\ndata: {")


def test_a_trial_drafts_for_nobody_and_is_told_in_the_audit_log(
    office: Office, standin: ModelStandin
) -> None:
    client, writer = office.doors.client, office.doors.token("appeals_specialist")
    answer = client.post(f"{API}/language-models/trial", headers=writer, json={"provider": "openai"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["tries"] == ["openai: answered"]
    assert (found["call"]["subject"], found["own"] > 0) == ("trial", True)
    assert "Quentin Sample" in json.dumps(found["statements"])
    assert "quentin" not in json.dumps(standin.asked[-1].body).lower()
    with office.database.transaction(CALLER) as connection:
        row = connection.execute(
            "select count(*) from platform.audit_log where action = 'drafting.tried'"
            " and subject = 'language_model:openai'"
        ).fetchone()
    assert row == (1,)
    refused = client.post(f"{API}/language-models/trial", headers=writer, json={"provider": "bedrock"})
    assert refused.status_code == 404


def test_a_letter_is_the_rules_where_that_is_wanted_or_nobody_answers(
    office: Office, standin: ModelStandin
) -> None:
    client, writer = office.doors.client, office.doors.token("appeals_specialist")
    [before, _] = client.get(f"{API}/language-models", headers=writer).json()["providers"]
    denial = office.denied("A500")
    wanted = {"denial_id": denial, "anyway": True, "as_of": "2026-03-01", "drafter": "rules"}
    case = client.post(f"{API}/appeals", headers=writer, json=wanted).json()
    assert (case["drafter"], case["drafter_reason"]) == ("rules", "it was wanted without a language model")
    standin.always = Step(status=500)
    # A wish of the person stays with the case; one that was asked of nobody in particular asks the model.
    [first, _] = client.get(f"{API}/language-models", headers=writer).json()["providers"]
    assert first["calls"] == before["calls"]
    denial = office.denied("A700")
    case = client.post(
        f"{API}/appeals", headers=writer, json={**wanted, "denial_id": denial, "drafter": None}
    ).json()
    office.letters_done()
    case = client.get(f"{API}/appeals/{case['case_id']}", headers=writer).json()
    assert case["drafter"] == "rules"
    assert case["drafter_reason"] == (
        "no language model gave a usable answer: anthropic: server_error, openai: server_error"
    )
    client.post(f"{API}/appeals/{case['case_id']}/refresh", headers=writer)
    office.letters_done()
    [first, _] = client.get(f"{API}/language-models", headers=writer).json()["providers"]
    assert (first["breaker"], first["problem"]) == ("open", "ModelServerError")
    standin.always = None
