"""Sign-in with name, password and code; the sessions of people.

Guessing is slowed per account, from any address: after five consecutive failures, each further failure
doubles the wait, up to one hour. The response to a refused sign-in does not reveal whether the account
exists.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from claimwright.domain.caller import Caller, Origin, Purpose
from claimwright.foundation import clock
from claimwright.platform import audit
from claimwright.platform.metering import Counted

from . import passwords
from .accounts import Account, account_of, end_sessions
from .bearer import SESSION, Bearer, new_secret
from .errors import AccountNotFoundError, SecondFactorError, SignInError
from .second_factor import Seals, check_factor

if TYPE_CHECKING:
    from claimwright.platform.database import Connection, Database

# ASVS 5, 7.3: sessions end after inactivity, and after a maximum time.
IDLE_MINUTES = 30
LONGEST_HOURS = 12
_FREE_FAILURES = 5
_FIRST_WAIT, _LONGEST_WAIT = 30, 3_600
# Minimum time between writes of `seen_at`, so that not every request is a write.
_SEEN_SECONDS = 60
# Factors of a session that count as a second one: a code, a passkey that verified its user, or the word of a
# sign-in provider that it checked one.
SECOND_FACTORS = frozenset({"code", "passkey", "mfa"})
_REFUSED = (
    "the name or the password is wrong, or the account can't sign in now: after several wrong ones it waits, "
    "for up to an hour."
)


@dataclass(frozen=True)
class Session:
    """The session of a person who has signed in."""

    session_id: uuid.UUID
    account: Account
    factors: list[str]
    purpose: str
    address: str
    created_at: datetime.datetime
    seen_at: datetime.datetime

    @property
    def has_second_factor(self) -> bool:
        """Whether it was begun with more than a password."""
        return not SECOND_FACTORS.isdisjoint(self.factors)

    @property
    def lacks_second_factor(self) -> bool:
        """Whether its account has a second factor by now, and it was begun without one."""
        return self.account.has_any_second_factor and not self.has_second_factor


def sign_in(
    database: Database,
    sealer: Seals,
    tenant: str,
    name: str,
    password: str,
    *,
    code: str | None = None,
    address: str,
    purpose: Purpose = Purpose.PAYMENT,
) -> tuple[Session, Bearer]:
    """Create a session. Returns it and the secret for its cookie.

    A failure is counted and audited in a separate transaction, which the error does not roll back. The
    password is compared outside of any: whoever tries many at once keeps no connection from others.

    Raises:
        SecondFactorError: the password is correct, but the account also needs a code.
        SignInError: refused; neither message nor wait says what was wrong, or whether there is an account.
    """
    door = Caller(tenant, "system:sign-in", origin=Origin.API)
    # Always compared, so that the time is the same for every name.
    compared = _kept_password(database, door, "name", name.strip().lower())
    is_right = passwords.matches(password, compared)
    with database.transaction(door) as connection:
        row = connection.execute(
            "select account_id, password_hash, state, sealed_factor, failures, locked_until "
            "from identity.accounts where name = %s for update",
            [name.strip().lower()],
        ).fetchone()
        account_id, kept, state, sealed, failures, locked = row or (None, None, "none", None, 0, None)
        now = clock.now()
        wait = _seconds_left(locked, now)
        if account_id is None or wait or not is_right or kept != compared or state != "active":
            if account_id is not None and not wait:
                count_failure(connection, account_id, failures + 1, now)
            tell_refused(door, connection, account_id, address)
            problem: SignInError | None = SignInError(_REFUSED)
        elif sealed is not None and code is None:
            problem = SecondFactorError("enter the code of your authenticator, or a recovery code.")
        elif sealed is not None and not check_factor(
            connection, sealer, tenant, account_id, sealed, code or ""
        ):
            wait = count_failure(connection, account_id, failures + 1, now)
            tell_refused(door, connection, account_id, address)
            problem = SecondFactorError(
                "the code is wrong or was already used. Wait for the next one.", wait or None
            )
        else:
            problem = None
            connection.execute(
                "update identity.accounts set failures = 0, locked_until = null where account_id = %s",
                [account_id],
            )
            factors = ["password", "code"] if sealed is not None else ["password"]
            made = begin_session(connection, account_id, tenant, factors, address, purpose)
    if problem is not None:
        raise problem
    tell_begun(database, tenant, made[0])
    return made


def confirm_password(
    database: Database, caller: Caller, account_id: int, password: str, address: str
) -> None:
    """Go on only if this is the account's password. Failures are counted as at a sign-in, in a transaction of
    their own: a session that was left open is no place to guess at it.

    Raises:
        SignInError: it is not, or the account waits after too many failures.
    """
    problem: SignInError | None = None
    compared = _kept_password(database, caller, "account_id", account_id)
    is_right = passwords.matches(password, compared)
    with database.transaction(caller) as connection:
        row = connection.execute(
            "select password_hash, failures, locked_until from identity.accounts "
            "where account_id = %s for update",
            [account_id],
        ).fetchone()
        kept, failures, locked = row or (None, 0, None)
        now = clock.now()
        wait = _seconds_left(locked, now)
        if wait or not is_right or kept != compared:
            wait = wait or count_failure(connection, account_id, failures + 1, now)
            tell_refused(caller, connection, account_id, address, "password")
            problem = SignInError("the password is wrong, or was too often.", wait or None)
    if problem is not None:
        raise problem


def _kept_password(
    database: Database, caller: Caller, column: Literal["name", "account_id"], value: str | int
) -> str | None:
    """The hash of an account's password; None without an account or a password."""
    with database.transaction(caller) as connection:
        row = connection.execute(
            f"select password_hash from identity.accounts where {column} = %s".encode(),  # noqa: S608 - of two
            [value],
        ).fetchone()
    return None if row is None else row[0]


