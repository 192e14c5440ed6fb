"""Remittances, ledger, denials and deposits over the API."""

from __future__ import annotations

from typing import Any

from tests.apps.api.conftest import Doors
from tests.features.remittance.written_835 import Clp, Payment, Svc, written

WHY = {"reason": "agreed with the payer"}
API = "/api/v1"


def claim_of(doors: Doors, headers: dict[str, str], facility: str) -> tuple[int, str, list[dict[str, Any]]]:
    """Key, number and lines of a professional claim of a facility."""
    listed = doors.client.get(f"{API}/claims", headers=headers, params={"facility": facility}).json()["items"]
    key = next(each["claim_key"] for each in listed if each["form"] == "P" and each["version"] == 1)
    opened = doors.client.post(
        f"{API}/claims/{key}/opening", headers=headers, json={"reason": "looking at an answer"}
    ).json()["content"]
    return key, opened["claims"][0]["claim_id"], opened["lines"]


def denied(number: str, lines: list[dict[str, Any]], **more: str) -> Clp:
    """All lines of a claim, denied for want of an authorization."""
    answered = [
        Svc(each["procedure"], each["line_charge"], [f"CO-197:{each['line_charge']}"],
            day=each["service_from_on"].replace("-", ""), control=each.get("line_control_number", ""))
        for each in lines
    ]  # fmt: skip
    return Clp(number, "4", answered, last="", first="", member="", **more)


def test_a_remittance_is_posted_and_worked_over_the_api(doors: Doors) -> None:
    client = doors.client
    manager, viewer = doors.token("manager"), doors.token("viewer")
    processor = doors.token("claims_processor")
    key, number, lines = claim_of(doors, processor, "FAC001")
    stray = Clp(
        "NOBODY", lines=[Svc("99213", "12.34")], last="MASKED", first="PAT", member="M1", payer_number="I9"
    )
    content = written(Payment([denied(number, lines), stray]))
    content = content.replace(b"N1*PR*GOOD PAYER~", b"N1*PR*GOOD PAYER*XV*12345~")
    taken = client.post(f"{API}/remittances", headers=processor, content=content)
    assert taken.status_code == 201, taken.text
    body = taken.json()
    assert body["answers"] == {"posted": 1, "waiting": 1}, body
    named = client.get(f"{API}/payers", headers=doors.token("coder")).json()
    assert {"payer_id": "12345", "name": "GOOD PAYER"} in named, named
    assert body["waiting"][0]["reason"] == "unknown_claim"
    assert body["waiting"][0]["do"]
    again = client.post(f"{API}/remittances", headers=processor, content=content).json()
    assert (again["file_id"], again["earlier"]) == (None, body["file_id"])
    assert client.post(f"{API}/remittances", headers=viewer, content=content).status_code == 403
    assert client.post(f"{API}/remittances", headers=processor, content=b"no").status_code == 422
    assert client.get(f"{API}/remittances/{body['file_id']}", headers=viewer).json()["waiting"] == 1
    assert client.get(f"{API}/remittances", headers=viewer).json()["items"][0]["claims"] == 2

    waiting = client.get(f"{API}/remittances/answers", headers=viewer, params={"state": "waiting"})
    assert "MASKED" not in waiting.text
    [item] = waiting.json()["items"]
    [why] = client.get(f"{API}/remittances/waiting", headers=viewer).json()
    assert (why["reason"], why["answers"], why["paid_cents"]) == ("unknown_claim", 1, 1234)
    assert why["do"]
    answer = item["answer"]["answer_id"]
    path = f"{API}/remittances/answers/{answer}"
    assert client.get(path, headers=viewer).json()["means"] == item["means"]
    opened = client.post(f"{path}/opening", headers=manager, json=WHY).json()
    assert opened["identity"]["patient_last_name"] == "MASKED"
    assert opened["withheld"] == []
    part = client.post(f"{path}/opening", headers=doors.token("auditor"), json=WHY).json()
    assert part["identity"] == {}
    assert [each["kind"] for each in part["withheld"]] == ["identity"]
    assert client.post(f"{path}/opening", headers=viewer, json=WHY).status_code == 403
    assert client.get(f"{path}/candidates", headers=manager).json() == []
    assert client.post(f"{API}/remittances/answers/retry", headers=manager).json()["answers"] == {
        "waiting": 1
    }
    assert (
        client.post(f"{path}/assign", headers=manager, json={**WHY, "claim_key": 999999}).status_code == 404
    )
    assigned = client.post(f"{path}/assign", headers=manager, json={**WHY, "claim_key": key}).json()
    assert (assigned["state"], assigned["reason"]) == ("waiting", "lines_differ")
    assert client.post(f"{path}/dismiss", headers=manager, json=WHY).json()["state"] == "dismissed"
    assert client.post(f"{path}/dismiss", headers=manager, json=WHY).status_code == 404

    [paid] = client.get(f"{API}/payments", headers=viewer).json()["items"]
    assert paid["payment"]["unapplied_cents"] == 1234
    payment = paid["payment"]["payment_id"]
    back = {**WHY, "amount_cents": 1234}
    refund = f"{API}/ledger/payments/{payment}/refunds"
    assert client.post(refund, headers=manager, json=back).status_code == 201
    assert client.post(refund, headers=manager, json=back).status_code == 422
    statement = b"date,amount,trace\n2026-02-02,12.34,EFT1\n"
    added = client.post(f"{API}/deposits", headers=manager, content=statement)
    assert added.json() == {"added": 1, "known": 0, "left_out": 0, "confirmed": 1}
    assert client.get(f"{API}/deposits", headers=viewer).json()["payments"] == []
    assert client.post(f"{API}/payments/{payment}/release", headers=manager, json=WHY).status_code == 404

    work_on_the_denial(doors, key, len(lines), manager, viewer)


