"""Settings: what wins, what is refused, and what is never shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from claimwright.platform.settings import Settings, SettingsError, in_force, load_settings, unused_variables


def loaded(folder: Path, text: str = "", environment: str | None = None, **variables: str) -> Settings:
    if text:
        (folder / "claimwright.yaml").write_text(text, encoding="utf-8")
    return load_settings(environment, folder=folder, variables={"HOME": str(folder), **variables})


def refusal(folder: Path, text: str = "", environment: str | None = None, **variables: str) -> str:
    with pytest.raises(SettingsError) as raised:
        loaded(folder, text, environment, **variables)
    message = str(raised.value)
    assert "\n" not in message
    return message.replace(str(folder), "FOLDER")


def test_without_anything_given_everything_lies_in_one_folder(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    home = tmp_path / ".local/share/claimwright"
    assert settings.database.url is None
    assert settings.database.home == home / "database"
    assert settings.phi.key_file.is_relative_to(home)
    assert settings.objects.url == str(home / "objects")
    assert settings.origins["pipeline.chunk_claims"] == "default"


def test_a_variable_wins_over_the_environments_file_and_that_over_the_common_one(tmp_path: Path) -> None:
    text = "pipeline:\n  workers: 3\n  chunk_claims: 100\n  lease_seconds: 60\n"
    (tmp_path / "claimwright.production.yaml").write_text("pipeline:\n  workers: 4\n  chunk_claims: 200\n")
    settings = loaded(tmp_path, text, "production", CLAIMWRIGHT_PIPELINE__CHUNK_CLAIMS="300")
    wanted = settings.pipeline
    assert (wanted.lease_seconds, wanted.workers, wanted.chunk_claims) == (60, 4, 300)
    assert settings.environment == "production"
    assert {
        name: settings.origins[f"pipeline.{name}"] for name in ("lease_seconds", "workers", "chunk_claims")
    } == {
        "lease_seconds": f"{tmp_path}/claimwright.yaml:4",
        "workers": f"{tmp_path}/claimwright.production.yaml:2",
        "chunk_claims": "CLAIMWRIGHT_PIPELINE__CHUNK_CLAIMS",
    }


def test_one_underscore_does_as_well_as_two(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path, CLAIMWRIGHT_DATABASE_POOL_SIZE="9", CLAIMWRIGHT_DATABASE_URL="postgresql:///x"
    )
    assert settings.database.pool_size == 9
    assert settings.database.url is not None


def test_an_environment_that_is_named_needs_its_file(tmp_path: Path) -> None:
    message = "FOLDER/claimwright.production.yaml: no such file, and environment 'production' needs it"
    assert refusal(tmp_path, environment="production").startswith(message)
    assert refusal(tmp_path, CLAIMWRIGHT_ENVIRONMENT="production").startswith(message)


@pytest.mark.parametrize(
    ("value", "variables", "expected"),
    [
        ("${WHO}", {"WHO": "north"}, "north"),
        ("${WHO:south}", {}, "south"),
        ("${WHO:south}", {"WHO": "north"}, "north"),
        ("${WHO}-${PART:1}", {"WHO": "north"}, "north-1"),
    ],
)
def test_a_file_may_name_variables(
    tmp_path: Path, value: str, variables: dict[str, str], expected: str
) -> None:
    assert loaded(tmp_path, f"tenant: {value}", **variables).tenant == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tenant: ${NOBODY}", ":1: tenant: the variable NOBODY is not set; set it, or give a default"),
        ("pipelin:\n  workers: 2", ":2: pipelin.workers: no such setting (did you mean pipeline.workers?)."),
        ("pipeline:\n  worker: 2", ":2: pipeline.worker: no such setting (did you mean pipeline.workers?)."),
        ("\npipeline:\n  workers: 0", ":3: pipeline.workers: input should be greater than or equal to 1."),
        ("pipeline:\n  workers: many", ":2: pipeline.workers: input should be a valid integer"),
        ("pipeline:\n  workers: [1]", ":2: pipeline.workers: must be a single value."),
        ("pipeline:\n  workers: 1\n  workers: 2", ":3: pipeline.workers: is given twice; keep one."),
        ("pipeline: [", ":1: not YAML"),
        ("- a", ":1: settings are written as"),
        (
            "phi:\n  key_store: paper",
            ":2: phi.key_store: input should be 'file', 'aws-kms' or 'azure-key-vault'.",
        ),
        ("retention:\n  audit_days: 30", ":2: retention.audit_days: input should be greater than"),
        (
            "events:\n  webhook_url: http://example.org/",
            ":2: events.webhook_url: an address off this machine must",
        ),
    ],
)
def test_a_setting_that_does_not_fit_is_named_with_file_and_line(
    tmp_path: Path, text: str, says: str
) -> None:
    assert f"FOLDER/claimwright.yaml{says}" in refusal(tmp_path, text)


def test_a_misspelt_variable_is_refused_or_pointed_at(tmp_path: Path) -> None:
    message = refusal(tmp_path, CLAIMWRIGHT_DATABASE_POOLSIZE="9")
    assert message == (
        "CLAIMWRIGHT_DATABASE_POOLSIZE: no such setting (did you mean CLAIMWRIGHT_DATABASE_POOL_SIZE?)."
    )
    assert unused_variables({"CLAIMWRIGHT_DATABSE_URL": "x", "CLAIMWRIGHT_TENANT": "x", "PATH": "x"}) == [
        "CLAIMWRIGHT_DATABSE_URL"
    ]


# --- secrets ------------------------------------------------------------------------------------------

URL = "postgresql://app:hunter2@localhost/claims"


@pytest.mark.parametrize("given", [URL, "${DB:postgresql:///x}", "postgresql://app:${PASSWORD}@localhost/x"])
def test_a_secret_in_a_settings_file_is_refused_and_not_repeated(tmp_path: Path, given: str) -> None:
    message = refusal(tmp_path, f"database:\n  url: {given}", PASSWORD="hunter2")
    assert "FOLDER/claimwright.yaml:2: database.url is a secret" in message
    assert "hunter2" not in message


def test_a_secret_comes_from_a_variable_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(URL + "\n")
    for settings in (
        loaded(tmp_path, "database:\n  url: ${DB}", DB=URL),
        loaded(tmp_path, f"database:\n  url_file: {tmp_path}/secret"),
        loaded(tmp_path, "tenant: x", CLAIMWRIGHT_DATABASE_URL=URL),
        loaded(tmp_path, "tenant: x", CLAIMWRIGHT_DATABASE__URL_FILE=str(tmp_path / "secret")),
    ):
        assert settings.database.url is not None
        assert settings.database.url.get_secret_value() == URL


def test_a_secret_file_that_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    message = refusal(tmp_path, "database:\n  url_file: nowhere")
    assert message == (
        "FOLDER/claimwright.yaml:2: database.url_file: nowhere can't be read: No such file or directory."
    )
    assert refusal(tmp_path, f"database:\n  url_file: {tmp_path}/empty").endswith("is empty.")


def test_no_secret_is_shown_anywhere(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        CLAIMWRIGHT_DATABASE_URL=URL,
        CLAIMWRIGHT_EVENTS__WEBHOOK_SECRET="hunter2" * 4,
        CLAIMWRIGHT_OBJECTS__SECRET_ACCESS_KEY="hunter2",
    )
    everything = [repr(settings), str(settings), settings.model_dump_json(), repr(in_force(settings))]
    assert not any("hunter2" in text for text in everything)
    shown = {each.name: each.value for each in in_force(settings)}
    assert shown["database.url"] == shown["events.webhook_secret"] == "(secret)"


def test_a_short_webhook_secret_is_refused_and_not_repeated(tmp_path: Path) -> None:
    message = refusal(tmp_path, CLAIMWRIGHT_EVENTS__WEBHOOK_SECRET="hunter2")
    assert message == (
        "CLAIMWRIGHT_EVENTS__WEBHOOK_SECRET: events.webhook_secret: use a secret of at least 24 characters."
    )


def test_settings_do_not_change_once_they_are_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        loaded(tmp_path).tenant = "other"


@pytest.mark.parametrize(("processors", "workers"), [(1, 1), (2, 2), (64, 2)])
def test_by_default_there_is_a_worker_for_each_processor_and_two_at_most(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, processors: int, workers: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)), raising=False)
    assert loaded(tmp_path).pipeline.workers == workers
    assert loaded(tmp_path, CLAIMWRIGHT_PIPELINE_WORKERS="7").pipeline.workers == 7


def test_settings_that_somebody_else_could_have_put_there_are_refused(tmp_path: Path) -> None:
    (tmp_path / "claimwright.yaml").write_text("tenant: north\n", encoding="utf-8")
    assert loaded(tmp_path).tenant == "north"
    (tmp_path / "claimwright.yaml").chmod(0o666)
    assert "anybody can write it" in refusal(tmp_path)
    (tmp_path / "claimwright.yaml").chmod(0o600)
    if os.geteuid() == 0:
        # Only root can give a file away; in CI the tests run as root.
        os.chown(tmp_path / "claimwright.yaml", 12_345, 12_345)
        assert "is not yours" in refusal(tmp_path)


def test_a_list_is_words_or_lines_in_a_file_and_in_a_variable(tmp_path: Path) -> None:
    text = "identity:\n  oidc:\n    group_roles: |\n      CN=A,OU=B=coder\n      Some group = viewer\n"
    settings = loaded(tmp_path, text, CLAIMWRIGHT_API_TRUSTED_PROXIES="10.0.0.1, 10.0.0.2")
    assert settings.api.trusted_proxies == ["10.0.0.1", "10.0.0.2"]
    assert settings.identity.oidc.group_roles == ["CN=A,OU=B=coder", "Some group = viewer"]
    assert settings.api.second_factor_roles == ["administrator"]
    shown = {each.name: each.value for each in in_force(settings)}
    assert shown["api.trusted_proxies"] == "10.0.0.1, 10.0.0.2"
    [several] = [
        loaded(tmp_path, CLAIMWRIGHT_IDENTITY_OIDC_GROUP_ROLES="a=coder;b=viewer").identity.oidc.group_roles
    ]
    assert several == ["a=coder", "b=viewer"]
    assert loaded(tmp_path, CLAIMWRIGHT_API_SECOND_FACTOR_ROLES=",").api.second_factor_roles == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ISSUER": "https://login.example.org"}, "an issuer also needs client_id and redirect_url"),
        ({"ISSUER": "http://login.example.org"}, "an address off this machine must be https://"),
        ({"GROUP_ROLES": "no role"}, "write roles of groups as GROUP=role"),
    ],
)
def test_half_a_sign_in_provider_is_refused(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    given = {f"CLAIMWRIGHT_IDENTITY_OIDC_{name}": value for name, value in variables.items()}
    assert said in refusal(tmp_path, **given)


def test_the_origin_of_passkeys_is_an_address_without_a_path(tmp_path: Path) -> None:
    name = "CLAIMWRIGHT_IDENTITY_PASSKEYS_ORIGIN"
    settings = loaded(tmp_path, **{name: "https://Claims.example.org/"})
    assert settings.identity.passkeys.origin == "https://claims.example.org"
    for wrong in (
        "https://claims.example.org/app",
        "http://claims.example.org",
        "https://u@claims.example.org",
    ):
        assert "identity.passkeys.origin" in refusal(tmp_path, **{name: wrong})
