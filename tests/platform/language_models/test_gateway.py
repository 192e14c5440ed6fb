"""The gateway over the real wire protocols: signed, streamed, limited; and what misbehaves has a name."""

from __future__ import annotations

import datetime
import json
import threading
from decimal import Decimal
from email.utils import format_datetime

import pytest
from pydantic import SecretStr
from tests.platform.language_models.conftest import ASK, CALLER, COST, GOOD, Desk, limited, wires

from claimwright.platform.breakers import standings
from claimwright.platform.language_models import (
    Ask,
    NoModelAnswerError,
    Note,
    in_words,
    model_spending,
    sent_call,
)
from claimwright.platform.language_models.calling import retry_after
from claimwright_lab.model_standin import KEY, REGION, SECRET, Step, signature_problem

PROVIDERS = ("anthropic", "openai", "bedrock")


@pytest.mark.parametrize("name", PROVIDERS)
def test_an_answer_is_streamed_read_counted_and_kept(desk: Desk, name: str) -> None:
    found = desk.ask(desk.gateway(name))
    assert (found.value, found.provider, found.is_cached) == (["one", "two"], name, False)
    assert found.notes == (Note(name, "answered"),)
    [call] = desk.calls()
    assert (call.state, call.is_used, call.tokens_in, call.tokens_out, call.cost) == (
        "answered", True, 1_200, 340, COST,
    )  # fmt: skip
    assert (call.subject, call.stage, call.prompt, call.host) == (
        "appeal:12", "drafting", "appeal-draft@1", "127.0.0.1",
    )  # fmt: skip
    [asked] = desk.standin.asked
    assert (asked.problem, asked.system, asked.user) == (None, ASK.system, ASK.user)
    with desk.database.transaction(CALLER) as connection:
        sent = sent_call(CALLER, connection, desk.sealer, call)
        row = connection.execute("select sealed_request, sealed_answer from platform.model_calls").fetchone()
    # What was kept is what was sent, and nobody reads it in the database.
    assert json.loads(sent.request) == asked.body
    assert json.loads(sent.answer or "") == GOOD
    assert row is not None
    assert b"two words" not in bytes(row[0]) + bytes(row[1])
    # The key is sent, and not kept.
    assert KEY not in sent.request


def test_bedrocks_signature_is_the_one_that_the_standard_computes(desk: Desk) -> None:
    desk.ask(desk.gateway("bedrock"))
    [asked] = desk.standin.asked
    assert asked.path == "/bedrock/model/us.anthropic.claude-x-v1%3A0/converse-stream"
    content = desk.standin.asked[0].body
    body = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()

    def problem(**changes: str) -> str | None:
        known = {"key": KEY, "secret": SECRET, "region": REGION, "service": "bedrock"} | changes
        return signature_problem("POST", asked.path, asked.headers, body, **known)

    assert problem() is None
    assert problem(secret="another") == "the signature is wrong"
    assert problem(region="us-west-2") == "another key, region or service"
    # One letter of the content more, and it no longer holds.
    body += b" "
    assert problem() == "the signature is wrong"


def test_a_wrong_key_is_refused_and_the_next_provider_is_asked(desk: Desk) -> None:
    gateway = desk.gateway("anthropic", "bedrock", "openai")
    for provider in gateway.providers[:2]:
        for secret in ("key", "access_key_id"):
            if hasattr(provider.wire, secret):
                setattr(provider.wire, secret, SecretStr("wrong"))
    found = desk.ask(gateway)
    assert (
        in_words(found.notes)
        == "anthropic: refused (401), bedrock: refused (accessdeniedexception), openai: answered"
    )
    assert [each.status for each in desk.calls()] == [401, 403, 200]


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_provider_that_limits_is_asked_again_when_it_says(desk: Desk, name: str) -> None:
    desk.standin.steps = [Step(status=429, headers={"retry-after": "3"}), Step(status=429), Step()]
    found = desk.ask(desk.gateway(name))
    assert in_words(found.notes) == f"{name}: rate_limited (2 times), {name}: answered"
    # 3 seconds and half of the first wait as jitter; then 2 seconds, half of it and half of that half.
    assert desk.slept == [3.5, 1.5]
    assert [each.word for each in desk.calls()] == ["rate_limited", "rate_limited", None]


