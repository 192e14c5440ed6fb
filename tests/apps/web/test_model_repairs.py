"""A language model is asked for a repair on the claim's page; a person applies what it proposes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.apps.api.conftest import Doors, opened
from tests.apps.web.conftest import Desk, toured
from tests.features.repairs.conftest import Clinic, checker, processed_clinic

from claimwright_lab.model_standin import KEY, Asked, ModelStandin, Step, standing_in

__all__ = ["checker", "processed_clinic"]
pytestmark = pytest.mark.slow
_BLOCK = re.compile(r"<data>\n(.*?)\n</data>", re.DOTALL)


@pytest.fixture(scope="module")
def standin() -> Iterator[ModelStandin]:
    with standing_in() as made:
        yield made


@pytest.fixture(scope="module")
def practice(
    processed_clinic: Clinic, standin: ModelStandin, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Doors]:
    """The clinic of known defects, in which a model may be asked."""
    home = tmp_path_factory.mktemp("model")
    shutil.copytree(processed_clinic.folder / "home", home / "home")
    models = {
        "PROVIDERS": "openai", "PROPOSE_REPAIRS": "true", "INWARD_HOSTS": "127.0.0.1", "ATTEMPTS": "1",
        "CACHE_DAYS": "0", "OPENAI__MODEL": "local-x", "OPENAI__KEY": KEY,
        "OPENAI__URL": standin.address("openai"),
    }  # fmt: skip
    more = {f"CLAIMWRIGHT_LANGUAGE_MODELS__{name}": value for name, value in models.items()}
    with processed_clinic.store.copied() as copy, opened(copy, home, **more) as made:
        toured(made, made.account("biller", "claims_processor"))
        yield made


def proposing(new: str) -> Any:
    """An answer that gives the billing provider another state, for all findings."""

    def answer(asked: Asked) -> dict[str, Any]:
        claim, findings = (json.loads(each) for each in _BLOCK.findall(asked.user))
        state = next(each for each in claim["facts"] if each["field"] == "billing_state")
        change = {"fact": state["id"], "old": state["value"], "new": new}
        named = [each["id"] for each in findings]
        return {"repairs": [{"findings": named, "facts": [state["id"]], "changes": [change]}]}

    return answer


def test_a_model_is_asked_its_failures_are_told_and_a_person_applies_what_it_proposes(
    desk: Desk, standin: ModelStandin, processed_clinic: Clinic
) -> None:
    page, key = desk.page, processed_clinic.keys["typing error"]
    desk.sign_in("biller", f"/claims/{key}?tab=fix")
    page.keyboard.press("o")
    page.get_by_role("dialog").get_by_label("Reason").fill("the finding was looked at")
    page.keyboard.press("Enter")
    standin.always = Step(status=500)
    page.get_by_role("button", name="Ask a model for a repair").click()
    expect(page.get_by_text("No model gave an answer that can be used: openai failed")).to_be_visible()
    standin.always, standin.answer = None, proposing("XX")
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_text("the rules let none of them pass")).to_be_visible()
    standin.answer = proposing("OH")
    page.get_by_role("button", name="Ask again").click()
    proposal = page.get_by_role("article", name="Proposed by openai/local-x")
    expect(proposal.locator(".diff")).to_contain_text("OH")
    expect(proposal).to_contain_text("It rests on billing state")
    expect(proposal).to_contain_text("Goes away")
    proposal.get_by_role("button", name="Apply").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("the state on the provider's record")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Version 2 is staged"))).to_be_visible()
