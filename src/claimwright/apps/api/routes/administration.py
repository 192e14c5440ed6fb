"""Accounts, credentials of services, policies, settings, the audit log."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import IfMatch
from claimwright.assembly.audit_checks import exported_log, verified_log
from claimwright.domain.caller import Purpose
from claimwright.platform import audit
from claimwright.platform.access import (
    ACTIONS,
    FIELD_KINDS,
    LABELS,
    ROLES,
    SCOPES,
    Alert,
    Context,
    alerts_after,
    review_alert,
)
from claimwright.platform.identity import (
    ACCOUNT_ORDERS,
    TOKEN_ORDERS,
    Account,
    Token,
    account_of,
    certificate_digest,
    change_account,
    create_account,
    end_every_session,
    issue_token,
    list_accounts,
    list_tokens,
    password_link,
    remove_factor,
    revoke_token,
)

from .session import TokenIssued

routes = Resource("administration", "Accounts, tokens, policies, settings, audit")


_LONGEST_VERSION = 18


class NewAccount(Body):
    """An account to be; a link sets its password."""

    name: str = Field(min_length=2, max_length=63)
    roles: list[str]
    facilities: list[str] | None = Field(default=None, description="Null: every one of the tenant.")


class AccountMade(BaseModel):
    """The account, and the link that sets its password, shown this once."""

    account: Account
    link: str


class AccountChange(Body):
    """What is to change; what is left out stays."""

    roles: list[str] | None = None
    facilities: list[str] | None = None
    every_facility: bool = False
    state: str | None = Field(default=None, pattern="^(active|disabled)$")


class NewCredentials(Body):
    """Credentials of a service to be."""

    name: str = Field(min_length=2, max_length=41)
    label: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(min_length=1)
    facilities: list[str] | None = None
    days: int = Field(default=365, ge=1, le=365)
    certificate: str | None = Field(
        default=None, max_length=20_000,
        description="PEM: the service shows this client certificate (mTLS), and has no secret.",
    )  # fmt: skip


class Question(BaseModel):
    """Whether a role may do something, and the policies that say so."""

    allowed: bool
    policies: list[str]


class PolicyShown(BaseModel):
    """A policy as it stands in a file."""

    id: str
    version: str
    effective_on: datetime.date
    approver: str
    file: str


class SettingInForce(BaseModel):
    """A setting; a secret's value is not shown."""

    name: str
    value: str
    origin: str


class AuditRecord(BaseModel):
    """One record of the audit log."""

    sequence: int
    at: str
    content: dict[str, Any]


AccountOrder = Literal["account_id", "-account_id", "name", "-name"]
TokenOrder = Literal["token_id", "-token_id", "expires_at", "-expires_at"]


class AlertReview(Body):
    """What was found about an alert."""

    reason: str = Field(min_length=8, max_length=200, description="About the work, not about a patient.")


class AuditVerdict(BaseModel):
    """Whether the audit log holds."""

    holds: bool
    records: int
    faults: list[str]


@routes.get("/accounts", action="accounts.read")
def accounts(asker: Asking, page: Paging, sort: AccountOrder = "account_id") -> Page[Account]:
    """Accounts of the tenant, by number or name. An account of some facilities sees those that are of no
    others.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_accounts(
            connection, facilities=asker.facilities, sort=sort, after=page.place, limit=page.limit
        )
    return page.page(found, lambda each: ACCOUNT_ORDERS.place_of(each, sort))


@routes.post("/accounts", action="accounts.change", status=201)
def add(asker: Asking, new: NewAccount) -> AccountMade:
    """A new account, and the link with which its owner sets the password."""
    _demand_own(asker, new.facilities)
    with asker.services.database.transaction(asker.caller) as connection:
        account = create_account(
            asker.caller, connection, new.name, roles=new.roles, known_roles=ROLES, facilities=new.facilities
        )
        link = password_link(asker.caller, connection, account.account_id)
    return AccountMade(account=account, link=str(link))


@routes.get("/accounts/{account_id}", action="accounts.read")
def account(asker: Asking, account_id: int, response: Response) -> Account:
    """One account, with its version as ETag."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = account_of(connection, account_id, facilities=asker.facilities)
    response.headers["ETag"] = f'"{found.version}"'
    return found