def end_earlier(database: Database, bearer: Bearer | None) -> None:
    """End the session that a browser had before it signed in again (OWASP ASVS 5, 7.2.4), if it had one."""
    if bearer is None or bearer.kind != SESSION:
        return
    with database.transaction(Caller(bearer.tenant, "system:sign-in", origin=Origin.API)) as connection:
        connection.execute(
            "update identity.sessions set ended_at = clock_timestamp() "
            "where session_id = %s and secret_hash = %s and ended_at is null",
            [bearer.id, bearer.digest],
        )


def begin_session(
    connection: Connection,
    account_id: int,
    tenant: str,
    factors: Sequence[str],
    address: str,
    purpose: Purpose,
    provider_session: bytes | None = None,
) -> tuple[Session, Bearer]:
    """A new session of somebody who has shown these factors, and the secret for its cookie.

    `provider_session` is the hash of the session at a sign-in provider that it ends with.
    """
    bearer = Bearer(SESSION, tenant, str(uuid.uuid4()), new_secret())
    row = connection.execute(
        "insert into identity.sessions (session_id, account_id, secret_hash, factors, purpose, address, "
        "provider_session) values (%s, %s, %s, %s, %s, %s, %s) returning created_at, seen_at",
        [bearer.id, account_id, bearer.digest, list(factors), purpose.value, address, provider_session],
    ).fetchone()
    assert row is not None
    account = account_of(connection, account_id)
    return Session(uuid.UUID(bearer.id), account, list(factors), purpose.value, address, *row), bearer


def tell_begun(database: Database, tenant: str, session: Session) -> None:
    """Record a new session in the audit log, in the name of the person."""
    person = Caller(tenant, session.account.actor, purpose=Purpose(session.purpose), origin=Origin.API)
    with database.transaction(person) as connection:
        audit.append(
            person,
            connection,
            action="session.begun",
            subject=f"account:{session.account.account_id}",
            detail={"host": session.address, "method": " ".join(session.factors)},
            correlation_id=str(session.session_id),
        )


