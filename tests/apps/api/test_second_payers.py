"""Claims to second payers over the API: listed, shown, released; what patients owe."""

from __future__ import annotations

from tests.apps.api.conftest import Doors
from tests.features.pipeline.bench_of_claims import AS_OF, begun, stage, worker
from tests.features.remittance.conftest import SECOND_PAYER
from tests.features.remittance.test_next_payer import FIRST
from tests.features.remittance.written_835 import Submitted, submitted, written

from claimwright.features.checking import Checker

API = "/api/v1/second-payers"
WHY = {"reason": "sent to the second payer"}
JACK = Submitted(
    "A800", [("99213", "100"), ("85025", "50")], last="DOE", first="JACK", member="W8",
    other_payer=SECOND_PAYER,
)  # fmt: skip


def test_a_claim_to_a_second_payer_is_released_over_the_api(doors: Doors) -> None:
    services, client = doors.services, doors.client
    stage(services.database, services.sealer, submitted(JACK), "FAC001")
    worker(services.database, services.sealer, begun(services.database), Checker(as_of=AS_OF)).work()
    manager, viewer = doors.token("manager"), doors.token("viewer")
    other = doors.token("manager", facilities=["FAC002"])
    posted = client.post("/api/v1/remittances", headers=manager, content=written(FIRST))
    assert posted.json()["answers"] == {"posted": 1}, posted.text
    [waits] = client.get(API, headers=viewer).json()["items"]
    key = waits["claim_key"]
    assert (waits["payer_name"], waits["amount_cents"], waits["state"]) == ("SECOND PLAN", 6223, "waiting")
    assert client.get(API, headers=other).json()["items"] == []
    # It waits for the second payer: the patient owes nothing yet.
    assert client.get(f"{API}/patients", headers=viewer).json() == []

    assert client.post(f"{API}/{key}/opening", headers=viewer, json=WHY).status_code == 403
    assert client.post(f"{API}/{key}/opening", headers=other, json=WHY).status_code == 404
    # Managers see no notes, which the 837 may have, unless they break the glass.
    assert client.post(f"{API}/{key}/opening", headers=manager, json=WHY).status_code == 403
    shown = client.post(f"{API}/{key}/opening", headers=manager, json={**WHY, "break_glass": True})
    assert shown.headers["content-type"].startswith("application/edi-x12")
    assert b"SECOND PLAN" in shown.content
    assert b"AMT*EAF*62.23" in shown.content

    wanted = {**WHY, "claims": [key]}
    assert client.post(f"{API}/release", headers=viewer, json=wanted).status_code == 403
    assert client.post(f"{API}/release", headers=other, json=wanted).status_code == 404
    unknown = {**wanted, "claims": [key, 9999]}
    assert client.post(f"{API}/release", headers=manager, json=unknown).status_code == 422
    released = client.post(f"{API}/release", headers=manager, json=wanted)
    assert (released.status_code, released.content) == (200, shown.content)
    assert client.post(f"{API}/release", headers=manager, json=wanted).status_code == 422
    [done] = client.get(API, headers=viewer, params={"state": "released"}).json()["items"]
    assert done["released_by"]
    assert client.get(API, headers=viewer).json()["items"] == []
