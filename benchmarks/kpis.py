"""Time figures over a large store, beside one conditional-SUM query over a table of its claims.

    python -m benchmarks.kpis                     1,000,000 claims, 3,000,000 lines: some twenty minutes
    python -m benchmarks.kpis --claims 20000      quickly
    python -m benchmarks.kpis --record            keeps it in docs/kpi_benchmark.md

Claims, answers, denials and postings of a year are made by SQL in the store's own tables; figures are
brought up to date from them. The query that figures are compared with runs over a table that has one row a
claim with its answer already beside it, which is the best case for a query. Answers are timed as the
feature gives them and over the API. The upkeep is compared with the pipeline on claims that really go
through it.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from fastapi.testclient import TestClient
from tests.database_server import new_store, running_server, template_of
from tests.features.pipeline.bench_of_claims import AS_OF, begun, sample, sealer_of, stage, worker

from claimwright.apps.api import create_app
from claimwright.apps.api.services import Services
from claimwright.domain.caller import Caller
from claimwright.features.analytics import answer, ask, refresh
from claimwright.features.checking import Checker
from claimwright.foundation import clock
from claimwright.platform.access import ROLES, SCOPES, Access
from claimwright.platform.database import Database
from claimwright.platform.identity import create_account, issue_token
from claimwright.platform.settings import load_settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "kpi_benchmark.md"
CALLER = Caller("default", "user:1")
# Figure, dimension, days; the query that gives the same figure.
ASKED = (
    ("initial_denial_rate", "payer", 365),
    ("initial_denial_rate", "provider", 365),
    ("initial_denial_rate", "payer", 45),
    ("clean_claim_rate", "specialty", 365),
    ("cash_collected", "payer", 90),
    ("days_to_payment_paid", "plan", 365),
    ("gross_days_in_ar", "payer", 30),
    ("aged_ar_over_90_insurance", "payer", 30),
    ("median_days_to_payment", "payer", 365),
)
# By two dimensions, and as it was known so many days ago.
OTHERS = (
    ("initial_denial_rate", ("payer", "facility"), 365, 0),
    ("ar_balance", ("payer", "age"), 30, 0),
    ("initial_denial_rate", ("payer", "category"), 90, 0),
    ("cash_collected", ("payer", "specialty"), 30, 0),
    ("initial_denial_rate", ("payer", "provider"), 365, 0),
    ("initial_denial_rate", ("payer",), 365, 60),
    ("net_days_in_ar", ("payer",), 30, 60),
    ("median_days_to_payment", ("payer",), 90, 60),
)
ROUNDS = 30
_MAKE = Path(__file__).with_name("kpis.sql")


def main() -> None:
    """Make the store, time everything, print and record it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--record", action="store_true", help="keep the result in docs/kpi_benchmark.md")
    wanted = parser.parse_args()
    lines = measured(wanted.claims)
    text = "\n".join(lines)
    print(text)
    if wanted.record:
        PAGE.write_text(text + "\n", encoding="utf-8")


