"""Checks an installation: what is wrong or will be soon, and how to correct it. It changes nothing."""

from __future__ import annotations

import datetime
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from claimwright.foundation import clock
from claimwright.foundation.errors import ClaimwrightError
from claimwright.platform.outward_requests import LOOPBACK

from .callers import account_caller
from .stores import place_of

if TYPE_CHECKING:
    from cryptography import x509

    from claimwright.platform.database import Connection
    from claimwright.platform.settings import Settings

_CONNECT_SECONDS = 4
# A certificate is renewed a month before its end by those who renew by hand, two weeks by those who automate.
_CERTIFICATE_DAYS = 30
_TOKEN_DAYS = 14
# ClamAV publishes signatures every day; freshclam looks for them every two hours.
_SIGNATURE_DAYS = 7
_DISK_SHARE, _DISK_BYTES = 0.1, 2_000_000_000
# Codes of authenticators are valid for half a minute, access tokens for ten.
_CLOCKS_SECONDS = 5


class Level(StrEnum):
    """How bad something is."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Diagnosis:
    """What one check found, and what to do about it."""

    check: str
    level: Level
    what: str
    do: str = ""


def diagnose(settings: Settings) -> list[Diagnosis]:
    """Everything that the checks found, in the order of the checks; one that is content has one `ok`."""
    checks: tuple[tuple[str, Callable[[Settings], Iterator[Diagnosis]]], ...] = (
        ("settings", _settings),
        ("policies", _policies),
        ("files", _files),
        ("certificate", _certificate),
        ("breached passwords", _breached_passwords),
        ("virus scanner", _virus_scanner),
        ("disk", _disk),
        ("database", _database),
    )
    found: list[Diagnosis] = []
    for name, check in checks:
        of_check = list(check(settings))
        found += of_check or [Diagnosis(name, Level.OK, "nothing to correct")]
    return found


def _settings(settings: Settings) -> Iterator[Diagnosis]:
    """Settings that contradict each other, or leave a door open."""
    for is_so, level, what, do in (*_of_doors(settings), *_of_the_rest(settings)):
        if is_so:
            yield Diagnosis("settings", level, what, do)


_Condition: TypeAlias = tuple[object, Level, str, str]


def _of_doors(settings: Settings) -> tuple[_Condition, ...]:
    api, oidc, origin = settings.api, settings.identity.oidc, settings.identity.passkeys.origin
    parts = (api.certificate_file is not None, api.private_key_file is not None)
    has_tls, both = all(parts), "Set api.certificate_file and api.private_key_file."
    default = settings.origins.get("terminal.roles", "default") == "default"
    return (
        (parts[0] != parts[1], Level.PROBLEM, "TLS has a certificate or a private key, not both.", both),
        (
            api.host not in LOOPBACK and not has_tls and not api.trusted_proxies,
            Level.PROBLEM, f"api.host is {api.host}, without TLS.", f"{both} Or set api.trusted_proxies.",
        ),
        (
            api.client_ca_file is not None and not has_tls,
            Level.PROBLEM, "api.client_ca_file is set, without TLS.", both,
        ),
        (
            "*" in api.trusted_proxies,
            Level.PROBLEM, "api.trusted_proxies trusts everybody.", "Name the addresses of your proxies.",
        ),
        (
            not api.second_factor_roles,
            Level.WARNING, "No role needs a second factor.", "Set api.second_factor_roles.",
        ),
        (
            oidc.issuer and not oidc.group_roles,
            Level.PROBLEM, "Nobody can sign in with the provider: no group has a role.",
            "Set identity.oidc.group_roles.",
        ),
        (
            oidc.issuer and not oidc.group_facilities,
            Level.NOTE, "New accounts of the provider see no facility.",
            "Set identity.oidc.group_facilities, or change the accounts.",
        ),
        (
            oidc.redirect_url
            and origin
            and urlsplit(oidc.redirect_url).hostname != urlsplit(origin).hostname,
            Level.WARNING, "identity.oidc.redirect_url and identity.passkeys.origin are on different hosts.",
            "Use the public address of this installation for both.",
        ),
        (
            default and not settings.terminal.account_roles,
            Level.NOTE, "Every account of this machine is an administrator in the terminal, by default.",
            "Set terminal.roles or terminal.account_roles.",
        ),
    )  # fmt: skip


def _of_the_rest(settings: Settings) -> tuple[_Condition, ...]:
    objects, phi = settings.objects, settings.phi
    return (
        (
            settings.events.webhook_url and not settings.events.webhook_secret,
            Level.PROBLEM, "events.webhook_url is set, without a secret.", "Set events.webhook_secret.",
        ),
        (
            settings.telemetry.metrics_port and settings.telemetry.metrics_port == settings.api.port,
            Level.PROBLEM, "telemetry.metrics_port is api.port.", "Set another port.",
        ),
        (
            (objects.access_key_id is None) != (objects.secret_access_key is None),
            Level.PROBLEM, "S3 has half of its access key.",
            "Set objects.access_key_id and objects.secret_access_key.",
        ),
        (
            phi.key_store == "aws-kms" and not phi.aws_key_id,
            Level.PROBLEM, "phi.key_store is aws-kms, without a key.", "Set phi.aws_key_id.",
        ),
        (
            phi.key_store == "azure-key-vault" and not (phi.azure_vault_url and phi.azure_key_name),
            Level.PROBLEM, "phi.key_store is azure-key-vault, without a key.",
            "Set phi.azure_vault_url and phi.azure_key_name.",
        ),
        (
            not settings.audit.checkpoint_minutes,
            Level.WARNING, "Processes that last do not sign the audit log.", "Set audit.checkpoint_minutes.",
        ),
        (
            settings.retention.files_days > settings.retention.claims_days,
            Level.WARNING, "Files are kept longer than the claims that came with them.",
            "Set retention.files_days to at most retention.claims_days.",
        ),
    )  # fmt: skip


def _policies(settings: Settings) -> Iterator[Diagnosis]:
    """Policy files that can't be used or are not in force yet, and roles that do not exist."""
    from claimwright.platform.access import ROLES, Access, AccessPolicyError

    folder = settings.api.policies
    if folder is not None and not folder.is_dir():
        yield Diagnosis("policies", Level.PROBLEM, f"{folder}: no such folder.", "Correct api.policies.")
        return
    try:
        policies = Access(folder).policies
    except AccessPolicyError as problem:
        yield Diagnosis("policies", Level.PROBLEM, str(problem), "Correct the file.")
        return
    for each in policies:
        if each.effective_on > clock.today():
            what = f"policy {each.id} of {each.file} takes effect on {each.effective_on}."
            yield Diagnosis("policies", Level.NOTE, what)
    named = {
        "api.second_factor_roles": set(settings.api.second_factor_roles),
        "terminal.roles": set(settings.terminal.roles),
        "terminal.account_roles": {
            each.rpartition("=")[2].strip() for each in settings.terminal.account_roles
        },
        "identity.oidc.group_roles": {
            each.rpartition("=")[2].strip() for each in settings.identity.oidc.group_roles
        },
    }
    for name, roles in named.items():
        if unknown := sorted(roles - set(ROLES)):
            what = f"{name}: there is no role {', '.join(unknown)}."
            yield Diagnosis("policies", Level.PROBLEM, what, f"Use roles of: {', '.join(ROLES)}.")