def test_who_wants_a_longer_wait_than_anybody_waits_is_left(desk: Desk) -> None:
    desk.standin.steps = [Step(status=429, headers={"retry-after": "3600"})]
    found = desk.ask(desk.gateway("anthropic", "openai"))
    assert in_words(found.notes) == "anthropic: rate_limited, openai: answered"
    assert desk.slept == []


def test_a_wait_is_a_number_a_date_or_milliseconds() -> None:
    now = datetime.datetime(2026, 11, 29, 12, 0, tzinfo=datetime.UTC)
    later = format_datetime(now + datetime.timedelta(seconds=90), usegmt=True)
    assert retry_after({"retry-after": "7"}, now) == 7
    assert retry_after({"retry-after": later}, now) == 90
    assert retry_after({"retry-after-ms": "1500"}, now) == 1.5
    assert retry_after({"retry-after": "soon"}, now) is None


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize(
    ("step", "word"),
    [
        (Step(status=500), "server_error"),
        (Step(status=503), "server_error"),
        (Step(cut=0.5), "cut_off"),
        (Step(cut=0.0), "cut_off"),
        (Step(error=True), "server_error"),
        (Step(status=400), "refused"),
        (Step(damage=True), "malformed"),
        (Step(prose=True, text="Here is the letter that you wanted."), "malformed"),
        (Step(text='{"words": ["one"'), "malformed"),
        (Step(text='["one"]'), "malformed"),
        (Step(text='{"words": [NaN]}'), "malformed"),
        (Step(stop=2), "truncated"),
        (Step(stop=3), "declined"),
        (Step(value={"words": "one"}), "schema_violation"),
        (Step(value={"words": [], "more": 1}), "schema_violation"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_misbehaves_for_ever_has_a_name_and_ends(desk: Desk, name: str, step: Step, word: str) -> None:
    desk.standin.always = step
    with pytest.raises(NoModelAnswerError) as caught:
        desk.ask(desk.gateway(name))
    assert {each.word for each in caught.value.notes} == {word}
    # In passing: three tries. Another form: the try and its repair. Else once.
    most = 3 if word in ("server_error", "cut_off") else 2 if word in ("malformed", "schema_violation") else 1
    assert len(desk.standin.asked) == len(caught.value.notes) == most
    assert {each.word for each in desk.calls()} == {word}
    assert not any(each.is_used for each in desk.calls())


@pytest.mark.parametrize(("step", "word"), [(Step(wait=1.0), "timed_out"), (Step(drip=0.15), "timed_out")])
def test_an_answer_that_takes_too_long_is_left(desk: Desk, step: Step, word: str) -> None:
    desk.standin.steps = [step]
    # Silence, or a steady drip that never ends in time.
    limits = limited(timeout_seconds=0.8, quiet_seconds=0.4, attempts=1)
    long = Ask(ASK.system, ASK.user, ASK.schema, ASK.name, ASK.max_tokens)
    desk.standin.answer = lambda _: {"words": ["word"] * 100}
    found = desk.ask(desk.gateway("openai", "anthropic", limits=limits), long)
    assert in_words(found.notes) == f"openai: {word}, anthropic: answered"


def test_a_wrong_form_is_repaired_once_with_what_was_wrong(desk: Desk) -> None:
    desk.standin.steps = [Step(value={"words": "one"}), Step()]
    found = desk.ask(desk.gateway("anthropic"))
    assert in_words(found.notes) == "anthropic: schema_violation, anthropic: repaired"
    first, second = desk.standin.asked
    assert first.user == ASK.user
    assert "words is not a list of words" in second.user
    assert '{"words": "one"}' in second.user
    assert [(each.is_repair, each.word) for each in desk.calls()] == [
        (False, "schema_violation"), (True, None),
    ]  # fmt: skip


def test_nothing_reaches_an_inner_address_that_the_settings_do_not_name(desk: Desk) -> None:
    with pytest.raises(NoModelAnswerError) as caught:
        desk.ask(desk.gateway("openai", limits=limited(inward_hosts=frozenset(), attempts=1)))
    assert in_words(caught.value.notes) == (
        "openai: unreachable (127.0.0.1: this machine is not asked, unless the settings name it)"
    )
    assert desk.standin.asked == []


def test_nonsense_for_ten_minutes_opens_the_breaker_and_costs_a_few_requests(desk: Desk) -> None:
    desk.standin.always = Step(text="the the the")
    gateway = desk.gateway("anthropic", limits=limited(breaker_failures=2, breaker_seconds=60))
    words = []
    for _ in range(60):
        with pytest.raises(NoModelAnswerError) as caught:
            desk.ask(gateway)
        words.append(caught.value.notes[-1].word)
        desk.clock.move(10)
    # Two questions of two tries each open it. Every 60 seconds one question is tried again: 9 in ten minutes.
    assert words[:2] == ["malformed", "malformed"]
    assert words.count("breaker_open") == 60 - 2 - 9
    assert len(desk.standin.asked) == 2 * (2 + 9)
    with desk.database.transaction(CALLER) as connection:
        [standing] = standings(connection)
    assert (standing.name, standing.state.value) == ("language_model_anthropic", "open")
    assert standing.problem == "ModelMalformedError"
    # When it is well again, the next question closes the breaker.
    desk.standin.always = None
    desk.clock.move(60)
    assert desk.ask(gateway).value == ["one", "two"]
    assert gateway.breaker_of(CALLER, "anthropic").state.value == "closed"


def test_a_breaker_that_another_process_opened_holds_here(desk: Desk) -> None:
    desk.standin.always = Step(status=500)
    here, there = (desk.gateway("openai", limits=limited(attempts=1, breaker_failures=1)) for _ in range(2))
    here.breaker_of(CALLER, "openai")
    with pytest.raises(NoModelAnswerError):
        desk.ask(there)
    with pytest.raises(NoModelAnswerError) as caught:
        desk.ask(here)
    assert in_words(caught.value.notes) == "openai: breaker_open"
    assert len(desk.standin.asked) == 1


def test_all_tries_together_end_with_the_patience(desk: Desk) -> None:
    desk.standin.always = Step(status=500)
    limits = limited(
        attempts=10, retry_first_seconds=8, retry_longest_seconds=8, patience_seconds=20, breaker_failures=99
    )
    with pytest.raises(NoModelAnswerError) as caught:
        desk.ask(desk.gateway("openai", "anthropic", limits=limits))
    # Waits of 6 seconds: the fourth would end after the 20 seconds, and the second provider is not asked.
    assert in_words(caught.value.notes) == "openai: server_error (4 times), openai: out_of_time"
    assert desk.slept == [6, 6, 6]


def test_the_same_question_is_answered_from_what_is_kept_sealed(desk: Desk) -> None:
    gateway = desk.gateway("bedrock", limits=limited(cache_days=2))
    first = desk.ask(gateway)
    again = desk.ask(gateway)
    assert (again.value, again.is_cached, again.notes) == (first.value, True, (Note("bedrock", "cached"),))
    assert len(desk.standin.asked) == 1
    calls = desk.calls()
    assert (calls[1].state, calls[1].answer_of, calls[1].cost) == ("cached", calls[0].call_id, 0)
    with desk.database.transaction(CALLER) as connection:
        sent = sent_call(CALLER, connection, desk.sealer, calls[1])
    assert json.loads(sent.answer or "") == GOOD
    # Another question, another day, or another tenant: asked.
    desk.ask(gateway, Ask(ASK.system, "Write other words.", ASK.schema, ASK.name, ASK.max_tokens))
    desk.clock.move(3 * 86_400)
    desk.ask(gateway)
    desk.ask(gateway, use_cache=False)
    assert len(desk.standin.asked) == 4


def test_an_answer_of_a_wrong_form_is_never_kept_for_later(desk: Desk) -> None:
    desk.standin.steps = [Step(value={"words": "one"}), Step(value={"words": "one"})]
    gateway = desk.gateway("openai", limits=limited(cache_days=2))
    with pytest.raises(NoModelAnswerError):
        desk.ask(gateway)
    assert not desk.ask(gateway).is_cached


def test_no_more_calls_are_under_way_than_may_be(desk: Desk) -> None:
    desk.standin.always = Step(wait=0.15)
    # Calls that tests before gave up may still wait in the stand-in.
    before = desk.standin.at_once
    gateways = [desk.gateway("openai", concurrent=2, limits=limited(attempts=1)) for _ in range(2)]
    words: list[str] = []

    def one(number: int) -> None:
        try:
            words.append(desk.ask(gateways[number % 2]).notes[-1].word)
        except NoModelAnswerError as problem:
            words.append(problem.notes[-1].word)

    threads = [threading.Thread(target=one, args=[number]) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    # Two gateways are two processes: within one, others wait; beyond, the database says that it is full.
    assert desk.standin.most_at_once - before <= 2
    assert set(words) <= {"answered", "busy"}
    assert words.count("answered") >= 2


def test_what_is_spent_is_counted_and_the_months_money_ends_it(desk: Desk) -> None:
    limits = limited(monthly_dollars=Decimal("0.02"))
    gateway = desk.gateway("anthropic", "openai", limits=limits)
    for _ in range(3):
        desk.ask(gateway)
    # 3 x $0.0087 = $0.0261: the fourth is not asked, whoever it would be.
    with pytest.raises(NoModelAnswerError) as caught:
        desk.ask(gateway)
    assert in_words(caught.value.notes) == "anthropic: over_budget"
    since = desk.clock() - datetime.timedelta(days=1)
    with desk.database.transaction(CALLER) as connection:
        [spent] = model_spending(connection, "subject", since=since)
        other = model_spending(connection, "stage", since=since, subject="appeal:13")
    assert (spent.name, spent.calls, spent.answered, spent.tokens_in, spent.tokens_out, spent.cost) == (
        "appeal:12", 3, 3, 3_600, 1_020, Decimal("0.026100"),
    )  # fmt: skip
    assert other == []


def test_progress_is_told_while_an_answer_comes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.standin.answer = lambda _: {"words": ["a long word"] * 60}
    desk.standin.steps = [Step(drip=0.05)]
    monkeypatch.setattr("claimwright.platform.language_models.gateway._PROGRESS_SECONDS", 0.1)
    seen: list[tuple[str, int, int]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            seen.extend((each.state, each.characters, each.parts) for each in desk.calls())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        desk.ask(desk.gateway("bedrock"))
    finally:
        done.set()
        thread.join()
    running = sorted({count for state, count, _ in seen if state == "running"})
    assert len(running) >= 3
    [call] = desk.calls()
    assert (call.parts, call.characters >= running[-1]) == (1, True)


def test_a_process_that_dies_leaves_what_was_sent_and_frees_its_place(desk: Desk) -> None:
    gateway = desk.gateway("openai", concurrent=1)
    whole = gateway.providers[0].wire.read

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    gateway.providers[0].wire.read = killed  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyboardInterrupt):
        desk.ask(gateway)
    gateway.providers[0].wire.read = whole  # type: ignore[method-assign]
    assert [(each.state, each.word) for each in desk.calls()] == [("failed", "interrupted")]
    assert desk.ask(gateway).value == ["one", "two"]


def test_every_wire_names_the_host_that_it_asks(desk: Desk) -> None:
    assert {each.url.partition("/v1")[0] for each in wires(desk.standin).values()} == {
        f"{desk.standin.url}/{name}" for name in PROVIDERS
    }
