"""The doctor finds what is wrong with an installation, says what to do, and changes nothing."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from tests.certificates import Authority
from tests.database_server import Store
from typer.testing import CliRunner

from claimwright.apps.cli.main import app
from claimwright.assembly.doctor import Diagnosis, Level, diagnose
from claimwright.domain.caller import Caller
from claimwright.platform.access import ROLES, SCOPES, raise_alert
from claimwright.platform.identity import create_account, issue_token, setup_link
from claimwright.platform.settings import load_settings
from claimwright.store.schema import migrate

CALLER = Caller("default", "system:test")


def told(folder: Path, **variables: str) -> list[Diagnosis]:
    home = folder / "home"
    home.mkdir(mode=0o700, exist_ok=True)
    return diagnose(load_settings(folder=folder, variables={"CLAIMWRIGHT_HOME": str(home), **variables}))


def words(found: list[Diagnosis], level: Level | None = None) -> str:
    return "\n".join(f"{each.check}: {each.what} {each.do}" for each in found if level in {None, each.level})


def test_a_machine_without_a_store_has_nothing_to_correct(tmp_path: Path) -> None:
    found = [each for each in told(tmp_path) if each.check != "disk"]
    assert {each.level for each in found} <= {Level.OK, Level.NOTE}
    assert "There is no store yet" in words(found, Level.NOTE)
    assert "administrator in the terminal, by default" in words(found, Level.NOTE)
    assert not any((tmp_path / "home").iterdir())


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("API_HOST", "192.0.2.1", "api.host is 192.0.2.1, without TLS"),
        ("API_CERTIFICATE_FILE", "/nowhere.pem", "a certificate or a private key, not both"),
        ("API_TRUSTED_PROXIES", "*", "trusts everybody"),
        ("API_POLICIES", "/nowhere", "/nowhere: no such folder"),
        ("API_SECOND_FACTOR_ROLES", "boss", "there is no role boss"),
        ("PHI_KEY_STORE", "aws-kms", "aws-kms, without a key"),
        ("TELEMETRY_METRICS_PORT", "8443", "metrics_port is api.port"),
        ("OBJECTS_ACCESS_KEY_ID", "AKIA", "half of its access key"),
        ("EVENTS_WEBHOOK_URL", "https://example.org/hook", "without a secret"),
        ("DATABASE_URL", "postgresql://localhost:1/none", "does not answer"),
    ],
)
def test_what_can_not_work_is_a_problem(tmp_path: Path, name: str, value: str, says: str) -> None:
    assert says in words(told(tmp_path, **{f"CLAIMWRIGHT_{name}": value}), Level.PROBLEM)


def test_certificates_and_keys_are_looked_at(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    days = datetime.timedelta(days=1)
    good, key = authority.issued("good", ends=90 * days)
    near, near_key = authority.issued("near", ends=10 * days)
    ended, ended_key = authority.issued("ended", ends=-1 * days)

    def of(certificate: Path, private: Path) -> str:
        found = told(
            tmp_path, CLAIMWRIGHT_API_CERTIFICATE_FILE=str(certificate),
            CLAIMWRIGHT_API_PRIVATE_KEY_FILE=str(private), CLAIMWRIGHT_API_CLIENT_CA_FILE=str(authority.file),
        )  # fmt: skip
        return words([each for each in found if each.check in {"certificate", "files"}])

    assert of(good, key) == "files: nothing to correct \ncertificate: nothing to correct "
    assert "in 9 days. Renew it." in of(near, near_key)
    assert "ended on" in of(ended, ended_key)
    assert "not the private key of" in of(good, near_key)
    key.chmod(0o644)
    assert "chmod 600" in of(good, key)


def test_what_stands_open_in_the_database_is_told(store: Store, tmp_path: Path) -> None:
    address = {"CLAIMWRIGHT_DATABASE_URL": store.url}
    with store.open() as database:
        assert words(told(tmp_path, **address), Level.WARNING).count("database:") == 0
        with database.transaction(CALLER) as connection:
            setup_link(CALLER, connection)
        assert "first administrator" in words(told(tmp_path, **address), Level.WARNING)
        with database.transaction(CALLER) as connection:
            create_account(CALLER, connection, "root", roles=["administrator"], known_roles=ROLES)
            issue_token(
                CALLER, connection, label="feed", scopes=["all"], known_scopes=SCOPES, days=3,
                client_name="emr-feed", roles=["service"], known_roles=ROLES,
            )  # fmt: skip
            day = datetime.date(2026, 1, 1)
            raise_alert(connection, kind="walk", actor="user:1", day=day, counted=20, usual=15)
        found = words(told(tmp_path, **address), Level.WARNING)
    assert "1 administrators have no second factor" in found
    assert "Credentials end within 14 days: emr-feed" in found
    assert "1 alerts of unusual access" in found
    assert "first administrator" not in found
    migrate(store.owner, "0142")
    assert "claimwright db migrate" in words(told(tmp_path, **address), Level.PROBLEM)


def test_the_command_says_so_with_its_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLAIMWRIGHT_SETTINGS", str(tmp_path))
    monkeypatch.setenv("CLAIMWRIGHT_API_TRUSTED_PROXIES", "*")
    shown = CliRunner().invoke(app, ["doctor"])
    assert (shown.exit_code, "problem  settings: api.trusted_proxies" in shown.output) == (1, True)
    listed = json.loads(CliRunner().invoke(app, ["doctor", "--json"]).output)
    assert {"check", "level", "what", "do"} == set(listed[0])
