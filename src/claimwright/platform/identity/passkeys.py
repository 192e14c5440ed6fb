"""Passkeys (WebAuthn Level 3): registered while signed in, then enough to sign in, without name or password.

The authenticator verifies the person by fingerprint, face or PIN (user verification is required), so a
passkey counts as two factors. It signs for one origin only, so a copied page gains nothing, and not for a
page that another site shows within its own. The challenge is derived from the flow of this browser (see
`flows`), and is good for one answer, also one that is refused.

A counter that does not grow is a sign of a copied authenticator (section 6.1.1 of the standard): refused.
Most synchronized passkeys always report 0, which is accepted.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from claimwright.domain.caller import Caller, Origin, Purpose
from claimwright.platform import audit

from .accounts import account_of
from .bearer import Bearer
from .errors import AccountError, AccountNotFoundError, SignInError
from .flows import PASSKEY, PASSKEY_NEW, begin_flow, use_flow
from .sessions import Session, begin_session, tell_begun, tell_refused

if TYPE_CHECKING:
    from claimwright.platform.database import Connection, Database

MOST = 20
_TIMEOUT_MS = 300_000
_COLUMNS = "passkey_id, label, is_backed_up, created_at, used_at"
# What the library raises for what no authenticator makes: AttributeError for an attestation whose parts are
# of another type.
_REFUSALS = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
_REFUSED = "the passkey was refused. Begin again, or sign in with your password."


@dataclass(frozen=True)
class Passkey:
    """A passkey of an account; `is_backed_up` where the maker of the authenticator keeps a copy of it."""

    passkey_id: int
    label: str
    is_backed_up: bool
    created_at: datetime.datetime
    used_at: datetime.datetime | None


def begin_passkey(
    connection: Connection, tenant: str, account_id: int, origin: str
) -> tuple[dict[str, Any], Bearer]:
    """Options for `navigator.credentials.create`, and the secret of the flow.

    Raises:
        AccountError: a provider decides who has the account, or it has as many passkeys as it can have.
    """
    import webauthn
    from webauthn.helpers import structs

    account = account_of(connection, account_id)
    known = connection.execute(
        "select credential_id from identity.passkeys where account_id = %s", [account_id]
    ).fetchall()
    provided = connection.execute(
        "select 1 from identity.external_identities where account_id = %s and gives_roles", [account_id]
    ).fetchone()
    if provided is not None:
        # Otherwise somebody who lost access at the provider would still get in here.
        raise AccountError("the account signs in with its provider only.")
    if len(known) >= MOST:
        raise AccountError(f"an account has at most {MOST} passkeys. Remove one that is not used.")
    flow = begin_flow(connection, tenant, PASSKEY_NEW, account_id)
    options = webauthn.generate_registration_options(
        rp_id=_host(origin),
        rp_name="Claimwright",
        user_name=account.name,
        user_id=_handle(tenant, account_id),
        challenge=_challenge(flow),
        timeout=_TIMEOUT_MS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=bytes(row[0])) for row in known],
    )
    return json.loads(webauthn.options_to_json(options)), flow


def keep_passkey(
    caller: Caller,
    database: Database,
    flow: Bearer,
    account_id: int,
    origin: str,
    *,
    label: str,
    credential: Mapping[str, Any],
) -> Passkey:
    """Keep a passkey that the authenticator has made.

    Raises:
        SignInError: the flow is not of this browser and account, or was used.
        AccountError: the response of the authenticator fails a check, or the passkey is known already.
    """
    import webauthn
    from webauthn.helpers import parse_registration_credential_json
    from webauthn.helpers.exceptions import WebAuthnException

    with database.transaction(caller) as connection:
        if use_flow(connection, flow, PASSKEY_NEW) != account_id:
            raise SignInError(_REFUSED)
    try:
        parsed = parse_registration_credential_json(dict(credential))
        _refuse_framed(parsed.response.client_data_json)
        verified = webauthn.verify_registration_response(
            credential=parsed,
            expected_challenge=_challenge(flow),
            expected_rp_id=_host(origin),
            expected_origin=origin,
            require_user_verification=True,
        )
    except (WebAuthnException, *_REFUSALS):
        raise AccountError("the passkey cannot be used. Begin again, on the page of this site.") from None
    with database.transaction(caller) as connection:
        row = connection.execute(
            "insert into identity.passkeys "  # noqa: S608 - columns of this module
            "(account_id, credential_id, public_key, sign_count, label, is_backed_up) "
            "values (%s, %s, %s, %s, %s, %s) on conflict (tenant, credential_id) do nothing "
            f"returning {_COLUMNS}".encode(),
            [
                account_id, verified.credential_id, verified.credential_public_key, verified.sign_count,
                label.strip()[:100], verified.credential_backed_up,
            ],
        ).fetchone()  # fmt: skip
        if row is None:
            raise AccountError("this passkey is registered already.")
        _tell(caller, connection, "account.passkey_added", account_id)
        return Passkey(*row)


def begin_passkey_sign_in(database: Database, tenant: str, origin: str) -> tuple[dict[str, Any], Bearer]:
    """Options for `navigator.credentials.get`, the same for everybody, and the secret of the flow."""
    import webauthn
    from webauthn.helpers import structs

    with database.transaction(_door(tenant)) as connection:
        flow = begin_flow(connection, tenant, PASSKEY)
    options = webauthn.generate_authentication_options(
        rp_id=_host(origin),
        challenge=_challenge(flow),
        timeout=_TIMEOUT_MS,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return json.loads(webauthn.options_to_json(options)), flow


def sign_in_with_passkey(
    database: Database,
    flow: Bearer,
    origin: str,
    credential: Mapping[str, Any],
    *,
    address: str,
    purpose: Purpose,
) -> tuple[Session, Bearer]:
    """Sign in the account of a passkey. Returns the session and the secret for its cookie.

    Raises:
        SignInError: refused; the message does not say why, the audit log does.
    """
    door = _door(flow.tenant)
    with database.transaction(door) as connection:
        use_flow(connection, flow, PASSKEY)
        row = connection.execute(
            "select passkey_id, account_id, public_key, sign_count, state "
            "from identity.passkeys p join identity.accounts a using (tenant, account_id) "
            "where credential_id = %s for update of p",
            [_credential_id(credential)],
        ).fetchone()
        passkey_id, account_id, public_key, kept_count, state = row or (0, None, b"", 0, "none")
        check, count, is_backed_up = "passkey", 0, False
        if account_id is not None:
            handle = _handle(flow.tenant, account_id)
            check, count, is_backed_up = _verified(flow, origin, credential, bytes(public_key), handle)
        if not check and (count or kept_count) and count <= kept_count:
            check = "sign_count"
        if not check and state != "active":
            check = "disabled"
        if not check:
            connection.execute(
                "update identity.passkeys set sign_count = %s, is_backed_up = %s, "
                "used_at = clock_timestamp() where passkey_id = %s",
                [count, is_backed_up, passkey_id],
            )
            made = begin_session(connection, account_id, flow.tenant, ["passkey"], address, purpose)
        else:
            tell_refused(door, connection, account_id, address, check)
    if check:
        raise SignInError(_REFUSED)
    tell_begun(database, flow.tenant, made[0])
    return made


def passkeys_of(connection: Connection, account_id: int) -> list[Passkey]:
    """The passkeys of an account, oldest first."""
    rows = connection.execute(
        f"select {_COLUMNS} from identity.passkeys where account_id = %s "  # noqa: S608
        "order by passkey_id".encode(),
        [account_id],
    ).fetchall()
    return [Passkey(*row) for row in rows]


def remove_passkey(caller: Caller, connection: Connection, account_id: int, passkey_id: int) -> None:
    """Remove a passkey: nobody signs in with it any more.

    Raises:
        AccountNotFoundError: the account has no passkey with this number.
    """
    removed = connection.execute(
        "delete from identity.passkeys where passkey_id = %s and account_id = %s", [passkey_id, account_id]
    )
    if removed.rowcount == 0:
        raise AccountNotFoundError("there is no such passkey.")
    _tell(caller, connection, "account.passkey_removed", account_id)


def _verified(
    flow: Bearer, origin: str, credential: Mapping[str, Any], public_key: bytes, handle: bytes
) -> tuple[str, int, bool]:
    """The check that failed ("" if none), the counter, and whether the passkey is backed up."""
    import webauthn
    from webauthn.helpers import parse_authentication_credential_json
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        parsed = parse_authentication_credential_json(dict(credential))
        _refuse_framed(parsed.response.client_data_json)
        found = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=_challenge(flow),
            expected_rp_id=_host(origin),
            expected_origin=origin,
            credential_public_key=public_key,
            # The counter is compared by the caller, which tells it apart from other failures.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, *_REFUSALS):
        return "passkey", 0, False
    # Nobody was named when the sign-in began, so the authenticator says whose passkey it is (7.2, step 6).
    if parsed.response.user_handle != handle:
        return "user_handle", 0, False
    return "", found.new_sign_count, found.credential_backed_up


def _refuse_framed(client_data: bytes) -> None:
    """Refuse what was made within a page of another site, which we never are (section 7.1, 10 and 7.2, 13).

    Raises:
        ValueError: it says that it was.
    """
    said = json.loads(client_data)
    if not isinstance(said, dict) or said.get("crossOrigin", False) is not False or "topOrigin" in said:
        raise ValueError


def _credential_id(credential: Mapping[str, Any]) -> bytes:
    from webauthn.helpers import base64url_to_bytes

    text = credential.get("rawId")
    try:
        return base64url_to_bytes(text) if isinstance(text, str) else b""
    except ValueError:
        return b""


def _challenge(flow: Bearer) -> bytes:
    return bytes.fromhex(flow.proof("passkey"))


def _handle(tenant: str, account_id: int) -> bytes:
    """What the authenticator knows the account by; says nothing of the person (section 14.6.1)."""
    return hashlib.sha256(f"{tenant}/{account_id}".encode()).digest()


def _host(origin: str) -> str:
    return urlsplit(origin).hostname or ""


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