def _files(settings: Settings) -> Iterator[Diagnosis]:
    """Keys that are missing, damaged or readable by others; a home that others can enter."""
    from claimwright.platform.private_files import PrivateFileError, read_private

    keys = {"audit.signing_key_file": settings.audit.signing_key_file}
    if settings.phi.key_store == "file":
        keys["phi.key_file"] = settings.phi.key_file
    if settings.api.private_key_file is not None:
        keys["api.private_key_file"] = settings.api.private_key_file
    for name, path in keys.items():
        if not path.exists():
            if name == "api.private_key_file":
                yield Diagnosis("files", Level.PROBLEM, f"{path}: no such file.", f"Correct {name}.")
            continue
        try:
            read_private(path)
        except PrivateFileError as problem:
            yield Diagnosis("files", Level.PROBLEM, str(problem), f"It is {name}.")
    home = settings.home
    if os.name == "posix" and home.is_dir() and home.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        what = f"{home}: other accounts of this machine can list what is in it."
        yield Diagnosis("files", Level.WARNING, what, f"chmod 711 {home} or stricter.")


def _breached_passwords(settings: Settings) -> Iterator[Diagnosis]:
    """No list of breached passwords, or one that can't be searched."""
    from claimwright.platform.identity import AccountError, BreachedPasswordsError, refuse_breached

    name, setting = "breached passwords", "identity.breached_passwords_file"
    file = settings.identity.breached_passwords_file
    if file is None:
        what = "New passwords are not compared with those of breaches."
        yield Diagnosis(name, Level.NOTE, what, f"Bring a list, and name it in {setting}.")
        return
    try:
        refuse_breached(file, "")
    except AccountError:
        pass
    except BreachedPasswordsError as problem:
        yield Diagnosis(name, Level.PROBLEM, str(problem), f"Correct {setting}.")


