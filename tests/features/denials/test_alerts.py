"""Alerts before a clock lapses, with a fixed day."""

from __future__ import annotations

import datetime
from typing import Any

from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.written_835 import Payment

from claimwright.assembly import denials as assembly
from claimwright.domain.caller import Caller
from claimwright.features.denials import give_alerts, register_alerts, submit_alerts
from claimwright.platform.jobs import Jobs

from .test_work_list import NO_NUMBER

# 180 days from the notice of 1 February end on 31 July 2026 (29 CFR 2560.503-1(h)(3)(i)).
LAST = datetime.date(2026, 7, 31)


def alerted(clinic: Clinic, day: datetime.date) -> int:
    with clinic.database.transaction(CALLER) as connection:
        return give_alerts(CALLER, connection, day)


def published(clinic: Clinic) -> list[dict[str, Any]]:
    found = clinic.rows(
        "select data from platform.outbox where type = 'denial.deadline_near.v1' order by position"
    )
    return [row[0] for row in found]


def test_each_threshold_gives_one_event(clinic: Clinic) -> None:
    clinic.post(Payment([NO_NUMBER]))
    assert alerted(clinic, LAST - datetime.timedelta(days=31)) == 0
    assert alerted(clinic, LAST - datetime.timedelta(days=30)) == 1
    assert alerted(clinic, LAST - datetime.timedelta(days=30)) == 0
    assert alerted(clinic, LAST - datetime.timedelta(days=29)) == 0
    # 14 was passed while nobody looked: one alert, for the smallest threshold.
    assert alerted(clinic, LAST - datetime.timedelta(days=6)) == 1
    assert alerted(clinic, LAST) == 1
    assert alerted(clinic, LAST + datetime.timedelta(days=1)) == 0
    told = published(clinic)
    assert [(each["threshold"], each["days_left"]) for each in told] == [(30, 30), (7, 6), (1, 0)]
    assert told[0]["clock"] == "erisa-appeal"
    assert told[0]["due_on"] == "2026-07-31"
    assert told[0]["claim_key"] == clinic.key_of("A200")
    assert told[0]["amount_cents"] == 20000


def test_a_denial_that_is_no_longer_open_gives_no_alert(clinic: Clinic) -> None:
    clinic.post(Payment([NO_NUMBER]))
    with clinic.database.transaction(CALLER) as connection:
        connection.execute("update remittance.denials set state = 'appealed'")
    assert alerted(clinic, LAST) == 0


def appealed(clinic: Clinic, state: str, *, sent: str, decided: str | None = None) -> None:
    """The denial was appealed at level 1, with this outcome."""
    with clinic.database.transaction(CALLER) as connection:
        connection.execute(
            "insert into appeals.cases (case_id, tracking_id, denial_id, level, state, as_of, opened_at, "
            "changed_at, sent_at, decided_on, drafted_by, approved_by, correlation_id) "
            "select 1, gen_random_uuid(), denial_id, 1, %s, %s::date, %s::timestamptz, %s::timestamptz, "
            "%s::timestamptz, %s::date, 'one', 'other', gen_random_uuid() from remittance.denials",
            [state, sent, sent, sent, f"{sent} 12:00+00", decided],
        )
        outcome = "appealed" if state == "sent" else "lost"
        connection.execute("update remittance.denials set state = %s", [outcome])


def test_a_lost_appeal_gives_the_alerts_of_the_next_level(clinic: Clinic) -> None:
    clinic.post(Payment([NO_NUMBER]))
    appealed(clinic, "lost", sent="2026-03-02", decided="2026-04-01")
    # The internal appeal is over, its alerts too. Four months after 1 April: 1 August, a Saturday; 3 August.
    assert alerted(clinic, LAST - datetime.timedelta(days=1)) == 1
    [told] = published(clinic)
    assert (told["clock"], told["due_on"]) == ("aca-federal-external-review", "2026-08-03")
    assert alerted(clinic, datetime.date(2026, 8, 3)) == 1


def test_a_pending_appeal_gives_no_alert_of_its_own_level(clinic: Clinic) -> None:
    clinic.post(Payment([NO_NUMBER]))
    appealed(clinic, "sent", sent="2026-03-02")
    assert alerted(clinic, LAST) == 0


def test_a_worker_gives_queued_alerts(copied_clinic: Clinic, monkeypatch: Any) -> None:
    copied_clinic.post(Payment([NO_NUMBER]))
    database = copied_clinic.database
    with database.transaction(CALLER) as connection:
        submit_alerts(CALLER, connection, register_alerts(Jobs(database.address)))
    monkeypatch.setattr(assembly, "open_sealer", lambda *_: copied_clinic.sealer)
    monkeypatch.setattr("claimwright.foundation.clock.today", lambda: LAST)
    settings: Any = None
    assembly.alert_jobs(settings, database).work(wait=False, signals=False)
    assert [each["threshold"] for each in published(copied_clinic)] == [1]
    other = Caller("other", "system:test")
    with database.transaction(other) as connection:
        assert connection.execute("select count(*) from remittance.denial_alerts").fetchone() == (0,)
