"""Targets of alerts: people's mail addresses, a chat, a webhook. Addresses and secrets are sealed.

AlertTargetError (InputError)       the target can't be used; the message says what to change
NoSuchTargetError (NotFoundError)   there is no such target
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from claimwright.domain.caller import Caller
from claimwright.foundation.errors import InputError, NotFoundError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.platform.mail import MailAddressError, checked_recipient
from claimwright.platform.outward_requests import LOOPBACK, OutwardRequestError, checked_address, is_inward
from claimwright.store import alert_deliveries as messages
from claimwright.store import alerts as rows
from claimwright.store.alert_deliveries import StoredTarget, target_context

from .definitions import definition_of

Kind: TypeAlias = Literal["email", "slack", "webhook"]
# Standard Webhooks, 1.0: a secret has at least 24 bytes.
_LEAST_SECRET = 24


class AlertTargetError(InputError, ValueError):
    """The target can't be used; the message says what to change."""


class NoSuchTargetError(NotFoundError):
    """There is no such target."""


class TargetSeals(Protocol):
    """Seals and opens records."""

    def seal(self, records: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """Seal records, each bound to its context."""

    def open(self, sealed: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """Open records with their contexts."""


class AlertTarget(BaseModel):
    """Where messages go.

    A mail target has `addresses`, a Slack-compatible one its `url`, a webhook its `url` and the `secret` that
    signs it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{2,60}$", description="Lower-case letters, digits and _.")
    kind: Kind
    addresses: tuple[Annotated[str, Field(max_length=320)], ...] = Field(default=(), max_length=50)
    url: str | None = Field(default=None, max_length=2_000)
    secret: str | None = Field(default=None, max_length=200)
    is_on: bool = True


@dataclass(frozen=True)
class TargetView:
    """A target as a list shows it: without its addresses and secret."""

    name: str
    kind: str
    shown: str
    is_on: bool
    changed_by: str
    changed_at: datetime.datetime


def list_alert_targets(connection: Connection) -> list[TargetView]:
    """All targets, by name."""
    return [_view(each) for each in messages.list_targets(connection)]


def set_target(
    caller: Caller,
    connection: Connection,
    sealer: TargetSeals,
    target: AlertTarget,
    *,
    inward_hosts: Collection[str] = (),
) -> TargetView:
    """Store a target, in place of the one with its name. Its address is checked again at each delivery.

    Raises:
        AlertTargetError: something is missing, or the address is not one that may be asked.
    """
    known = messages.target_named(connection, target.name)
    shown = checked_target(target, inward_hosts)
    target_id = known.target_id if known else messages.next_target_id(connection)
    [sealed] = sealer.seal([target.model_dump_json().encode()], [target_context(caller.tenant, target_id)])
    messages.store_target(connection, target_id, target.name, target.kind, shown, sealed, is_on=target.is_on)
    _tell(caller, connection, "alert_target.set", target.name)
    found = messages.target_named(connection, target.name)
    assert found is not None
    return _view(found)


def remove_alert_target(caller: Caller, connection: Connection, name: str) -> None:
    """Remove a target that no definition names.

    Raises:
        NoSuchTargetError: there is none.
        AlertTargetError: a definition names it.
    """
    users = [
        each.name
        for each in rows.current_definitions(connection)
        if name in definition_of(each.body).every_target
    ]
    if users:
        raise AlertTargetError(f"the alert {users[0]} names this target. Change the alert first.")
    if not messages.remove_target(connection, name):
        raise NoSuchTargetError(f"there is no target {name[:60]}.")
    _tell(caller, connection, "alert_target.removed", name)


def opened_target(caller: Caller, sealer: TargetSeals, stored: StoredTarget) -> AlertTarget:
    """The target with its addresses and secret, for a delivery."""
    [text] = sealer.open([stored.sealed], [target_context(caller.tenant, stored.target_id)])
    return AlertTarget.model_validate(json.loads(text))


def checked_target(target: AlertTarget, inward_hosts: Collection[str]) -> str:
    """What a list shows of a target that can be used.

    Raises:
        AlertTargetError: something is missing or not allowed.
    """
    if target.kind == "email":
        if not target.addresses or target.url or target.secret:
            raise AlertTargetError("a mail target has addresses, and neither url nor secret.")
        try:
            for each in target.addresses:
                checked_recipient(each)
        except MailAddressError as problem:
            raise AlertTargetError(f"addresses: {problem}") from None
        return f"{len(target.addresses)} addresses" if len(target.addresses) > 1 else "1 address"
    if target.addresses or not target.url:
        raise AlertTargetError(f"a {target.kind} target has a url, and no addresses.")
    if target.kind == "webhook" and len(target.secret or "") < _LEAST_SECRET:
        raise AlertTargetError(f"secret: at least {_LEAST_SECRET} characters, shared with the receiver.")
    if target.kind == "slack" and target.secret:
        raise AlertTargetError("a slack target has no secret; its url is one.")
    try:
        _, host, _ = checked_address(target.url, inward_hosts)
    except OutwardRequestError as problem:
        raise AlertTargetError(f"url: {problem}") from None
    # Names are looked up at each delivery, which refuses what they lead to; an address says it itself.
    if host not in inward_hosts and (host in LOOPBACK or _is_inward_address(host)):
        raise AlertTargetError(
            f"url: {host} is of this machine or an inner network. Name it in alerts.inward_hosts first."
        )
    return host


def _is_inward_address(host: str) -> bool:
    try:
        return is_inward(host)
    except ValueError:
        return False


def _view(stored: StoredTarget) -> TargetView:
    return TargetView(
        stored.name, stored.kind, stored.shown, stored.is_on, stored.changed_by, stored.changed_at
    )


def _tell(caller: Caller, connection: Connection, action: str, name: str) -> None:
    audit.append(
        caller, connection, action=action, subject=f"alert_target:{name}", detail={},
        correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