def _virus_scanner(settings: Settings) -> Iterator[Diagnosis]:
    """No virus scanner, one that does not answer, or old signatures."""
    from claimwright.platform.virus_scanner import ScannerUnavailableError, VirusScanner

    name, url = "virus scanner", settings.scanner.url
    if url is None:
        what = "Uploaded files are not scanned for viruses."
        yield Diagnosis(name, Level.NOTE, what, "Run clamd on this machine, and set scanner.url.")
        return
    try:
        state = VirusScanner(url, min(settings.scanner.timeout_seconds, _CONNECT_SECONDS)).state()
    except ScannerUnavailableError as problem:
        what = f"clamd does not answer at {url} ({problem.why}): no upload is taken."
        yield Diagnosis(name, Level.PROBLEM, what, "Start clamd, or correct scanner.url.")
        return
    if state.signatures is None:
        what = "clamd has no signatures of ClamAV: it finds only what your own signatures name."
        yield Diagnosis(name, Level.WARNING, what, "Run freshclam.")
    elif state.made_at is not None and (days := (clock.now() - state.made_at).days) > _SIGNATURE_DAYS:
        what = f"The signatures of clamd are {days} days old."
        yield Diagnosis(name, Level.WARNING, what, "Let freshclam run every day.")


def _certificate(settings: Settings) -> Iterator[Diagnosis]:
    """A certificate that can't be read, does not fit its key, or is near its end."""
    chain, key = settings.api.certificate_file, settings.api.private_key_file
    for name, path in (("api.certificate_file", chain), ("api.client_ca_file", settings.api.client_ca_file)):
        if path is not None:
            yield from _times(name, path)
    if chain is not None and key is not None and chain.exists() and key.exists():
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            fits = load_pem_private_key(key.read_bytes(), None).public_key() == _read(chain)[0].public_key()
        except (ValueError, TypeError):
            fits = False
        if not fits:
            what = f"{key}: not the private key of {chain}, or it can't be read."
            yield Diagnosis(
                "certificate", Level.PROBLEM, what, "Set the key that the certificate was made for."
            )


def _times(name: str, path: Path) -> Iterator[Diagnosis]:
    try:
        certificates = _read(path)
    except (OSError, ValueError):
        yield Diagnosis("certificate", Level.PROBLEM, f"{path}: no PEM certificate.", f"Correct {name}.")
        return
    now = clock.now()
    for each in certificates:
        days = (each.not_valid_after_utc - now).days
        until = f"{each.not_valid_after_utc:%Y-%m-%d}"
        if each.not_valid_before_utc > now:
            what = f"{path}: not valid before {each.not_valid_before_utc:%Y-%m-%d %H:%M} UTC."
            yield Diagnosis("certificate", Level.PROBLEM, what, "Check the clock, or use another one.")
        elif each.not_valid_after_utc <= now:
            yield Diagnosis("certificate", Level.PROBLEM, f"{path}: ended on {until}.", "Renew it.")
        elif days < _CERTIFICATE_DAYS:
            what = f"{path}: ends on {until}, in {days} days."
            yield Diagnosis("certificate", Level.WARNING, what, "Renew it.")


def _read(path: Path) -> list[x509.Certificate]:
    from cryptography import x509

    return x509.load_pem_x509_certificates(path.read_bytes())


def _disk(settings: Settings) -> Iterator[Diagnosis]:
    """Folders on a disk that is nearly full."""
    folders = {"home": settings.home}
    if settings.database.url is None:
        folders["database.home"] = settings.database.home
    seen: set[int] = set()
    for name, folder in folders.items():
        there = next((each for each in (folder, *folder.parents) if each.exists()), None)
        if there is None or (device := there.stat().st_dev) in seen:
            continue
        seen.add(device)
        disk = shutil.disk_usage(there)
        if disk.free < _DISK_BYTES or disk.free < _DISK_SHARE * disk.total:
            level = Level.PROBLEM if disk.free < _DISK_BYTES / 10 else Level.WARNING
            what = f"{name} ({folder}): {disk.free / 1e9:.1f} GB of {disk.total / 1e9:.0f} GB are free."
            yield Diagnosis("disk", level, what, "Make room, or move it to a larger disk.")


