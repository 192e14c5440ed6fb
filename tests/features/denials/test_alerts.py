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