def work_on_the_denial(
    doors: Doors, key: int, lines: int, manager: dict[str, str], viewer: dict[str, str]
) -> None:
    """The denied claim: listed, explained, written off with approval, undone."""
    client = doors.client
    found = client.get(f"{API}/denials", headers=viewer, params={"claim_key": key}).json()["items"]
    assert len(found) == lines
    paged, wanted = [], {"limit": 1}
    while wanted:
        answer = client.get(f"{API}/denials", headers=viewer, params=wanted).json()
        paged += answer["items"]
        wanted = {"limit": 1, "cursor": answer["next"]} if answer["next"] else {}
    assert paged == found
    number = found[0]["denial"]["denial_id"]
    [group] = client.get(f"{API}/denials/groups", headers=viewer).json()
    assert (group["root_cause"], group["denials"]) == ("no-authorization", lines)
    assert client.get(f"{API}/denials/{number}", headers=viewer).json()["fix"]
    state = f"{API}/denials/{number}/state"
    assert client.post(state, headers=viewer, json={**WHY, "state": "lost"}).status_code == 403
    assert client.post(state, headers=manager, json={**WHY, "state": "written_off"}).status_code == 422

    ledger = f"{API}/ledger/claims/{key}"
    balances = {
        each["account"]: each["amount_cents"]
        for each in client.get(ledger, headers=manager).json()["balances"]
    }
    assert balances == {"denied": balances["denied"], "revenue": -balances["denied"]}
    wanted = {**WHY, "amount_cents": 100}
    proposed = client.post(f"{ledger}/write-offs", headers=manager, json=wanted)
    assert (proposed.status_code, proposed.json()["state"]) == (201, "waiting"), proposed.text
    waiting = client.get(f"{API}/ledger/write-offs", headers=manager, params={"state": "waiting"})
    assert [each["write_off_id"] for each in waiting.json()["items"]] == [proposed.json()["write_off_id"]]
    assert client.post(state, headers=manager, json={**WHY, "state": "written_off"}).status_code == 422
    approval = f"{API}/ledger/write-offs/{proposed.json()['write_off_id']}/approval"
    # Not by who proposed it, nor by who may not, nor by a manager of another facility.
    assert client.post(approval, headers=manager).status_code == 422
    assert client.post(approval, headers=doors.token("claims_processor")).status_code == 403
    assert client.post(approval, headers=doors.token("manager", facilities=["FAC002"])).status_code == 404
    other = doors.token("manager", facilities=["FAC001"])
    answer = client.post(approval, headers=other)
    assert answer.status_code == 200, answer.text
    assert client.post(approval, headers=other).status_code == 422
    second = client.post(f"{ledger}/write-offs", headers=manager, json=wanted).json()["write_off_id"]
    refused = client.post(f"{API}/ledger/write-offs/{second}/refusal", headers=other, json=WHY).json()
    assert (refused["state"], refused["posting_id"]) == ("refused", None)
    assert client.post(state, headers=manager, json={**WHY, "state": "written_off"}).status_code == 200
    undo = f"{API}/ledger/postings/{answer.json()['posting_id']}/undo"
    assert client.post(undo, headers=manager, json=WHY).status_code == 200
    assert client.post(undo, headers=manager, json=WHY).status_code == 422
    assert (
        client.post(f"{ledger}/patient-payments", headers=manager, json={"amount_cents": 1}).status_code
        == 422
    )
    assert (
        client.post(f"{ledger}/refunds", headers=manager, json={**wanted, "to": "payer"}).status_code == 422
    )
    total = client.get(f"{API}/ledger/balance", headers=manager).json()
    assert sum(each["amount_cents"] for each in total) == 0


