"""Key-encryption keys that others hold: AWS KMS on moto's server, Azure Key Vault's protocol on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.server import ThreadedMotoServer
from tests.platform.azure_vault import Vault, vault

from claimwright.platform.objects import ObjectError, Objects, open_objects
from claimwright.platform.phi import Keyring, PhiKeyError, Sealer, open_key_encryption, open_keyring
from claimwright.platform.phi.key_encryption import AzureKey
from claimwright.platform.phi.key_rows import DatabaseKeys
from claimwright.platform.phi.wrapping import KeyEncryption
from claimwright.platform.settings import Settings, load_settings

pytestmark = pytest.mark.slow  # moto and RSA keys take their time
Connect = Callable[[], psycopg.Connection]


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def kms(aws: str) -> Any:
    return boto3.client("kms", region_name="us-east-1", endpoint_url=aws)


def with_kms(folder: Path, aws: str, key_id: str) -> Settings:
    variables = {
        "CLAIMWRIGHT_HOME": str(folder / "home"),
        "CLAIMWRIGHT_PHI__KEY_STORE": "aws-kms",
        "CLAIMWRIGHT_PHI__AWS_KEY_ID": key_id,
        "CLAIMWRIGHT_PHI__AWS_REGION": "us-east-1",
        "CLAIMWRIGHT_PHI__AWS_ENDPOINT": aws,
    }
    return load_settings(folder=folder, variables=variables)


# --- AWS KMS ------------------------------------------------------------------------------------------


def test_data_keys_are_wrapped_by_kms_and_no_key_file_is_made(
    aws: str, tmp_path: Path, connect: Connect
) -> None:
    key_id = kms(aws).create_key()["KeyMetadata"]["KeyId"]
    settings = with_kms(tmp_path, aws, key_id)
    sealed = Sealer(open_keyring(settings, connect)).seal([b"record"], [b"row"])
    again = open_keyring(settings, connect)
    assert Sealer(again).open(sealed, [b"row"]) == [b"record"]
    assert {info.wrapped_by for info in again.infos()} == {f"aws-kms:{key_id}"}
    assert not settings.phi.key_file.exists()


def test_keys_rotate_under_kms(aws: str, tmp_path: Path, connect: Connect) -> None:
    settings = with_kms(tmp_path, aws, kms(aws).create_key()["KeyMetadata"]["KeyId"])
    sealer = Sealer(open_keyring(settings, connect))
    old = sealer.seal([b"record"], [b"row"])
    sealer.keyring.rotate()
    assert Sealer(open_keyring(settings, connect)).open(old, [b"row"]) == [b"record"]


def test_another_kms_key_does_not_open_the_data_keys(aws: str, tmp_path: Path, connect: Connect) -> None:
    client = kms(aws)
    first, second = (client.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    open_keyring(with_kms(tmp_path, aws, first), connect)
    with connect() as connection:
        connection.execute("update platform.data_keys set wrapped_by = %s", (f"aws-kms:{second}",))
    with pytest.raises(PhiKeyError):
        open_keyring(with_kms(tmp_path, aws, second), connect)


def test_a_kms_key_that_is_not_to_be_had_is_named(aws: str, tmp_path: Path, connect: Connect) -> None:
    key_id = kms(aws).create_key()["KeyMetadata"]["KeyId"]
    open_keyring(with_kms(tmp_path, aws, key_id), connect)
    with connect() as connection:
        connection.execute("update platform.data_keys set wrapped_by = 'aws-kms:' || gen_random_uuid()")
    with pytest.raises(PhiKeyError, match="AWS KMS refuses to decrypt"):
        open_keyring(with_kms(tmp_path, aws, key_id), connect)


def test_a_kms_that_does_not_answer_is_said_so(tmp_path: Path, connect: Connect, aws: str) -> None:
    settings = with_kms(tmp_path, "http://127.0.0.1:9", "any")
    with pytest.raises(PhiKeyError, match="AWS KMS can't be reached: EndpointConnectionError"):
        open_keyring(settings, connect)


def test_keys_move_from_the_file_to_kms_without_sealing_anything_again(
    aws: str, tmp_path: Path, connect: Connect, settings: Settings
) -> None:
    keyring = open_keyring(settings, connect)
    sealed = Sealer(keyring).seal([b"record"], [b"row"])
    blind = Sealer(keyring).blind("member_id", "north", ["W1"])
    elsewhere = with_kms(tmp_path, aws, kms(aws).create_key()["KeyMetadata"]["KeyId"])
    assert keyring.wrap_again(open_key_encryption(elsewhere)) == 2
    moved = Sealer(open_keyring(elsewhere, connect))
    assert moved.open(sealed, [b"row"]) == [b"record"]
    assert moved.blind("member_id", "north", ["W1"]) == blind
    with pytest.raises(PhiKeyError):
        open_keyring(settings, connect)


def test_a_key_store_without_its_key_says_what_to_set(tmp_path: Path) -> None:
    for store, says in (("aws-kms", r"phi\.aws_key_id"), ("azure-key-vault", r"phi\.azure_vault_url")):
        variables = {"CLAIMWRIGHT_PHI__KEY_STORE": store, "HOME": str(tmp_path)}
        settings = load_settings(folder=tmp_path, variables=variables)
        with pytest.raises(PhiKeyError, match=says):
            open_key_encryption(settings)


# --- Azure Key Vault ----------------------------------------------------------------------------------


class Credential:
    """Somebody who has a token already."""

    def get_token(self, *_: str, **__: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken("a-token", int(time.time()) + 3600)


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Vault]:
    with vault(tmp_path) as made:
        yield made


def azure_keyring(azure: Vault, connect: Connect) -> Keyring:
    def opened(_create: bool) -> KeyEncryption:
        return AzureKey(
            azure.url, "claimwright", Credential(),
            connection_verify=azure.certificate, verify_challenge_resource=False, retry_total=0,
        )  # fmt: skip

    return Keyring(DatabaseKeys(connect), opened)


def test_data_keys_are_wrapped_by_the_vaults_key(azure: Vault, connect: Connect) -> None:
    sealed = Sealer(azure_keyring(azure, connect)).seal([b"record"], [b"row"])
    azure.asked.clear()
    again = azure_keyring(azure, connect)
    assert Sealer(again).open(sealed, [b"row"]) == [b"record"]
    assert azure.asked.count("unwrapkey") == 2  # once a key, never once a record
    assert {info.wrapped_by for info in again.infos()} == {f"azure-key-vault:{azure.url}/keys/claimwright/v1"}


def test_after_a_rotation_in_the_vault_the_old_version_still_unwraps(azure: Vault, connect: Connect) -> None:
    sealed = Sealer(azure_keyring(azure, connect)).seal([b"record"], [b"row"])
    azure.rotate()
    keyring = azure_keyring(azure, connect)
    made = keyring.rotate()
    assert made.wrapped_by.endswith("/v2")
    assert Sealer(azure_keyring(azure, connect)).open(sealed, [b"row"]) == [b"record"]


def test_another_key_of_the_vault_does_not_open_the_data_keys(azure: Vault, connect: Connect) -> None:
    azure_keyring(azure, connect)
    azure.versions["v1"] = rsa.generate_private_key(65537, 2048)
    with pytest.raises(PhiKeyError, match="can't unwrap"):
        azure_keyring(azure, connect)


# --- object storage -----------------------------------------------------------------------------------


@pytest.fixture(params=["folder", "bucket"])
def objects(request: pytest.FixtureRequest, aws: str, settings: Settings, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return open_objects(settings)
    name = "bucket-" + tmp_path.name.strip("_").replace("_", "-").lower()
    boto3.client("s3", region_name="us-east-1", endpoint_url=aws).create_bucket(Bucket=name)
    variables = {
        "HOME": str(tmp_path),
        "CLAIMWRIGHT_OBJECTS__URL": f"s3://{name}/claims",
        "CLAIMWRIGHT_OBJECTS__ENDPOINT": aws,
        "CLAIMWRIGHT_OBJECTS__REGION": "us-east-1",
        "CLAIMWRIGHT_OBJECTS__ACCESS_KEY_ID": "test",
        "CLAIMWRIGHT_OBJECTS__SECRET_ACCESS_KEY": "test",
    }
    return open_objects(load_settings(folder=tmp_path, variables=variables))


def test_objects_are_put_got_listed_and_removed(objects: Objects) -> None:
    objects.put("audit/north/2", b"two")
    objects.put("audit/north/1", b"one")
    objects.put("audit/south/1", b"other")
    assert objects.get("audit/north/2") == b"two"
    assert list(objects.keys("audit/north")) == ["audit/north/1", "audit/north/2"]
    objects.put("audit/north/2", b"three")
    assert objects.get("audit/north/2") == b"three"
    objects.remove("audit/north/2")
    objects.remove("audit/north/2")
    assert objects.get("audit/north/2") is None
    assert list(objects.keys("nowhere")) == []


def test_a_new_object_never_takes_the_place_of_another(objects: Objects) -> None:
    assert objects.put_new("checkpoint", b"first")
    assert not objects.put_new("checkpoint", b"second")
    assert objects.get("checkpoint") == b"first"


def test_storage_that_does_not_answer_is_said_so_without_its_keys(tmp_path: Path) -> None:
    variables = {
        "HOME": str(tmp_path),
        "CLAIMWRIGHT_OBJECTS__URL": "ftp://somewhere/else",
    }
    with pytest.raises(ObjectError, match="write a folder, file:///folder or s3://"):
        open_objects(load_settings(folder=tmp_path, variables=variables))
    variables["CLAIMWRIGHT_OBJECTS__URL"] = str(tmp_path / "file")
    (tmp_path / "file").touch()
    with pytest.raises(ObjectError, match="FileExistsError"):
        open_objects(load_settings(folder=tmp_path, variables=variables))
