"""Governed files in a bucket, over the protocol of S3: activated, rolled back, changed in the bucket, and
with the bucket away.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from tests.database_server import Store
from tests.features.appeals.conftest import Office, opened_office

from claimwright.features.checking import Checker
from claimwright.platform.phi import Sealer

pytestmark = pytest.mark.slow  # moto and an office of its own
API = "/api/v1"
BUCKET, KEY = "governed", "test"
TEMPLATE = "necessity-group-plan-1"


class Bucket:
    """A bucket on this machine that can be away; what is in it stays."""

    def __init__(self) -> None:
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        self.host, self.port = self.server.get_host_and_port()
        self.client: Any = boto3.client(
            "s3", region_name="us-east-1", endpoint_url=self.url, aws_access_key_id=KEY,
            aws_secret_access_key=KEY,
        )  # fmt: skip
        self.client.create_bucket(Bucket=BUCKET)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def back(self) -> None:
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self.server.start()


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    made = Bucket()
    yield made
    made.server.stop()


@pytest.fixture(scope="module")
def office(
    filled: tuple[Store, Sealer], checker: Checker, clinic_folder: Path, bucket: Bucket,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:  # fmt: skip
    variables = {
        "URL": f"s3://{BUCKET}/claims", "ENDPOINT": bucket.url, "REGION": "us-east-1", "ACCESS_KEY_ID": KEY,
        "SECRET_ACCESS_KEY": KEY,
    }  # fmt: skip
    named = {f"CLAIMWRIGHT_OBJECTS_{name}": value for name, value in variables.items()}
    with opened_office(filled[0], checker, clinic_folder, tmp_path_factory.mktemp("s3"), **named) as made:
        yield made


def test_a_template_in_a_bucket_is_activated_rolled_back_and_refused_where_it_was_changed(
    office: Office, bucket: Bucket
) -> None:
    client, doors = office.doors.client, office.doors
    writer, approver = doors.token("manager"), doors.token("manager")
    specialist = doors.token("appeals_specialist")
    step = f"{API}/templates/template/{TEMPLATE}"

    def post(path: str, headers: dict[str, str], body: Any = None, status: int = 200) -> Any:
        answer = client.post(path, headers=headers, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def drafted(number: str) -> Any:
        wanted = {"denial_id": office.denied(number), "anyway": True, "as_of": "2026-03-01"}
        return post(f"{API}/appeals", specialist, wanted, 202)

    shipped = client.get(f"{step}/1", headers=writer).json()["text"]
    text = shipped.replace("version: 1", "version: 2").replace("We disagree.", "We do not agree.")
    post(f"{API}/templates", writer, {"text": text}, 201)
    [stored] = [each["Key"] for each in bucket.client.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert stored.startswith("claims/governance/")
    assert bucket.client.get_object(Bucket=BUCKET, Key=stored)["Body"].read().decode() == text
    post(f"{step}/2/approval", approver)
    post(f"{step}/2/activation", writer)
    case = drafted("A100")
    assert (case["template_id"], case["template_version"]) == (TEMPLATE, 2)
    # Another text than the approved one, whoever may write into the bucket, is no template.
    bucket.client.put_object(Bucket=BUCKET, Key=stored, Body=text.replace("We do not", "We").encode())
    changed = drafted("A200")
    assert (changed["state"], changed["stage"]) == ("failed", "template")
    bucket.client.put_object(Bucket=BUCKET, Key=stored, Body=text.encode())
    bucket.server.stop()
    away = drafted("A600")
    assert (away["state"], away["stage"], away["reason"]) == ("failed", "template", "ObjectError")
    assert "object storage" in away["problem"]
    answer = client.post(
        f"{API}/templates", headers=writer, json={"text": text.replace("version: 2", "version: 3")}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    bucket.back()
    again = post(f"{API}/appeals", specialist, {"denial_id": away["denial_id"], "as_of": "2026-03-01"}, 202)
    # What was wanted stays with the case, so that it goes on as it began.
    assert (again["case_id"], again["is_overruled"], again["template_version"]) == (away["case_id"], True, 2)
    assert again["state"] == "marked"
    post(f"{step}/1/activation?roll_back=true", writer)
    assert drafted("A700")["template_version"] == 1