def session_of(connection: Connection, bearer: Bearer, *, kind: str, most: int) -> tuple[Session, Counted]:
    """The session of a cookie, and its request counted: one round trip, outside of a transaction.

    Records that the session was used now. `kind` and `most` are as for the key and the limit of
    `metering.count_request`.

    Raises:
        SignInError: there is none, or it has ended; nothing is counted.
    """
    row = connection.execute(
        "select * from identity.session_request(%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            bearer.tenant, bearer.id, bearer.digest, IDLE_MINUTES, LONGEST_HOURS, _SEEN_SECONDS, kind, most
        ],
    ).fetchone()  # fmt: skip
    if row is None or row[0] is None:
        raise SignInError("the session has ended. Sign in again.")
    return Session(uuid.UUID(bearer.id), Account(*row[:10]), *row[10:15]), Counted(*row[15:])


def is_session_open(connection: Connection, session: Session) -> bool:
    """Whether a session would still be accepted. Asking does not count as using it."""
    row = connection.execute(
        "select 1 from identity.sessions s join identity.accounts a using (tenant, account_id) "
        "where s.session_id = %s and s.ended_at is null and a.state = 'active' "
        "and s.seen_at > clock_timestamp() - make_interval(mins => %s) "
        "and s.created_at > clock_timestamp() - make_interval(hours => %s)",
        [session.session_id, IDLE_MINUTES, LONGEST_HOURS],
    ).fetchone()
    return row is not None


def sessions_of(connection: Connection, account_id: int) -> list[Session]:
    """The sessions of an account that have not ended, newest first."""
    account = account_of(connection, account_id)
    rows = connection.execute(
        "select session_id, factors, purpose, address, created_at, seen_at from identity.sessions "
        "where account_id = %s and ended_at is null "
        "and seen_at > clock_timestamp() - make_interval(mins => %s) order by created_at desc limit 100",
        [account_id, IDLE_MINUTES],
    ).fetchall()
    return [Session(row[0], account, *row[1:]) for row in rows]


def end_session(caller: Caller, connection: Connection, account_id: int, session_id: uuid.UUID) -> None:
    """End one session of an account.

    Raises:
        AccountNotFoundError: the account has no session with this id.
    """
    ended = connection.execute(
        "update identity.sessions set ended_at = clock_timestamp() "
        "where session_id = %s and account_id = %s and ended_at is null",
        [session_id, account_id],
    )
    if ended.rowcount == 0:
        raise AccountNotFoundError("there is no such session.")
    audit.append(
        caller,
        connection,
        action="session.ended",
        subject=f"account:{account_id}",
        detail={},
        correlation_id=str(session_id),
    )


def end_every_session(caller: Caller, connection: Connection, account_id: int) -> int:
    """End all sessions of an account, and record it. Returns how many there were.

    Raises:
        AccountNotFoundError: there is no such account.
    """
    account_of(connection, account_id)
    ended = end_sessions(connection, account_id)
    if ended:
        audit.append(
            caller, connection, action="session.ended", subject=f"account:{account_id}",
            detail={"count": ended}, correlation_id=str(uuid.uuid4()),
        )  # fmt: skip
    return ended


def count_failure(connection: Connection, account_id: int, failures: int, now: datetime.datetime) -> int:
    """Count the failure. Returns the seconds that the account is now locked."""
    beyond = failures - _FREE_FAILURES
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2**beyond) if beyond >= 0 else 0
    connection.execute(
        "update identity.accounts set failures = %s, locked_until = %s where account_id = %s",
        [failures, now + datetime.timedelta(seconds=wait) if wait else None, account_id],
    )
    return wait


def _seconds_left(locked: datetime.datetime | None, now: datetime.datetime) -> int:
    """For how many seconds an account that is locked until then can still not sign in."""
    return 0 if locked is None else max(0, int((locked - now).total_seconds()) + 1)


def tell_refused(
    door: Caller, connection: Connection, account_id: int | None, address: str, check: str | None = None
) -> None:
    """Record the failure in the tenant's audit log. A tenant that does not exist has no log.

    `check` is the name of the check of a sign-in provider's answer that failed.
    """
    known = connection.execute("select 1 from platform.tenants where tenant = %s", [door.tenant])
    if known.fetchone() is None:
        return
    audit.append(
        door,
        connection,
        action="session.refused",
        subject=f"account:{account_id or 'unknown'}",
        detail={"host": address} | ({"reason_code": check} if check else {}),
        correlation_id=str(uuid.uuid4()),
    )
