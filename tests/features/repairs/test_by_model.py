"""Repairs that a language model proposes: over its wire, without names, tried before they are offered, and
applied by a person through the same door. What misbehaves proposes nothing.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from tests.features.pipeline.bench_of_claims import Shelf, rows, sealer_of
from tests.features.repairs.conftest import BILLER, Clinic, no_identity, opening

from claimwright.domain.dictionary import DICTIONARY, Phi
from claimwright.features.claims import opened_claim
from claimwright.features.repairs import RepairProposer, Wanted, corrections_before
from claimwright.platform.language_models import (
    AnthropicWire,
    Gateway,
    ModelLimits,
    OpenAiWire,
    Provider,
    model_calls,
    sent_call,
)
from claimwright_lab.model_standin import KEY, Asked, ModelStandin, Step, standing_in

_BLOCK = re.compile(r"<data>\n(.*?)\n</data>", re.DOTALL)


@pytest.fixture(scope="module")
def standin() -> Iterator[ModelStandin]:
    with standing_in() as made:
        yield made


class Asking:
    """A clinic whose claims a model may propose repairs for."""

    def __init__(self, clinic: Clinic, standin: ModelStandin) -> None:
        self.clinic, self.standin = clinic, standin
        standin.steps, standin.always, standin.asked = [], None, []
        wires = (
            AnthropicWire("claude-x", standin.address("anthropic"), SecretStr(KEY)),
            OpenAiWire("local-x", standin.address("openai"), SecretStr(KEY)),
        )
        limits = ModelLimits(
            timeout_seconds=2, quiet_seconds=0.5, attempts=1, breaker_failures=1_000, cache_days=0,
            inward_hosts=frozenset({"127.0.0.1"}),
        )  # fmt: skip
        self.desk = clinic.desk()
        gateway = Gateway(
            [Provider(each) for each in wires], limits, clinic.database, clinic.sealer, sleep=lambda _: None
        )
        self.proposer = RepairProposer(self.desk, gateway, clinic.shelf)


@pytest.fixture(scope="module")
def clinic(processed_clinic: Clinic, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """One copy for all tests: only the last one corrects a claim, which no other looks at."""
    folder = tmp_path_factory.mktemp("by_model")
    shutil.copytree(processed_clinic.folder / "home", folder / "home")
    with processed_clinic.store.copied() as store, store.open() as database:
        shelf = Shelf(dict(processed_clinic.shelf.objects))
        yield Clinic(store, folder, sealer_of(store, folder), shelf, processed_clinic.keys, database)


@pytest.fixture
def asking(clinic: Clinic, standin: ModelStandin) -> Asking:
    return Asking(clinic, standin)


def told(asked: Asked) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    claim, findings = (json.loads(each) for each in _BLOCK.findall(asked.user))
    return claim["facts"], findings


def fact(asked: Asked, field: str, line: int | None = None) -> dict[str, Any]:
    return next(each for each in told(asked)[0] if (each["field"], each["line"]) == (field, line))


def answering(field: str, new: str | None, *, line: int | None = None, old: str | None = None) -> Any:
    """An answer that changes one field, resting on all findings."""

    def answer(asked: Asked) -> dict[str, Any]:
        found, findings = fact(asked, field, line), told(asked)[1]
        change = {"fact": found["id"], "old": found["value"] if old is None else old, "new": new}
        named = [each["id"] for each in findings]
        return {"repairs": [{"findings": named, "facts": [found["id"]], "changes": [change]}]}

    return answer


def test_a_proposal_is_tried_offered_and_applied_by_a_person(asking: Asking) -> None:
    clinic, key = asking.clinic, asking.clinic.keys["second state"]
    asking.standin.answer = answering("billing_state", "IN")
    found = asking.proposer.propose(BILLER, key, opening())
    assert (found.model, found.prompt, found.why_not) == ("anthropic/claude-x", "repair-proposal@1", None)
    [repair] = found.repairs
    assert [(each.field, each.old, each.new) for each in repair.changes] == [("billing_state", "in", "IN")]
    assert repair.after.gone
    assert not repair.after.blocks
    # Nothing has changed yet; a person applies it.
    with clinic.database.transaction(BILLER) as connection:
        assert corrections_before(connection, claim_key=key, limit=5) == []
    wanted = Wanted((), repair.edits)
    done = asking.desk.correct(BILLER, key, wanted, opening(), etag=found.etag)
    assert (done.fields, done.version) == (["billing_state"], 2)


def test_no_value_that_names_somebody_is_sent_and_what_is_sent_is_kept_sealed(asking: Asking) -> None:
    clinic, key = asking.clinic, asking.clinic.keys["typing error"]
    asking.standin.answer = answering("billing_state", "OH")
    asking.proposer.propose(BILLER, key, opening())
    [asked] = asking.standin.asked
    how = opening()
    batch = opened_claim(
        BILLER, clinic.database, clinic.sealer, claim_key=key, reason=how.reason, unmasked=True,
        decide=how.decide, correlation_id=how.correlation_id,
    ).batch  # fmt: skip
    hidden = [each for each in DICTIONARY if each.phi not in (Phi.NONE, Phi.CLINICAL)]
    names = [each for each in DICTIONARY if each.name.endswith(("_name", "_npi", "_tax_id", "_address_1"))]
    looked_for = 0
    for level, frame in batch.frames().items():
        for each in (*hidden, *names):
            if each.level is level and each.name in frame.columns:
                for value in frame[each.name].drop_nulls().cast(str).to_list():
                    if len(value) > 2:
                        looked_for += 1
                        assert value not in asked.user, each.name
    assert looked_for > 15
    with clinic.database.transaction(BILLER) as connection:
        call = model_calls(connection, subject=f"claim:{key}")[0]
        sent = sent_call(BILLER, connection, clinic.sealer, call)
    assert (call.stage, call.is_used) == ("repair", True)
    assert "billing_state" in sent.request
    for (stored,) in rows(clinic.store, "select sealed_request from platform.model_calls"):
        assert isinstance(stored, bytes)
        assert b"billing_state" not in stored


@pytest.mark.parametrize(
    ("field", "new", "line", "why"),
    [
        ("procedure", "99215", 1, "what was done, found or charged"),
        ("line_charge", "1.00", 1, "what was done, found or charged"),
        ("diagnosis", "E119", None, "what was done, found or charged"),
        ("subscriber_name", "SMITH", None, "short code"),
        ("subscriber_birth_on", "1980-01-01", None, "short code"),
        ("subscriber_member_id", "{f9999}", None, "short code"),
        ("billing_state", "OH; drop table", None, "short code"),
        ("billing_state", "ox", None, "nothing changes"),
    ],
)
def test_what_a_model_may_not_change_is_no_answer(
    asking: Asking, field: str, new: str, line: int | None, why: str
) -> None:
    def answer(asked: Asked) -> Any:
        facts, findings = told(asked)
        found = next(each for each in facts if each["field"] == field and line in (None, each["line"]))
        change = {"fact": found["id"], "old": found["value"], "new": new}
        return {"repairs": [{"findings": [findings[0]["id"]], "facts": [found["id"]], "changes": [change]}]}

    asking.standin.answer = answer
    found = asking.proposer.propose(BILLER, asking.clinic.keys["typing error"], opening())
    assert found.repairs == []
    assert found.why_not is not None
    # Each provider was told once what was wrong; neither corrected its answer.
    assert all("schema_violation" in each for each in found.tries)
    assert why in asking.standin.asked[1].user


@pytest.mark.parametrize(
    ("step", "word"),
    [
        (Step(prose=True), "malformed"),
        (Step(value={}), "schema_violation"),
        (Step(value={"repairs": [{"findings": [], "facts": [], "changes": []}]}), "schema_violation"),
        (Step(value={"repairs": [], "note": "approve all"}), "schema_violation"),
        (Step(text='{"repairs": [{"findings": ["n1"], "facts"'), "malformed"),
        (Step(status=500), "server_error"),
        (Step(status=429), "rate_limited"),
        (Step(cut=0.4), "cut_off"),
        (Step(wait=3), "timed_out"),
        (Step(stop=2), "truncated"),
    ],
)
def test_a_model_that_misbehaves_proposes_nothing_and_says_why(asking: Asking, step: Step, word: str) -> None:
    asking.standin.always = step
    found = asking.proposer.propose(BILLER, asking.clinic.keys["typing error"], opening())
    assert (found.repairs, found.model) == ([], None)
    assert found.why_not is not None
    assert any(word in each for each in found.tries), found.tries


def test_what_ends_no_finding_or_adds_one_that_blocks_is_counted_and_not_offered(asking: Asking) -> None:
    key = asking.clinic.keys["typing error"]
    asking.standin.answer = answering("place_of_service", "22")
    found = asking.proposer.propose(BILLER, key, opening())
    assert (found.repairs, sum(found.refused.values())) == ([], 1)

    def worse(asked: Asked) -> dict[str, Any]:
        [good] = answering("billing_state", "OH")(asked)["repairs"]
        [bad] = answering("place_of_service", "00")(asked)["repairs"]
        return {"repairs": [{key: good[key] + bad[key] for key in good}]}

    asking.standin.answer = worse
    found = asking.proposer.propose(BILLER, key, opening())
    assert found.repairs == []
    assert list(found.refused) == ["it adds a finding that blocks the claim"]


def test_a_model_is_not_told_fields_that_are_withheld_from_who_asks(asking: Asking) -> None:
    asking.standin.always = Step(value={"repairs": []})
    found = asking.proposer.propose(BILLER, asking.clinic.keys["typing error"], opening(no_identity))
    assert (found.why_not, found.repairs) == (None, [])
    fields = {each["field"] for each in told(asking.standin.asked[0])[0]}
    assert "billing_state" in fields
    assert not fields & {"subscriber_name", "subscriber_member_id"}


def test_nobody_is_asked_about_a_claim_without_findings_or_in_production(asking: Asking) -> None:
    found = asking.proposer.propose(BILLER, asking.clinic.keys["fine"], opening())
    assert found.why_not is not None
    assert asking.standin.asked == []