@routes.patch(
    "/accounts/{account_id}", action="accounts.change", errors=("changed_meanwhile", "version_needed")
)
def change(
    asker: Asking, account_id: int, wanted: AccountChange, response: Response, if_match: IfMatch = None
) -> Account:
    """Change roles, facilities or state. Sessions end where it is disabled."""
    if wanted.every_facility or wanted.facilities is not None:
        _demand_own(asker, None if wanted.every_facility else wanted.facilities)
    with asker.services.database.transaction(asker.caller) as connection:
        account_of(connection, account_id, facilities=asker.facilities)
        changed = change_account(
            asker.caller, connection, account_id, known_roles=ROLES, version=_version(if_match),
            roles=wanted.roles, facilities=wanted.facilities, every_facility=wanted.every_facility,
            state=wanted.state,
        )  # fmt: skip
    response.headers["ETag"] = f'"{changed.version}"'
    return changed


@routes.post("/accounts/{account_id}/link", action="accounts.change", status=201)
def new_link(asker: Asking, account_id: int) -> dict[str, str]:
    """A link that sets a new password; shown this once."""
    with asker.services.database.transaction(asker.caller) as connection:
        account_of(connection, account_id, facilities=asker.facilities)
        return {"link": str(password_link(asker.caller, connection, account_id))}


@routes.delete("/accounts/{account_id}/sessions", action="accounts.change", status=204)
def sign_out(asker: Asking, account_id: int) -> None:
    """End every session of an account."""
    with asker.services.database.transaction(asker.caller) as connection:
        account_of(connection, account_id, facilities=asker.facilities)
        end_every_session(asker.caller, connection, account_id)


@routes.delete("/accounts/{account_id}/factor", action="accounts.change", status=204)
def take_factor(asker: Asking, account_id: int) -> None:
    """Take a second factor off that was lost: authenticator, recovery codes and passkeys. Sessions end."""
    with asker.services.database.transaction(asker.caller) as connection:
        account_of(connection, account_id, facilities=asker.facilities)
        remove_factor(asker.caller, connection, account_id)


@routes.get("/tokens", action="accounts.read")
def tokens(asker: Asking, page: Paging, sort: TokenOrder = "token_id") -> Page[Token]:
    """Tokens of people and credentials of services, without their secrets; by number or by their end. An
    account of some facilities sees those that are of no others.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_tokens(
            connection, facilities=asker.facilities, sort=sort, after=page.place, limit=page.limit
        )
    return page.page(found, lambda each: TOKEN_ORDERS.place_of(each, sort))


@routes.post("/tokens", action="tokens.issue", status=201)
def issue(asker: Asking, new: NewCredentials) -> TokenIssued:
    """Credentials of a service, with its role. The secret is shown once; there is none with a certificate.

    A certificate is of one service of all tenants, so only the installation's own tenant can name one.
    """
    _demand_own(asker, new.facilities)
    digest = None
    if new.certificate is not None:
        # Nobody proves here to have its key: another tenant could name a certificate that it has only seen.
        asker.demand_installation("client certificates")
        digest = certificate_digest(new.certificate.encode())
    with asker.services.database.transaction(asker.caller) as connection:
        token, bearer = issue_token(
            asker.caller, connection, label=new.label, scopes=new.scopes, known_scopes=SCOPES, days=new.days,
            client_name=new.name, roles=["service"], known_roles=ROLES, facilities=new.facilities,
            certificate=digest,
        )  # fmt: skip
    return TokenIssued(token=token, secret=str(bearer) if digest is None else None)


@routes.delete("/tokens/{token_id}", action="accounts.change", status=204)
def revoke(asker: Asking, token_id: int) -> None:
    """Revoke a token of anybody, now."""
    with asker.services.database.transaction(asker.caller) as connection:
        revoke_token(asker.caller, connection, token_id, facilities=asker.facilities)


@routes.get("/access/question", action="access.read")
def question(
    asker: Asking,
    role: Annotated[list[str], Query(min_length=1)],
    action: str,
    label: Annotated[list[str] | None, Query()] = None,
    purpose: Purpose = Purpose.PAYMENT,
    break_glass: bool = False,
) -> Question:
    """May somebody with these roles do this, or see this kind of field (`field.narrative`), and why."""
    known = {*ACTIONS, *(f"field.{kind}" for kind in FIELD_KINDS)}
    for what, given, all_of_it in (
        ("role", role, set(ROLES)), ("action", [action], known), ("label", label or [], set(LABELS)),
    ):  # fmt: skip
        if not set(given) <= all_of_it:
            raise ApiError("unusable_input", f"{what}: one of {', '.join(sorted(all_of_it))}.")
    context = Context(purpose, frozenset(label or []), break_glass=break_glass)
    answer = asker.services.access.decide(role, action, context)
    return Question(allowed=answer.allowed, policies=list(answer.policies))


@routes.get("/access/policies", action="access.read")
def policies(asker: Asking) -> list[PolicyShown]:
    """The policies that are there, also those whose day has not come."""
    return [
        PolicyShown(
            id=each.id, version=each.version, effective_on=each.effective_on, approver=each.approver,
            file=each.file.rpartition("/")[2],
        )
        for each in asker.services.access.policies
    ]  # fmt: skip


@routes.get("/access/vocabulary", action="own.read")
def vocabulary(asker: Asking) -> dict[str, dict[str, str]]:  # noqa: ARG001 - who asks is known before
    """Roles, actions, kinds of fields and sensitivity labels, each with what it is."""
    return {
        "roles": dict(ROLES), "actions": {name: each.does for name, each in ACTIONS.items()},
        "field_kinds": dict(FIELD_KINDS), "labels": dict(LABELS),
    }  # fmt: skip


@routes.get("/settings", action="settings.read")
def settings(asker: Asking) -> list[SettingInForce]:
    """Every setting in force and where its value came from. For accounts of the installation's own tenant."""
    from claimwright.platform.settings import in_force

    asker.demand_installation("settings")
    return [
        SettingInForce(name=each.name, value=each.value, origin=each.origin)
        for each in in_force(asker.services.settings)
    ]