def measured(claims: int) -> list[str]:
    """The page of one run."""
    with running_server() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = template_of(server)
        with new_store(server, template) as store, store.open() as database:
            share = _upkeep(store, database, folder)
        with new_store(server, template) as store:
            _fill(store.superuser, claims // 10)
            with store.open() as database:
                refresh(CALLER, database)
                _analyze(store.superuser)
                tenth = [_own(database, *each)[0] for each in ASKED]
        with new_store(server, template) as store:
            _fill(store.superuser, claims)
            with store.open() as database:
                seconds = _timed(lambda: refresh(CALLER, database))
                _analyze(store.superuser)
                late = _late(store.superuser, database)
                rows = [
                    _compared(store.superuser, database, *each, before)
                    for each, before in zip(ASKED, tenth, strict=True)
                ]
                others = [_other(database, *each) for each in OTHERS]
                p95 = _served(store, database, folder)
    load = os.getloadavg()
    return [
        "# Figures, measured",
        f"{claims:,} claims, {claims * 3:,} lines, of a year; {clock.today()}, {platform.machine()}, "
        f"{os.cpu_count()} processors, load {load[0]:.1f} (1 minute) and {load[2]:.1f} (15 minutes).",
        "",
        "| figure | by | days | figure, ms | one query, ms | times as fast | ten times the claims |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
        "By two dimensions, and as it was known 60 days ago:",
        "",
        "| figure | by | days | as known | ms |",
        "| --- | --- | ---: | --- | ---: |",
        *others,
        "",
        f"- All facts and sums made anew: {seconds:.0f} s, {seconds / claims * 1e6:.0f} microseconds each.",
        f"- 1,000 claims answered late: up to date in {late:.2f} s.",
        f"- Upkeep on claims that really go through the pipeline: {share[0]:.1f} s beside {share[1]:.1f} s "
        f"({share[2]:,} claims): {share[0] / share[1]:.1%}.",
        f"- Over the API, {ROUNDS * len(ASKED)} requests: p95 {p95[0]:.0f} ms, median {p95[1]:.0f} ms.",
    ]


def _timed(call: Callable[[], object]) -> float:
    begun_at = clock.seconds()
    call()
    return clock.seconds() - begun_at


def _fill(superuser: str, claims: int) -> None:
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("select set_config('claimwright.tenant', 'default', false)")
        connection.execute("select set_config('claimwright.actor', 'user:1', false)")
        for statement in _MAKE.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                connection.execute(statement.replace(":claims", str(claims)).encode())


def _analyze(superuser: str) -> None:
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def _late(superuser: str, database: Database) -> float:
    """1,000 claims change: how long until the figures are up to date."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("select set_config('claimwright.tenant', 'default', false)")
        connection.execute(
            "insert into analytics.changes (account_key) "
            "select account_key from analytics.claims order by claim_key desc limit 1000"
        )
    return _timed(lambda: refresh(CALLER, database))


_CONDITIONS = {
    "initial_denial_rate": "sum(case when answered_on between %(begins)s and %(ends)s "
    "and is_denied then 1 else 0 end), "
    "sum(case when answered_on between %(begins)s and %(ends)s "
    "then 1 else 0 end)",
    "clean_claim_rate": "sum(case when received_on between %(begins)s and %(ends)s "
    "and is_clean then 1 else 0 end), "
    "sum(case when received_on between %(begins)s and %(ends)s "
    "then 1 else 0 end)",
    "cash_collected": "sum(case when answered_on between %(begins)s and %(ends)s "
    "then paid_cents else 0 end), 1",
    "days_to_payment_paid": "sum(case when answered_on between %(begins)s and %(ends)s "
    "and paid_cents > 0 "
    "then answered_on - submitted_on else 0 end), "
    "sum(case when answered_on between %(begins)s and %(ends)s "
    "and paid_cents > 0 then 1 else 0 end)",
    "gross_days_in_ar": "sum(case when submitted_on <= %(ends)s then charge_cents else 0 end) "
    "- sum(case when answered_on <= %(ends)s and not is_denied then charge_cents else 0 end), "
    "sum(case when submitted_on > %(ends)s::date - 90 and submitted_on <= %(ends)s "
    "then charge_cents else 0 end)",
    "aged_ar_over_90_insurance": "sum(case when submitted_on <= %(ends)s "
    "and (is_denied or answered_on is null or answered_on > %(ends)s) and %(ends)s::date - "
    "service_to_on > 90 then charge_cents else 0 end), "
    "sum(case when submitted_on <= %(ends)s and (is_denied or answered_on is null "
    "or answered_on > %(ends)s) "
    "then charge_cents else 0 end)",
    "median_days_to_payment": "percentile_cont(0.5) within group (order by case when submitted_on between "
    "%(begins)s and %(ends)s then answered_on - submitted_on end), count(*)",
}


def _own(database: Database, name: str, dimension: str, days: int) -> tuple[float, Any]:
    """Seconds of a figure, the median, and the figure."""
    ends = clock.today()
    begins = ends - datetime.timedelta(days=days - 1)
    question = ask(name, begins=begins, ends=ends, group_by=[dimension])

    def figure() -> Any:
        with database.transaction(CALLER) as connection:
            return answer(connection, question, hide_small=False)

    found = figure()
    return statistics.median(_timed(figure) for _ in range(ROUNDS)), found


def _other(database: Database, name: str, dimensions: tuple[str, ...], days: int, back: int) -> str:
    """The row of a figure by two dimensions, or as it was known `back` days ago."""
    ends = clock.today() - datetime.timedelta(days=back)
    begins = ends - datetime.timedelta(days=days - 1)
    asked = ask(name, begins=begins, ends=ends, group_by=dimensions, as_of=ends if back else None)

    def figure() -> None:
        with database.transaction(CALLER) as connection:
            answer(connection, asked, hide_small=False)

    figure()
    seconds = statistics.median(_timed(figure) for _ in range(3))
    then = f"{back} days ago" if back else "now"
    return f"| {name} | {' and '.join(dimensions)} | {days} | {then} | {seconds * 1000:.0f} |"


def _compared(superuser: str, database: Database, name: str, dimension: str, days: int, tenth: float) -> str:
    own, found = _own(database, name, dimension, days)
    ends = clock.today()
    begins = ends - datetime.timedelta(days=days - 1)
    query = f"select {dimension}, {_CONDITIONS[name]} from bench.claims group by 1"  # noqa: S608
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("set max_parallel_workers_per_gather = 0")
        values = {"begins": begins, "ends": ends}
        told = {row[0]: row[1] for row in connection.execute(query.encode(), values).fetchall()}
        sql = statistics.median(
            _timed(lambda: connection.execute(query.encode(), values).fetchall()) for _ in range(5)
        )
    if name != "median_days_to_payment":
        ours = {each.group[dimension]: each.numerator or 0 for each in found.rows}
        assert ours == {value: int(total) for value, total in told.items() if value in ours}, name
    times = f"{own * 1000:.1f} | {sql * 1000:.0f} | {sql / own:.0f} | {own / tenth:.1f}"
    return f"| {name} | {dimension} | {days} | {times} |"


def _served(store: Any, database: Database, folder: Path) -> tuple[float, float]:
    """p95 and median of the API, in milliseconds."""
    settings = load_settings(
        folder=folder,
        variables={"CLAIMWRIGHT_HOME": str(folder / "home"), "CLAIMWRIGHT_DATABASE_URL": store.url,
                   "CLAIMWRIGHT_API_REQUESTS_PER_MINUTE": "1000000"},
    )  # fmt: skip
    with database.transaction(CALLER) as connection:
        account = create_account(
            CALLER, connection, "manager", roles=["manager"], known_roles=ROLES, facilities=None,
            password="seven brown foxes jump",  # noqa: S106 - of a store that lives for minutes
        )  # fmt: skip
        _, bearer = issue_token(
            CALLER, connection, label="bench", scopes=("all",), known_scopes=SCOPES, days=1,
            account_id=account.account_id,
        )  # fmt: skip
    services = Services(settings, database, sealer_of(store, folder), Access())
    taken = []
    with TestClient(create_app(settings, services), base_url="https://testserver") as client:
        for _ in range(ROUNDS):
            for name, dimension, days in ASKED:
                query = {
                    "group_by": dimension,
                    "from": str(clock.today() - datetime.timedelta(days=days - 1)),
                }
                headers = {"Authorization": f"Bearer {bearer}"}
                path = f"/api/v1/analytics/kpis/{name}"
                begun_at = clock.seconds()
                found = client.get(path, params=query, headers=headers)
                taken.append(clock.seconds() - begun_at)
                assert found.status_code == 200, found.text
    taken.sort()
    return taken[int(len(taken) * 0.95)] * 1000, statistics.median(taken) * 1000


def _upkeep(store: Any, database: Database, folder: Path, claims: int = 20_000) -> tuple[float, float, int]:
    """Seconds of the upkeep and of the pipeline (intake and run) for claims that go through it."""
    sealer = sealer_of(store, folder)
    refresh(CALLER, database)
    content = sample(folder, claims)
    checker = Checker(as_of=AS_OF)

    def pipeline() -> None:
        stage(database, sealer, content)
        worker(database, sealer, begun(database, 5_000), checker).work()

    through = _timed(pipeline)
    return _timed(lambda: refresh(CALLER, database)), through, claims


if __name__ == "__main__":
    main()