def test_somebody_of_one_facility_sees_and_decides_nothing_of_another(doors: Doors) -> None:
    client = doors.client
    processor, own = doors.token("claims_processor"), doors.token("manager", facilities=["FAC002"])
    key, number, lines = claim_of(doors, processor, "FAC001")
    stray = Clp(
        "NOBODY", lines=[Svc("99213", "12.34")], last="MASKED", first="PAT", member="M1", payer_number="I9"
    )
    content = written(Payment([denied(number, lines), stray]))
    assert client.post(f"{API}/remittances", headers=own, content=content).status_code == 422
    theirs = {"facility": "FAC001"}
    assert client.post(f"{API}/remittances", headers=own, params=theirs, content=content).status_code == 403
    file_id = client.post(f"{API}/remittances", headers=processor, content=content).json()["file_id"]
    answers = client.get(f"{API}/remittances/answers", headers=processor).json()["items"]
    assert len(answers) == 2
    for path in ("remittances", "remittances/answers", "payments"):
        assert client.get(f"{API}/{path}", headers=own).json()["items"] == [], path
    assert client.get(f"{API}/denials", headers=own).json()["items"] == []
    assert client.get(f"{API}/ledger/balance", headers=own).json() == []
    assert client.get(f"{API}/remittances/{file_id}", headers=own).status_code == 404
    assert client.get(f"{API}/ledger/claims/{key}", headers=own).status_code == 404
    for each in answers:
        path = f"{API}/remittances/answers/{each['answer']['answer_id']}"
        assert client.post(f"{path}/opening", headers=own, json=WHY).status_code == 404
        assert client.post(f"{path}/dismiss", headers=own, json=WHY).status_code == 404
        assert client.get(f"{path}/candidates", headers=own).status_code == 404
    assert client.post(f"{API}/remittances/answers/retry", headers=own).status_code == 403
    stranger = doors.token("manager", tenant="other")
    assert client.get(f"{API}/payments", headers=stranger).json()["items"] == []


def test_a_paper_remittance_is_entered_and_what_does_not_add_up_is_refused(doors: Doors) -> None:
    manager = doors.token("manager")
    typed: dict[str, Any] = {
        "payer": "GOOD PAYER", "trace_number": "7", "paid_on": "2026-02-01", "amount": "10.00",
        "claims": [
            {"claim_id": "NOBODY", "charge": "20.00", "paid": "10.00", "adjustments": ["CO-45 10.00"]}
        ],
    }  # fmt: skip
    entered = doors.client.post(f"{API}/remittances/paper", headers=manager, json=typed)
    assert entered.status_code == 201, entered.text
    assert entered.json()["answers"] == {"waiting": 1}
    wrong = doors.client.post(f"{API}/remittances/paper", headers=manager, json={**typed, "amount": "10.01"})
    assert wrong.status_code == 422
    assert "10.00, not 10.01" in wrong.text
    assert "NOBODY" not in wrong.text


