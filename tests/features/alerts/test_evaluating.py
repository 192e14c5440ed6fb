"""Alerts begin, go on, are acknowledged, escalate and end; each once, whoever evaluates."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from claimwright.features.alerts import (
    AlertDefinitionError,
    AlertView,
    NoSuchAlertError,
    acknowledge_alert,
    advance_alerts,
    alert_sheet,
    definition_of,
    definition_versions,
    evaluate_alerts,
    list_alerts,
    list_definitions,
    remove_definition,
    resolve_alert,
)
from claimwright.platform import audit
from claimwright.platform.events import events_after
from claimwright.store.alert_deliveries import list_deliveries, store_target
from claimwright.store.alerts import history_of

from .conftest import ALL, MASKED, Later, Watched

DAY = datetime.timedelta(days=1)


def target(watched: Watched, name: str) -> None:
    with watched.database.transaction(watched.caller) as connection:
        store_target(connection, hash(name) % 10**9, name, "slack", "chat", b"", is_on=True)


def test_a_payers_bad_day_alarms_and_its_neighbours_do_not(watched: Watched) -> None:
    for payer in ("11111", "22222", "33333"):
        watched.past(payer)
    watched.many(
        [
            (watched.today, "11111", 200, 16),
            (watched.today, "22222", 200, 60),
            (watched.today, "33333", 10, 9),  # too few to say anything
        ]
    )
    watched.define()
    done = evaluate_alerts(watched.caller, watched.database)
    [alert] = watched.alerts()
    assert (done.judged, done.begun, alert.series, alert.state) == (
        3,
        [alert.incident_id],
        ["22222"],
        "firing",
    )
    assert (alert.value, alert.items, alert.is_small) == (0.3, 200, False)
    assert alert.usual == pytest.approx(0.08, abs=0.01)
    assert alert.upper_limit < 0.3
    again = evaluate_alerts(watched.caller, watched.database)
    assert (again.begun, len(watched.alerts())) == ([], 1)
    with watched.database.transaction(watched.caller) as connection:
        types = [event.type for _, event in events_after(watched.caller, connection, 0)]
        sheet = alert_sheet(connection, watched.view, alert.incident_id, today=watched.today)
        [defined] = list_definitions(connection)
    assert types.count("alert.changed.v1") == 1
    assert sheet.days[-1].value == 0.3
    assert len(sheet.days) == 92
    assert defined.evaluation is not None
    assert defined.evaluation.beyond == 1

    watched.at(watched.today + DAY)
    watched.facts(watched.today, "22222", answered=200, denied=16)
    assert evaluate_alerts(watched.caller, watched.database).ended == [alert.incident_id]
    with watched.database.transaction(watched.caller) as connection:
        assert [each.what for each in history_of(connection, alert.incident_id)] == ["firing", "resolved"]


def test_many_processes_begin_an_alert_once(watched: Watched) -> None:
    watched.past("22222")
    watched.facts(watched.today, "22222", answered=200, denied=60)
    watched.define()
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: evaluate_alerts(watched.caller, watched.database), range(4)))
    assert sum(len(each.begun) for each in done) == 1
    assert len(watched.alerts()) == 1


THRESHOLDS: list[tuple[dict[str, object], bool]] = [
    ({"above": 0.1}, True),
    ({"above": 0.2}, False),
    ({"below": 0.15}, False),
    ({"above": 0.9, "below": 0.3}, True),
]


def test_a_threshold_is_of_the_last_days(watched: Watched) -> None:
    # 7 days of 100 answers each, 15 denied: 105 / 700 = 15 %; before them only 1 %.
    days = [watched.today - back * DAY for back in range(40)]
    watched.many([(day, "11111", 100, 15 if number < 7 else 1) for number, day in enumerate(days)])
    for number, (limits, begins) in enumerate(THRESHOLDS):
        watched.define(f"rate_{number}", by=[], condition={"kind": "threshold", "days": 7, **limits})
        evaluate_alerts(watched.caller, watched.database)
        values = [each.value for each in watched.alerts() if each.name == f"rate_{number}"]
        assert values == ([0.15] if begins else [])


def test_nothing_that_is_too_little_is_judged(watched: Watched) -> None:
    watched.define(by=[], condition={"kind": "threshold", "above": 0.01, "days": 30})
    assert evaluate_alerts(watched.caller, watched.database).begun == []
    watched.facts(watched.today, "11111", answered=29, denied=29)
    assert evaluate_alerts(watched.caller, watched.database).begun == []
    watched.facts(watched.today, "11111", answered=1, denied=0)
    assert len(evaluate_alerts(watched.caller, watched.database).begun) == 1


def test_a_day_without_any_claim_is_unusual_where_there_always_are_some(watched: Watched) -> None:
    rows = [(watched.today - back * DAY, "11111", 150 + back % 7, 0) for back in range(1, 95)]
    watched.many(rows, ("submitted", "submitted_undated"))
    watched.define(kpi="claim_volume", by=[], condition={"kind": "unusual", "side": "down", "delay_days": 1})
    assert evaluate_alerts(watched.caller, watched.database).begun == []
    watched.define(kpi="claim_volume", by=[], condition={"kind": "unusual", "side": "down", "delay_days": 0})
    assert len(evaluate_alerts(watched.caller, watched.database).begun) == 1
    [alert] = watched.alerts()
    assert (alert.value, alert.items, alert.lower_limit is not None) == (0.0, 0, True)


def test_somebody_acknowledges_and_nothing_is_escalated_any_more(watched: Watched, minutes: Later) -> None:
    watched.past("22222")
    watched.facts(watched.today, "22222", answered=200, denied=60)
    for name in ("team", "lead", "head"):
        target(watched, name)
    steps = [
        {"after_minutes": 30, "targets": ["lead"]},
        {"after_minutes": 90, "targets": ["head"]},
    ]
    watched.define(targets=["team"], escalation=steps, remind_hours=2)
    evaluate_alerts(watched.caller, watched.database, now=lambda: minutes(0))
    assert advance_alerts(watched.caller, watched.database, now=lambda: minutes(29)) == 0
    assert advance_alerts(watched.caller, watched.database, now=lambda: minutes(31)) == 1
    assert advance_alerts(watched.caller, watched.database, now=lambda: minutes(32)) == 0
    [alert] = watched.alerts()
    assert (alert.state, alert.steps_taken) == ("escalated", 1)
    with watched.database.transaction(watched.caller) as connection:
        acknowledge_alert(watched.caller, connection, watched.view, alert.incident_id)
    assert advance_alerts(watched.caller, watched.database, now=lambda: minutes(600)) == 0
    with watched.database.transaction(watched.caller) as connection:
        told = [(each.what, each.target) for each in reversed(list_deliveries(connection))]
        log = audit.search(watched.caller, connection, action="figure_alert.")
        with pytest.raises(AlertDefinitionError, match="acknowledged"):
            acknowledge_alert(watched.caller, connection, watched.view, alert.incident_id)
    assert told == [("firing", "team"), ("escalated", "lead")]
    assert [each.content["action"] for each in log] == ["figure_alert.acknowledged"]


def test_a_late_look_takes_all_steps_that_were_missed_and_reminds_later(
    watched: Watched, minutes: Later
) -> None:
    watched.past("22222")
    watched.facts(watched.today, "22222", answered=200, denied=60)
    target(watched, "lead")
    steps = [{"after_minutes": each, "targets": ["lead"]} for each in (10, 20)]
    watched.define(targets=["lead"], escalation=steps, remind_hours=1)
    evaluate_alerts(watched.caller, watched.database, now=lambda: minutes(0))
    advance_alerts(watched.caller, watched.database, now=lambda: minutes(25))
    assert watched.alerts()[0].steps_taken == 2
    assert advance_alerts(watched.caller, watched.database, now=lambda: minutes(59)) == 0
    assert advance_alerts(watched.caller, watched.database, now=lambda: minutes(61)) == 1
    assert advance_alerts(watched.caller, watched.database, now=lambda: minutes(62)) == 0


def test_what_a_person_resolved_begins_anew_only_after_the_figure_was_back(watched: Watched) -> None:
    watched.past("22222")
    watched.facts(watched.today, "22222", answered=200, denied=60)
    watched.define()
    [first] = evaluate_alerts(watched.caller, watched.database).begun
    with watched.database.transaction(watched.caller) as connection:
        with pytest.raises(audit.AuditError):
            resolve_alert(watched.caller, connection, watched.view, first, reason="short")
        resolve_alert(
            watched.caller, connection, watched.view, first, reason="the payer had the wrong fee schedule"
        )
    assert evaluate_alerts(watched.caller, watched.database).begun == []
    for day, denied in ((1, 60), (2, 16), (3, 60)):
        watched.at(watched.today + DAY)
        watched.facts(watched.today, "22222", answered=200, denied=denied)
        begun = evaluate_alerts(watched.caller, watched.database).begun
        assert bool(begun) == (day == 3)


def test_definitions_have_versions_and_a_change_of_figure_ends_what_was(watched: Watched) -> None:
    watched.past("22222")
    watched.facts(watched.today, "22222", answered=200, denied=60)
    watched.define()
    watched.define()  # the same again is no new version
    watched.define(minimum_items=40)
    evaluate_alerts(watched.caller, watched.database)
    watched.define(by=[], minimum_items=40)
    assert [each.state for each in watched.alerts()] == ["resolved"]
    with watched.database.transaction(watched.caller) as connection:
        remove_definition(watched.caller, connection, "denials")
        versions = definition_versions(connection, "denials")
        assert [(each.version, each.is_removed) for each in versions] == [
            (4, True), (3, False), (2, False), (1, False),
        ]  # fmt: skip
        assert list_definitions(connection) == []
        with pytest.raises(NoSuchAlertError):
            remove_definition(watched.caller, connection, "denials")
        log = audit.search(watched.caller, connection, action="alert_definition.")
    assert len(log) == 4
    assert evaluate_alerts(watched.caller, watched.database).definitions == 0


def test_small_numbers_and_other_facilities_are_hidden(watched: Watched) -> None:
    # 12 answers a day; on one day 8, which are fewer than 11.
    watched.many([(watched.today - back * DAY, "44444", 8, 8) for back in range(4)])
    watched.define(condition={"kind": "threshold", "above": 0.5, "days": 1}, minimum_items=11)
    assert evaluate_alerts(watched.caller, watched.database).begun == []
    watched.define(condition={"kind": "threshold", "above": 0.5, "days": 2}, minimum_items=11)
    [number] = evaluate_alerts(watched.caller, watched.database).begun
    with watched.database.transaction(watched.caller) as connection:
        connection.execute("update alerting.incidents set is_small = true")
        masked = AlertView(MASKED, None)
        assert list_alerts(connection, masked)[0].value is None
        assert list_alerts(connection, watched.view)[0].value == 1.0
        assert alert_sheet(connection, masked, number, today=watched.today).days == []
        # An alert of the whole practice is not for those who see one facility.
        assert list_alerts(connection, AlertView(ALL, ["FAC001"])) == []
        with pytest.raises(NoSuchAlertError):
            alert_sheet(connection, AlertView(ALL, ["FAC002"]), number, today=watched.today)


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"kpi": "no_such_rate"}, "no such figure"),
    ({"by": ["planet"]}, "no such dimension"),
    ({"by": ["staff"], "kpi": "staff_productivity"}, "not watched"),
    ({"condition": {"kind": "threshold"}}, "above, below"),
    ({"condition": {"kind": "threshold", "above": float("nan")}}, "finite"),
    ({"condition": {"kind": "threshold", "above": 1, "below": 2}}, "less than"),
    ({"minimum_items": 5}, "minimum_items"),
    ({"targets": ["nobody_here"]}, "no target nobody_here"),
    ({"quiet_hours": {"time_zone": "Mars/Olympus"}}, "no such time zone"),
    ({"quiet_hours": {"time_zone": "UTC", "quiet_days": [0, 1, 2, 3, 4, 5, 6]}}, "ever be told"),
    ({"title": "Patient 123-45-6789"}, "plain words"),
    ({"name": "Drop Table; --"}, "name"),
    ({"escalation": [{"after_minutes": 9, "targets": ["a_b_c"]}] * 2}, "later"),
    ({"surprise": 1}, "surprise"),
    ({"kpi": "claim_volume", "by": []}, "no bad side"),
]


def test_what_cannot_be_watched_is_refused_with_what_to_change(watched: Watched) -> None:
    for changes, said in REFUSED:
        with pytest.raises(AlertDefinitionError, match=said) as refused:
            watched.define(**changes)
        assert "123-45" not in str(refused.value)
    with watched.database.transaction(watched.caller) as connection:
        assert list_definitions(connection) == []


def test_a_problem_of_one_definition_is_stored_and_stops_no_other(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    from claimwright.features.alerts import evaluating
    from claimwright.features.analytics import FigureError

    watched.define(name="first_one")
    watched.define(name="second_one")
    real = evaluating.judge_all

    def judged(connection: Any, definition: Any, today: Any) -> Any:
        if definition.name == "first_one":
            raise FigureError("that would be more groups than anybody reads.")
        return real(connection, definition, today)

    monkeypatch.setattr(evaluating, "judge_all", judged)
    done = evaluate_alerts(watched.caller, watched.database)
    assert (done.definitions, list(done.problems)) == (1, ["first_one"])
    with watched.database.transaction(watched.caller) as connection:
        problems = {each.definition.name: each.evaluation.problem for each in list_definitions(connection)}  # type: ignore[union-attr]
    assert problems == {"first_one": "that would be more groups than anybody reads.", "second_one": None}


def test_a_definition_survives_its_storage() -> None:
    body = {
        "name": "all_of_it", "kpi": "ar_balance", "by": ["payer"], "where": [["facility", "FAC001"]],
        "condition": {"kind": "threshold", "above": 100000, "days": 1}, "severity": "critical",
        "quiet_hours": {"time_zone": "UTC", "begins": "22:00", "ends": "07:00", "quiet_days": [5]},
        "targets": ["team"], "escalation": [{"after_minutes": 30, "targets": ["lead"]}], "remind_hours": 4,
    }  # fmt: skip
    made = definition_of(body)
    assert definition_of(made.model_dump(mode="json")) == made
    assert made.every_target == {"team", "lead"}
