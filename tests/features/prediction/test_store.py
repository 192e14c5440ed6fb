"""Predictions in the store: kept by claim and model, judged by remittances, asked for by jobs."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import psycopg
import pytest
from tests.calling import caller_of
from tests.features.pipeline.bench_of_claims import CALLER, rows, stage, value

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import NAMES, Past, facts_of, score_features
from claimwright.features.prediction import (
    AnswerError,
    ClaimNotFoundError,
    StoredPast,
    Trained,
    read_history,
    record_correction,
    record_outcomes,
    stored_feedback,
    stored_history,
    suspicious,
)
from claimwright.features.prediction.scoring import unpacked
from claimwright.features.prediction.scoring.store_claims import open_claims
from claimwright.platform.database import Database

from .conftest import MONTHS, Shop

LATER = datetime.date(2025, 7, 1)


def answer(database: Database, shop: Shop) -> list[int]:
    """Record every remittance of the world; how many lines each brought."""
    lines = []
    for path in sorted(shop.files.glob("answers-*.835")):
        with database.transaction(CALLER) as connection:
            found = record_outcomes(
                CALLER, connection, shop.sealer, path.read_bytes(), path.name, told_by="user:7"
            )
            lines.append(found.lines)
    return lines


def test_every_claim_keeps_what_each_model_said_of_it(shop: Shop, trained: Trained) -> None:
    claims = value(shop.store, "select count(*) from production.claims")
    assert claims
    kept = rows(shop.store, "select model, role, count(*), count(contributions) from production.predictions "
                            "group by model, role order by role")  # fmt: skip
    assert kept == [(shop.champion, "champion", claims, claims), (shop.shadow, "shadow", claims, 0)]
    # What decided is the champion's word.
    same = (
        "select count(*) from production.claims c join production.predictions p using (tenant, claim_key) "
        "where p.role = 'champion' and p.probability = c.denial_probability and p.confidence = c.confidence"
    )
    assert value(shop.store, same) == claims
    [(contributions, said)] = rows(
        shop.store, "select contributions, probability from production.predictions "
        "where role = 'champion' order by claim_key limit 1"
    )  # fmt: skip
    assert isinstance(contributions, bytes)
    score = trained.model.tables.score(unpacked([contributions]))
    payers = range(len(trained.model.shifts))
    assert any(
        np.isclose(trained.model.probability(score, np.array([payer]))[0], said, atol=1e-6)
        for payer in payers
    )


def test_how_features_are_spread_is_kept_with_every_chunk(shop: Shop, trained: Trained) -> None:
    kept = rows(shop.store, "select claims, spread from production.spreads")
    assert len(kept) >= 3
    for claims, spread in kept:
        assert np.frombuffer(spread, dtype="<i4").sum() == claims * len(trained.model.profile.cuts)


def test_remittances_are_kept_once_with_their_evidence(copied: Shop) -> None:
    with copied.store.open() as database:
        assert sum(answer(database, copied)) > 100
        assert sum(answer(database, copied)) == 0
    answered = value(copied.store, "select count(distinct claim_key) from prediction.outcomes")
    denied = value(
        copied.store, "select count(distinct claim_key) from prediction.outcomes where carc is not null"
    )
    assert answered == value(copied.store, "select count(*) from production.claims")
    assert 0.1 * answered < denied < 0.5 * answered
    assert value(copied.store, "select min(length(evidence)) from prediction.outcomes") == 32
    assert value(
        copied.store, "select count(*) from platform.audit_log where body like '%outcomes.recorded%'"
    )


def test_what_is_no_remittance_records_nothing(copied: Shop) -> None:
    with copied.store.open() as database, database.transaction(CALLER) as connection:
        with pytest.raises(AnswerError, match=r"x\.835, segment 0: it has no ISA segment"):
            record_outcomes(CALLER, connection, copied.sealer, b"paid", "x.835", told_by="user:7")
        known = record_outcomes(
            CALLER, connection, copied.sealer, max(copied.files.glob("answers-*.835")).read_bytes(), "x",
            told_by="user:7", facility="ELSEWHERE",
        )  # fmt: skip
        assert (known.found, known.lines) == (0, 0)


def test_a_history_of_the_store_is_that_of_the_files(copied: Shop) -> None:
    with copied.store.open() as database:
        answer(database, copied)
        found = stored_history(CALLER, database, copied.sealer)
    claims = [str(copied.files / f"claims-{month}.837") for month in MONTHS]
    expected = read_history(claims, [copied.files], None)
    assert len(found) == len(expected)
    assert found.denied.sum() == expected.denied.sum()
    assert found.charge_cents.sum() == expected.charge_cents.sum()
    assert found.denied_cents.sum() == expected.denied_cents.sum()
    assert sorted(found.facts.claims["charge"]) == sorted(expected.facts.claims["charge"])


def test_the_past_of_the_store_knows_denials_and_what_was_sent_before(copied: Shop, trained: Trained) -> None:
    with copied.store.open() as database:
        empty = StoredPast(CALLER, database, copied.sealer).of({"m": trained.model}, LATER)
        assert empty == {}
        answer(database, copied)
        # The same claims again, under other numbers.
        again = (copied.files / "claims-2025-05.837").read_bytes().replace(b"\nCLM*", b"\nCLM*X")
        stage(database, copied.sealer, again)
        past = StoredPast(CALLER, database, copied.sealer)
        known = past.of({"m": trained.model}, LATER)["m"]
        # Counted by SQL: claims whose denial had arrived by then.
        denied = value(
            copied.store,
            "select count(distinct claim_key) from prediction.outcomes "
            "where carc is not null and answered_on < '2025-07-01'",
        )
        assert known.people.denied.total.sum() == denied
        waiting = value(copied.store, "select count(*) from staging.claims")
        assert known.people.sent.total.sum() >= waiting
        # On the morning of the first day, nothing of it had been sent.
        early = past.of({"m": trained.model}, datetime.date(2025, 3, 1))
        assert early["m"].people.sent.total.sum() == 0
        assert early["m"].answered == 0


def test_a_run_finds_what_was_sent_before_once_counted_at_the_door_or_from_before_that(
    copied: Shop, trained: Trained
) -> None:
    with copied.store.open() as database:
        answer(database, copied)
        again = (copied.files / "claims-2025-05.837").read_bytes().replace(b"\nCLM*", b"\nCLM*X")
        stage(database, copied.sealer, again)
        all_of_them = StoredPast(CALLER, database, copied.sealer).of({"m": trained.model}, LATER)["m"]
        counted = StoredPast(CALLER, database, copied.sealer, counted=True)
        known = counted.of({"m": trained.model}, LATER)["m"]
        # All came in when services were counted already; what is known else is the same.
        assert known.people.sent.total.sum() == 0
        assert known.people.denied.total.sum() == all_of_them.people.denied.total.sum()
        waiting = value(copied.store, "select count(*) from staging.claims")
        twice = "select count(*) from staging.claims join staging.sent_before using (tenant, claim_key)"
        assert value(copied.store, twice) == waiting
    with psycopg.connect(copied.store.superuser) as connection:
        connection.execute(
            "create or replace function staging.uncounted_to() returns bigint language sql immutable "
            "return 1000000"
        )
    with copied.store.open() as database:
        before = StoredPast(CALLER, database, copied.sealer, counted=True)
        found = before.of({"m": trained.model}, LATER)["m"]
    assert found.people.sent.total.sum() == all_of_them.people.sent.total.sum() > 0


def test_corrections_and_outcomes_are_feedback_with_who_said_so(copied: Shop) -> None:
    with copied.store.open() as database:
        answer(database, copied)
        with database.transaction(CALLER) as connection:
            record_correction(CALLER, connection, 1, will_be_denied=True, said_by="user:9")
            with pytest.raises(ClaimNotFoundError, match="no claim 999999 in production"):
                record_correction(CALLER, connection, 999999, will_be_denied=True, said_by="user:9")
            feedback = stored_feedback(connection)
    assert feedback.filter(pl.col("source") == "correction")["by"].to_list() == ["user:9"]
    assert feedback.filter(pl.col("source") == "remittance")["by"].unique().to_list() == ["user:7"]
    assert suspicious(feedback) == []


def test_one_person_who_corrects_most_holds_the_feedback_of_the_store(copied: Shop) -> None:
    with copied.store.open() as database, database.transaction(CALLER) as connection:
        for key in range(1, 71):
            record_correction(CALLER, connection, key, will_be_denied=True, said_by="user:9")
        assert [hold.what for hold in suspicious(stored_feedback(connection))] == ["volume by by"]


def test_no_tenant_sees_the_predictions_of_another(shop: Shop) -> None:
    with shop.store.open() as database, database.transaction(caller_of("others")) as connection:
        seen = (
            "select (select count(*) from production.predictions), (select count(*) from production.spreads)"
        )
        assert connection.execute(seen).fetchone() == (0, 0)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("update production.predictions set probability = 0")


def test_a_claim_that_is_asked_about_is_not_its_own_past(copied: Shop, trained: Trained) -> None:
    def sent_before(batch: ClaimBatch, past: Past) -> float:
        columns = score_features(facts_of(batch, LATER), trained.model.with_past(past).evidence)
        return float(columns[0, NAMES.index("sent_before")])

    with copied.store.open() as database:
        with database.transaction(CALLER) as connection:
            batch = open_claims(CALLER, connection, copied.sealer, [1])
        before = StoredPast(CALLER, database, copied.sealer)
        assert sent_before(batch, before.of({"m": trained.model}, LATER, batch)["m"]) == 1
        assert before.of({"m": trained.model}, LATER, batch, but=[1]) == {}
        answer(database, copied)
        after = StoredPast(CALLER, database, copied.sealer)
        assert sent_before(batch, after.of({"m": trained.model}, LATER, batch)["m"]) == 1
        assert sent_before(batch, after.of({"m": trained.model}, LATER, batch, but=[1])["m"]) == 0