def test_a_payment_adds_up_claim_by_claim_and_what_does_not_is_named(doors: Doors) -> None:
    client = doors.client
    processor, viewer = doors.token("claims_processor"), doors.token("viewer")
    _, number, lines = claim_of(doors, processor, "FAC001")
    stray = Clp("NOBODY", lines=[Svc("99213", "12.34", ["CO-45:2.34"])], member="M1", payer_number="I9")
    held = Payment([Clp("NOBODY2", lines=[Svc("99213", "9.00")])], trace="EFT2", amount="8.95")
    content = written(Payment([denied(number, lines), stray], plb=["WO:3.00"]), held)
    posted = client.post(f"{API}/remittances", headers=processor, content=content).json()
    whole, short = (each["payment"]["payment_id"] for each in reversed(posted["payments"]))
    if client.get(f"{API}/payments/{whole}", headers=viewer).json()["payment"]["state"] == "held":
        whole, short = short, whole

    told = client.get(f"{API}/payments/{whole}/statement", headers=viewer).json()
    assert told["sums"]["claims_cents"] - told["sums"]["provider_cents"] == told["sums"]["amount_cents"]
    assert (told["difference_cents"], told["sums"]["shown"]) == (0, 2)
    assert told["provider_adjustments"] == [{"ordinal": 1, "reason": "WO", "amount_cents": 300}]
    assert told["words"]["provider_adjustments"]["WO"]
    first, second = client.get(f"{API}/payments/{whole}/claims", headers=viewer).json()["items"]
    assert len(first["lines"]) == len(lines)
    assert second["lines"][0]["adjustments"] == [{"group_code": "CO", "carc": "45", "amount_cents": 234}]
    page = client.get(f"{API}/payments/{whole}/claims", headers=viewer, params={"limit": 1}).json()
    more = {"limit": 1, "cursor": page["next"]}
    assert client.get(f"{API}/payments/{whole}/claims", headers=viewer, params=more).json()["items"] == [
        second
    ]
    assert client.get(f"{API}/payments/{short}/statement", headers=viewer).json()["difference_cents"] == -5

    other = doors.token("manager", facilities=["FAC002"])
    assert client.get(f"{API}/payments/{whole}/statement", headers=other).status_code == 404
    assert client.get(f"{API}/payments/{whole}/claims", headers=other).json()["items"] == []
    own = doors.token("manager", facilities=["FAC001"])
    sums = client.get(f"{API}/payments/{whole}/statement", headers=own).json()["sums"]
    assert (sums["claims"], sums["shown"]) == (2, 1)
    of = {"facility": "FAC002"}
    for path in ("denials", "denials/work"):
        assert client.get(f"{API}/{path}", headers=viewer).json()["items"], path
        assert client.get(f"{API}/{path}", headers=viewer, params=of).json()["items"] == [], path
    [group] = client.get(f"{API}/denials/groups", headers=viewer).json()
    assert group["preventable"] is True
    assert client.get(f"{API}/denials/groups", headers=viewer, params=of).json() == []

    # Who may not see what was done sees it neither here nor in figures.
    for role, sees in ((viewer, False), (doors.token("manager"), True)):
        page = client.get(f"{API}/underpayments", headers=role).json()
        assert page["items"]
        one = client.get(f"{API}/underpayments/{page['items'][0]['underpayment_id']}", headers=role).json()
        for shown in (*page["items"], one["underpayment"]):
            assert sees or shown["procedure"] is None
            assert bool(shown["basis"]) is sees
        assert bool(one["basis"]) is sees
        assert ({"procedure", "modifiers", "basis"} <= set(page["withheld"])) is not sees
        groups = client.get(f"{API}/analytics/dimensions/procedure_group", headers=role)
        assert (groups.status_code == 200) is sees, groups.text

    # The dispute of a payer: without the numbers of claims, which are for a reason and for few.
    wanted: dict[str, str] = {"payer": "GOOD PAYER"}
    dispute = client.post(f"{API}/underpayments/disputes", headers=viewer, json=wanted)
    assert dispute.status_code == 200, dispute.text
    assert "service_on" not in dispute.text
    assert "procedure" not in dispute.text
    assert "claim_number" not in dispute.text
    assert (
        client.post(f"{API}/underpayments/disputes", headers=viewer, json={**wanted, **WHY}).status_code
        == 403
    )
    named = client.post(
        f"{API}/underpayments/disputes", headers=doors.token("manager"), json={**wanted, **WHY}
    )
    assert "payer_claim_number" in named.text


def test_claims_and_payments_are_found_by_the_numbers_that_people_hold(doors: Doors) -> None:
    """The claim's own number however a payer wrote it, the payer's number, the key; a check's number."""
    client, processor = doors.client, doors.token("claims_processor")
    key, number, lines = claim_of(doors, processor, "FAC001")
    payment = Payment([denied(number, lines, payer_number="ICN 77-A")], trace="EFT00717")
    assert client.post(f"{API}/remittances", headers=processor, content=written(payment)).status_code == 201

    def claims(wanted: str) -> set[int]:
        answer = client.post(f"{API}/claims/search", headers=processor, json={"number": wanted})
        assert answer.status_code == 200, answer.text
        return {each["claim_key"] for each in answer.json()}

    for wanted in (number, number.lower(), "ICN 77-A", str(key)):
        assert key in claims(wanted), wanted
    assert claims("ICN 77-B") == set()

    def payments(who: str, wanted: str) -> list[Any]:
        answer = client.post(f"{API}/payments/search", headers=doors.token(who), json={"number": wanted})
        assert answer.status_code == 200, answer.text
        return [each["payment"]["trace_number"] for each in answer.json()]

    assert payments("viewer", "EFT00717") == ["EFT00717"]
    assert payments("viewer", "EFT0071") == []