def _database(settings: Settings) -> Iterator[Diagnosis]:
    """A database that does not answer or does not fit; keys, clocks, and doors that stand open in it."""
    import psycopg

    from claimwright.platform.database import DatabaseError, tenancy

    from .administration import has_store

    if not has_store(settings):
        what = "There is no store yet."
        yield Diagnosis(
            "database", Level.NOTE, what, "Not needed for files. Otherwise: claimwright db start."
        )
        return
    try:
        address = place_of(settings, start=False).address
        with psycopg.connect(address, connect_timeout=_CONNECT_SECONDS, autocommit=True) as connection:
            behind = list(_schema(connection, address))
            yield from behind
            yield from _clock(connection)
            if behind:
                return
            with tenancy(connection, account_caller(settings.tenant)):
                yield from _doors(connection)
    except (psycopg.Error, DatabaseError) as problem:
        what = f"The database does not answer: {type(problem).__name__}."
        yield Diagnosis("database", Level.PROBLEM, what, "claimwright db start, or correct database.url.")
        return
    yield from _behind(settings)


def _schema(connection: Connection, address: str) -> Iterator[Diagnosis]:
    from claimwright.platform.database import APPLICATION, current
    from claimwright.store.schema import latest

    at = current(address)
    if at != latest():
        what = f"The database is at migration {at or 'none'}, this program needs {latest()}."
        yield Diagnosis("database", Level.PROBLEM, what, "claimwright db migrate.")
    row = connection.execute(
        "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
    ).fetchone()
    if row is None or row[0]:
        what = "The role of database.url can bypass row-level security."
        yield Diagnosis("database", Level.PROBLEM, what, f"Connect as {APPLICATION}.")
    elif connection.info.user != APPLICATION:
        connection.execute(f"set role {APPLICATION}".encode())


def _clock(connection: Connection) -> Iterator[Diagnosis]:
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None
    apart = abs((clock.now() - row[0]).total_seconds())
    if apart > _CLOCKS_SECONDS:
        what = f"The clocks of this machine and of the database are {apart:.0f} seconds apart."
        yield Diagnosis("database", Level.WARNING, what, "Let both take their time from the network.")


def _doors(connection: Connection) -> Iterator[Diagnosis]:
    """Open security items of the tenant of the settings."""
    from claimwright.platform.identity import Openings, openings_of

    found: Openings = openings_of(connection, datetime.timedelta(days=_TOKEN_DAYS))
    if found.setup_links and not found.accounts:
        what = "A link that makes the first administrator was printed and is not used."
        yield Diagnosis("database", Level.WARNING, what, "Use it, or let it end: it is valid for a day.")
    if found.administrators_without_factor:
        what = f"{found.administrators_without_factor} administrators have no second factor."
        yield Diagnosis(
            "database", Level.WARNING, what, "They set one up at their next sign-in, or are disabled."
        )
    if found.ending_services:
        what = f"Credentials end within {_TOKEN_DAYS} days: {', '.join(found.ending_services)}."
        yield Diagnosis("database", Level.WARNING, what, "claimwright token issue, then revoke the old ones.")
    if found.open_alerts:
        what = f"{found.open_alerts} alerts of unusual access wait for a person."
        yield Diagnosis("database", Level.WARNING, what, "claimwright audit alerts.")


def _behind(settings: Settings) -> Iterator[Diagnosis]:
    """Keys that do not open, and storage that does not answer."""
    from .health import health_checks

    advice = {
        "keys": "Restore the backup of the key file, or correct the settings of phi.",
        "objects": "Correct objects.url and its keys.",
    }
    for name, check in health_checks(settings).items():
        if name not in advice:
            continue
        try:
            check()
        except ClaimwrightError as problem:
            yield Diagnosis("database", Level.PROBLEM, f"{name}: {problem}", advice[name])
        except Exception as problem:  # noqa: BLE001 - whatever a client raises, it is told
            what = f"{name}: {type(problem).__name__}."
            yield Diagnosis("database", Level.PROBLEM, what, advice[name])
