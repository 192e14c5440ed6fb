"""A webhook's other end may be slow or hostile, and so may whoever calls a receiver of ours."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from claimwright.platform.events import WebhookTarget, signature, verify_signature
from claimwright.platform.events.outbox import Event
from claimwright.platform.settings import in_force, load_settings

SECRET = "a secret of more than 24 characters"
BODY = b"{}"


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-signature": "v1,\u00e9\u00fc"},
        {"webhook-signature": "\udce9"},
        {"webhook-timestamp": "9" * 4_000},
        {"webhook-timestamp": "1e9"},
    ],
    ids=["beyond ASCII", "half a character", "huge", "no whole number"],
)
def test_a_signature_that_is_none_is_refused_and_raises_nothing(changed: dict[str, str]) -> None:
    headers = {"webhook-id": "e-1", "webhook-timestamp": "1000", "webhook-signature": ""}
    assert verify_signature(SECRET, headers | changed, BODY, at=1000.5) is False
    good = headers | {"webhook-signature": "\u00e9 " + signature(SECRET, "e-1", 1000, BODY)}
    assert verify_signature(SECRET, good, BODY, at=1000.5) is True


@pytest.fixture
def dripping() -> Iterator[str]:
    """A receiver that sends a byte every tenth of a second and never ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            while not over.wait(0.1):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    over.set()
    thread.join(5)
    listener.close()


def test_a_receiver_that_drips_holds_nobody_longer_than_the_time_out(
    dripping: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Event, "cloud_event", lambda _: {})
    event = Event.__new__(Event)
    object.__setattr__(event, "id", "e-1")
    began = time.monotonic()
    delivered = WebhookTarget(dripping, SECRET, timeout_seconds=0.5, inward_hosts={"127.0.0.1"}).deliver(
        event
    )
    assert delivered == (False, "TimeoutError")
    assert time.monotonic() - began < 3


def test_who_calls_is_not_shown_with_the_settings() -> None:
    settings = load_settings(
        variables={"CLAIMWRIGHT_EVENTS_WEBHOOK_URL": "https://user:hunter2@example.org/hook"}
    )
    shown = {each.name: each.value for each in in_force(settings)}
    assert shown["events.webhook_url"] == "https://(secret)@example.org/hook"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/", "http://localhost:{port}/", "https://127.0.0.1:{port}/",
        "https://169.254.169.254/latest/meta-data", "https://10.0.0.8/hook", "https://[::1]:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
    ],
)  # fmt: skip
def test_a_receiver_that_the_settings_do_not_name_is_not_asked_if_it_is_inward(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Event, "cloud_event", lambda _: {})
    event = Event.__new__(Event)
    object.__setattr__(event, "id", "e-1")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        target = WebhookTarget(url.format(port=listening.getsockname()[1]), SECRET)
        assert target.deliver(event) == (False, "InwardAddressError")
        with pytest.raises(TimeoutError):
            listening.accept()