@routes.get("/audit", action="audit.read")
def search(
    asker: Asking,
    page: Paging,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    correlation_id: str | None = None,
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    sort: Literal["sequence", "-sequence"] = "-sequence",
) -> Page[AuditRecord]:
    """Records that match everything given, newest first; an action or subject by its beginning."""
    forward = sort == "sequence"
    with asker.services.database.transaction(asker.caller) as connection:
        found = audit.search(
            asker.caller, connection, actor=actor, action=action, subject=subject,
            correlation_id=correlation_id, since=since, until=until, before=None if forward else page.after,
            after=page.after if forward else None, oldest_first=forward, limit=page.limit,
        )  # fmt: skip
    shown = [AuditRecord(sequence=each.sequence, at=each.at, content=each.content) for each in found]
    return page.page(shown, lambda each: each.sequence)


@routes.get("/access/alerts", action="alerts.read")
def alerts(asker: Asking, page: Paging, only_open: bool = False) -> Page[Alert]:
    """Alerts of unusual access to patient data, in the order in which they were raised."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = alerts_after(connection, after=page.after or 0, limit=page.limit, only_open=only_open)
    return page.page(found, lambda each: each.alert_id)


@routes.post("/access/alerts/{alert_id}/review", action="alerts.review", errors=("reason_needed",))
def review(asker: Asking, alert_id: int, found: AlertReview) -> Alert:
    """Close an alert with what was found about it. Nobody closes an alert about their own access."""
    with asker.services.database.transaction(asker.caller) as connection:
        return review_alert(asker.caller, connection, alert_id, reason=found.reason)


@routes.get("/audit/verification", action="audit.read")
def verification(asker: Asking) -> AuditVerdict:
    """Whether no record of the audit log was changed, removed, moved or cut off, as checkpoints prove."""
    verdict = verified_log(asker.caller, asker.services.settings, asker.services.database)
    return AuditVerdict(
        holds=verdict.holds, records=verdict.records, faults=[each.message for each in verdict.faults[:100]]
    )


@routes.get(
    "/audit/export", action="audit.read", response_class=StreamingResponse,
    openapi_extra={"x-media-type": "application/x-ndjson"},
)  # fmt: skip
def export(asker: Asking) -> StreamingResponse:
    """The audit log and its checkpoints as JSON Lines, which `claimwright audit verify FILE` verifies on any
    machine.
    """
    lines = exported_log(
        asker.caller, asker.services.settings, asker.services.database, correlation_id=asker.request_id
    )
    name = f"audit-{asker.caller.tenant}.jsonl"
    return StreamingResponse(
        lines, media_type="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def _demand_own(asker: Asker, facilities: Collection[str] | None) -> None:
    """Go on only where an account, or credentials, are of facilities of theirs: nobody gives away, or takes,
    what they have not.

    Raises:
        ApiError: some are not, or it is for all of them.
    """
    if asker.facilities is not None and (facilities is None or not set(facilities) <= set(asker.facilities)):
        raise ApiError("not_permitted", "accounts of other facilities are not yours to change.")


def _version(if_match: str | None) -> int:
    if if_match is None:
        raise ApiError("version_needed")
    number = if_match.removeprefix("W/").strip('"')
    if not number.isdecimal() or len(number) > _LONGEST_VERSION:
        raise ApiError("changed_meanwhile", "If-Match is the ETag of what was read.")
    return int(number)
