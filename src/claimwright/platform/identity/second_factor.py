"""The second factor: time-based codes (TOTP, RFC 6238), and recovery codes for a lost phone.

The secret is sealed. A code can be used once: the time step of the last used code is stored, and no code of
that step or an earlier one is accepted again.
"""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING, Protocol

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.platform import audit

from .accounts import account_of, end_sessions
from .bearer import digest_of
from .errors import AccountError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claimwright.platform.database import Connection

_STEP_SECONDS = 30
# Clocks are often one step off; RFC 6238, 5.2, allows one step.
_STEPS = (-1, 0, 1)
_RECOVERY_CODES = 10


class Seals(Protocol):
    """Seals and opens records."""

    def seal(self, records: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """Seal records, each bound to its context."""

    def open(self, sealed: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """Open records with their contexts."""


def factor_context(tenant: str, account_id: int) -> bytes:
    """The context that a sealed secret is bound to."""
    return f"second-factor/{tenant}/{account_id}".encode()


def begin_factor(connection: Connection, account_id: int) -> tuple[str, str]:
    """A new secret, not stored yet, and its `otpauth://` URL for an authenticator app."""
    import pyotp

    account = account_of(connection, account_id)
    secret = pyotp.random_base32()
    return secret, pyotp.TOTP(secret).provisioning_uri(name=account.name, issuer_name="Claimwright")


def confirm_factor(
    caller: Caller, connection: Connection, sealer: Seals, account_id: int, secret: str, code: str
) -> list[str]:
    """Store the secret after a code proves that the authenticator app has it. Returns recovery codes, shown
    once.

    Raises:
        AccountError: the code does not match the secret.
    """
    step = _step_of(secret, code)
    if step is None:
        raise AccountError("the code does not match. Check the time of the device, and enter the next code.")
    [sealed] = sealer.seal([secret.encode()], [factor_context(caller.tenant, account_id)])
    connection.execute(
        "update identity.accounts set sealed_factor = %s, factor_step = %s, version = version + 1 "
        "where account_id = %s",
        [sealed, step, account_id],
    )
    codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(_RECOVERY_CODES)]
    connection.execute("delete from identity.recovery_codes where account_id = %s", [account_id])
    for each in codes:
        connection.execute(
            "insert into identity.recovery_codes (account_id, code_hash) values (%s, %s)",
            [account_id, digest_of(each)],
        )
    _tell(caller, connection, "account.factor_set", account_id)
    return codes


def remove_factor(caller: Caller, connection: Connection, account_id: int) -> None:
    """Remove the second factor of an account, for example for a person who lost the phone.

    Ends its sessions: whoever found the phone may have begun one.
    """
    account_of(connection, account_id)
    connection.execute(
        "update identity.accounts set sealed_factor = null, version = version + 1 where account_id = %s",
        [account_id],
    )
    connection.execute("delete from identity.recovery_codes where account_id = %s", [account_id])
    connection.execute("delete from identity.passkeys where account_id = %s", [account_id])
    end_sessions(connection, account_id)
    _tell(caller, connection, "account.factor_removed", account_id)


def check_factor(
    connection: Connection, sealer: Seals, tenant: str, account_id: int, sealed: bytes, code: str
) -> bool:
    """Whether this is a current unused code, or an unused recovery code. The check marks the code as used."""
    code = code.strip().lower()
    if "-" in code:
        used = connection.execute(
            "update identity.recovery_codes set used_at = clock_timestamp() "
            "where account_id = %s and code_hash = %s and used_at is null",
            [account_id, digest_of(code)],
        )
        return used.rowcount == 1
    [secret] = sealer.open([sealed], [factor_context(tenant, account_id)])
    step = _step_of(secret.decode(), code)
    if step is None:
        return False
    used = connection.execute(
        "update identity.accounts set factor_step = %s where account_id = %s and factor_step < %s",
        [step, account_id, step],
    )
    return used.rowcount == 1


def _step_of(secret: str, code: str) -> int | None:
    """The time step of a code; None if it matches no step near the present one."""
    import pyotp

    now = int(clock.now().timestamp()) // _STEP_SECONDS
    # Bytes: texts are only compared where they are ASCII, and a code may be anything.
    given = code.replace(" ", "").encode(errors="replace")
    try:
        totp = pyotp.TOTP(secret)
        codes = {now + off: totp.generate_otp(now + off) for off in _STEPS}
    except ValueError:
        # No secret of ours: too short, or of a length that base32 can't have.
        return None
    for step, right in codes.items():
        if secrets.compare_digest(right.encode(), given):
            return step
    return None


def _tell(caller: Caller, connection: Connection, action: str, account_id: int) -> None:
    audit.append(
        caller,
        connection,
        action=action,
        subject=f"account:{account_id}",
        detail={},
        correlation_id=str(uuid.uuid4()),
    )
