"""Sign-in with an OpenID Connect provider: accounts by subject, roles by group, the local second factor.

An account is found by issuer and subject only, never by a name or an e-mail address: a person who can choose
a name at the provider must not become somebody else here. Without an account, one is created if a group of
the person has a role. A person who already has an account links it while signed in.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller, Origin, Purpose
from claimwright.foundation import clock
from claimwright.platform import audit

from .accounts import account_of, change_account, create_account, end_sessions, is_account_name
from .back_channel import provider_session
from .bearer import Bearer
from .errors import AccountError, AccountNotFoundError, ProviderAnswerError, SecondFactorError, SignInError
from .flows import OIDC, OIDC_CODE, begin_flow, flow_account, provider_session_of, use_flow
from .provider import OidcProvider, Vouched
from .second_factor import Seals, check_factor
from .sessions import Session, begin_session, count_failure, tell_begun, tell_refused
from .tokens import end_tokens

if TYPE_CHECKING:
    from claimwright.platform.database import Connection, Database


# Of a group, in the settings.
EVERY_FACILITY = "*"


@dataclass(frozen=True)
class ExternalIdentity:
    """Who an account is at a provider."""

    identity_id: int
    issuer: str
    subject: str
    gives_roles: bool
    created_at: datetime.datetime
    used_at: datetime.datetime | None


@dataclass(frozen=True)
class Directory:
    """How people of a provider become accounts: of which tenant, with which roles by group."""

    tenant: str
    group_roles: Mapping[str, frozenset[str]]
    known_roles: Collection[str]
    group_facilities: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def roles(self, groups: Collection[str]) -> set[str]:
        """The roles of somebody in these groups."""
        return {role for group in groups for role in self.group_roles.get(group, ())}

    def facilities(self, groups: Collection[str]) -> list[str] | None:
        """The facilities of somebody in these groups; None for every one, an empty list for none."""
        found = {each for group in groups for each in self.group_facilities.get(group, ())}
        return None if EVERY_FACILITY in found else sorted(found)


def begin_external(
    database: Database, provider: OidcProvider, tenant: str, account_id: int | None = None
) -> tuple[str, Bearer]:
    """Begin a sign-in, or a link of an account. Returns the provider's address and the secret of the flow.

    Raises:
        ProviderUnavailableError: the provider cannot be used.
    """
    door = _door(tenant)
    with database.transaction(door) as connection:
        flow = begin_flow(connection, tenant, OIDC, account_id)
    return provider.authorization_address(flow), flow


def complete_external(
    database: Database,
    provider: OidcProvider,
    directory: Directory,
    flow: Bearer,
    *,
    state: str,
    code: str | None,
    issuer: str | None,
    address: str,
    purpose: Purpose,
) -> tuple[Session, Bearer] | Bearer:
    """Complete what `begin_external` began, with the answer that the browser brought back.

    Returns the session and the secret for its cookie. If the account has a second factor here and the
    provider did not check one, returns the secret of a flow that `confirm_external` completes.

    Args:
        database: the store.
        provider: the provider.
        directory: how people of the provider become accounts.
        flow: the secret that this browser has.
        state: of the answer.
        code: of the answer; None if the provider refused.
        issuer: `iss` of the answer, if it had one.
        address: where the request came from.
        purpose: of the session.

    Raises:
        SignInError: a check failed, or the person has no account and no group with a role.
        AccountError: the name belongs to another account, or the person to another one than is to be linked.
        ProviderUnavailableError: the provider cannot be used.
    """
    door = _door(flow.tenant)
    check: str | None = None
    try:
        if flow.tenant != directory.tenant or not hmac.compare_digest(
            state.encode(), flow.proof("state").encode()
        ):
            raise ProviderAnswerError("state")
        with database.transaction(door) as connection:
            linked = use_flow(connection, flow, OIDC)
        if code is None:
            raise ProviderAnswerError("declined")
        vouched = provider.vouched(flow, code, issuer)
        with database.transaction(door) as connection:
            account_id, check = _account(door, connection, directory, vouched, linked)
            if check is None:
                made = _begun(connection, flow.tenant, account_id, vouched, address, purpose)
    except ProviderAnswerError as problem:
        _refused(database, door, None, address, problem.check)
        raise
    except AccountError:
        _refused(database, door, linked, address, "other_account")
        raise
    if check is not None:
        _refused(database, door, account_id, address, check)
        raise ProviderAnswerError(check)
    if not isinstance(made, Bearer):
        tell_begun(database, flow.tenant, made[0])
    return made


def confirm_external(
    database: Database, sealer: Seals, flow: Bearer, code: str, *, address: str, purpose: Purpose
) -> tuple[Session, Bearer]:
    """Complete a sign-in of an account that has a second factor of its own, with a code.

    Raises:
        SecondFactorError: the code is wrong; failures are counted as at a sign-in with a password.
        SignInError: there is no such flow, or the account was disabled.
    """
    door = _door(flow.tenant)
    problem: SignInError | None = None
    with database.transaction(door) as connection:
        account_id = flow_account(connection, flow, OIDC_CODE)
        row = connection.execute(
            "select state, sealed_factor, failures, locked_until from identity.accounts "
            "where account_id = %s for update",
            [account_id],
        ).fetchone()
        assert row is not None
        assert account_id is not None
        state, sealed, failures, locked = row
        now = clock.now()
        wait = 0 if locked is None else max(0, int((locked - now).total_seconds()) + 1)
        if state != "active" or sealed is None:
            problem = SignInError("the account can't sign in now. Begin again.")
        elif wait or not check_factor(connection, sealer, flow.tenant, account_id, sealed, code):
            wait = wait or count_failure(connection, account_id, failures + 1, now)
            problem = SecondFactorError(
                "the code is wrong or was already used. Wait for the next one.", wait or None
            )
        else:
            there = provider_session_of(connection, flow)
            use_flow(connection, flow, OIDC_CODE)
            connection.execute(
                "update identity.accounts set failures = 0, locked_until = null where account_id = %s",
                [account_id],
            )
            made = begin_session(
                connection, account_id, flow.tenant, ["oidc", "code"], address, purpose, there
            )
        if problem is not None:
            tell_refused(door, connection, account_id, address, "code")
    if problem is not None:
        raise problem
    tell_begun(database, flow.tenant, made[0])
    return made


def external_identities(connection: Connection, account_id: int) -> list[ExternalIdentity]:
    """Who an account is at providers."""
    rows = connection.execute(
        "select identity_id, issuer, subject, gives_roles, created_at, used_at "
        "from identity.external_identities where account_id = %s order by identity_id",
        [account_id],
    ).fetchall()
    return [ExternalIdentity(*row) for row in rows]


def was_vouched_for(connection: Connection, account_id: int, days: int) -> bool:
    """Whether an account may go on using its tokens: if a provider decides its roles, it has signed in there
    within so many days.
    """
    row = connection.execute(
        "select bool_or(coalesce(used_at, created_at) > clock_timestamp() - make_interval(days => %s)) "
        "from identity.external_identities where account_id = %s and gives_roles",
        [days, account_id],
    ).fetchone()
    return row is None or row[0] is not False


def unlink_external(caller: Caller, connection: Connection, account_id: int, identity_id: int) -> None:
    """Remove the link of an account to a provider.

    Raises:
        AccountNotFoundError: the account has no such link.
        AccountError: the provider decides the roles, or nothing else would be left to sign in with.
    """
    row = connection.execute(
        "select e.gives_roles, a.password_hash is not null "
        "or exists (select from identity.passkeys p where p.account_id = a.account_id) "
        "from identity.external_identities e join identity.accounts a using (tenant, account_id) "
        "where e.identity_id = %s and e.account_id = %s",
        [identity_id, account_id],
    ).fetchone()
    if row is None:
        raise AccountNotFoundError("there is no such link to a provider.")
    if row[0] or not row[1]:
        raise AccountError("the account signs in with this provider only. Ask an administrator.")
    connection.execute("delete from identity.external_identities where identity_id = %s", [identity_id])
    _tell(caller, connection, "account.unlinked", account_id)


def _begun(
    connection: Connection, tenant: str, account_id: int, vouched: Vouched, address: str, purpose: Purpose
) -> tuple[Session, Bearer] | Bearer:
    """A session; a flow that waits for a code where the account has a factor that nobody asked for yet."""
    connection.execute(
        "update identity.external_identities set used_at = clock_timestamp() "
        "where issuer = %s and subject = %s",
        [vouched.issuer, vouched.subject],
    )
    account = account_of(connection, account_id)
    there = provider_session(vouched.issuer, vouched.session) if vouched.session else None
    if account.has_second_factor and not vouched.has_second_factor:
        return begin_flow(connection, tenant, OIDC_CODE, account_id, there)
    factors = ["oidc", "mfa"] if vouched.has_second_factor else ["oidc"]
    return begin_session(connection, account_id, tenant, factors, address, purpose, there)


def _account(
    door: Caller, connection: Connection, directory: Directory, vouched: Vouched, linked: int | None
) -> tuple[int, str | None]:
    """The account of the person, made or linked where it has to be; and why it can't sign in, if it can't."""
    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('identity.external_identities' || %s, 0))",
        [directory.tenant],
    )
    row = connection.execute(
        "select account_id, gives_roles from identity.external_identities where issuer = %s and subject = %s",
        [vouched.issuer, vouched.subject],
    ).fetchone()
    roles = directory.roles(vouched.groups)
    if row is None and linked is None:
        return (0, "groups") if not roles else (_made(door, connection, directory, vouched, roles), None)
    if row is None:
        assert linked is not None
        _link(door, connection, vouched, linked, gives_roles=False)
        account_id, gives_roles = linked, False
    else:
        account_id, gives_roles = row
    if linked is not None and account_id != linked:
        raise AccountError("this person of the provider is linked to another account.")
    account = account_of(connection, account_id)
    if account.state != "active":
        return account_id, "disabled"
    facilities = directory.facilities(vouched.groups) if directory.group_facilities else account.facilities
    if gives_roles and (roles != set(account.roles) or facilities != account.facilities):
        change_account(
            door, connection, account_id, known_roles=directory.known_roles, roles=roles,
            facilities=facilities, every_facility=facilities is None,
        )  # fmt: skip
    if gives_roles and not roles:
        # No group of the person has a role any more: what the account has begun ends with it.
        end_sessions(connection, account_id)
        end_tokens(door, connection, account_id)
    return account_id, None if roles or not gives_roles else "groups"


def _made(
    door: Caller, connection: Connection, directory: Directory, vouched: Vouched, roles: Collection[str]
) -> int:
    name = re.sub(r"[^a-z0-9._@+-]", "-", vouched.name.strip().lower()).lstrip("._@+-")[:63]
    if not is_account_name(name):
        said = f"{vouched.issuer} {vouched.subject}".encode()
        name = f"oidc-{hashlib.sha256(said).hexdigest()[:16]}"
    try:
        account = create_account(
            door, connection, name, roles=roles, known_roles=directory.known_roles,
            facilities=directory.facilities(vouched.groups),
        )  # fmt: skip
    except AccountError:
        raise AccountError(
            "there is an account with your name. Sign in to it with its password, then link the provider."
        ) from None
    _link(door, connection, vouched, account.account_id, gives_roles=True)
    return account.account_id


def _link(
    door: Caller, connection: Connection, vouched: Vouched, account_id: int, *, gives_roles: bool
) -> None:
    connection.execute(
        "insert into identity.external_identities (account_id, issuer, subject, gives_roles) "
        "values (%s, %s, %s, %s)",
        [account_id, vouched.issuer, vouched.subject, gives_roles],
    )
    _tell(door, connection, "account.linked", account_id)


def _refused(database: Database, door: Caller, account_id: int | None, address: str, check: str) -> None:
    with database.transaction(door) as connection:
        tell_refused(door, connection, account_id, address, check)


def _door(tenant: str) -> Caller:
    return Caller(tenant, "system:sign-in", origin=Origin.API)


def _tell(caller: Caller, connection: Connection, action: str, account_id: int) -> None:
    audit.append(
        caller,
        connection,
        action=action,
        subject=f"account:{account_id}",
        detail={},
        correlation_id=str(uuid.uuid4()),
    )
