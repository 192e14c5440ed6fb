"""`claimwright kpi`, `claimwright reports` and `cw.kpi`, walked as their users walk them."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from tests.apps.api.conftest import processed  # noqa: F401 - a fixture
from tests.database_server import Store
from tests.mail_receiver import receiving_mail
from typer.testing import CliRunner, Result

import claimwright as cw
from claimwright.apps.cli.main import app
from claimwright.features.analytics import FigureError, NoSuchFigureError
from claimwright.foundation import clock


@pytest.fixture(scope="module")
def folder(processed: tuple[Store, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:  # noqa: F811
    """The settings of a copy of the processed claims, in the environment."""
    store, made = processed
    home = tmp_path_factory.mktemp("kpi")
    shutil.copytree(made / "home", home / "home")
    with store.copied() as copied, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLAIMWRIGHT_HOME", str(home / "home"))
        patch.setenv("CLAIMWRIGHT_DATABASE_URL", copied.url)
        patch.setenv("CLAIMWRIGHT_SETTINGS", str(home))
        patch.setenv("COLUMNS", "200")
        yield home


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_a_figure_is_defined_shown_and_led_back_to_its_claims(folder: Path) -> None:
    assert "clean_claim_rate" in run("kpi", "list").stdout
    defined = run("kpi", "define", "clean_claim_rate")
    assert "Source" in defined.stdout or "source" in defined.stdout
    shown = run("kpi", "value", "clean_claim_rate", "--by", "facility", "--compare", "previous")
    assert shown.exit_code == 0, shown.stderr
    assert "FAC001" in shown.stdout
    frame = cw.kpi("clean_claim_rate", by="facility")
    assert set(frame["facility"]) == {"FAC001", "FAC002"}
    [whole] = cw.kpi("clean_claim_rate").iter_rows(named=True)
    assert frame["denominator"].sum() == whole["denominator"] > 0
    assert whole["value"] == whole["numerator"] / whole["denominator"]
    behind = run("kpi", "claims", "clean_claim_rate", "--limit", "1000")
    assert behind.exit_code == 1
    assert behind.stdout.count("FAC00") == whole["numerator"]
    file = folder / "rates.csv"
    assert run("kpi", "value", "clean_claim_rate", "--by", "facility", "--out", str(file)).exit_code == 0
    assert pl.read_csv(file)["denominator"].sum() == whole["denominator"]


def test_trends_by_day_week_and_month_add_up_to_the_whole(folder: Path) -> None:
    today = clock.today()
    begins = today - datetime.timedelta(days=99)
    [whole] = cw.kpi("claim_volume", begins=begins, ends=today).iter_rows(named=True)
    for interval in ("day", "week", "month"):
        found = cw.kpi("claim_volume", begins=begins, ends=today, interval=interval)
        assert (found["begins"].min(), found["ends"].max()) == (begins, today)
        assert found["value"].fill_null(0).sum() == whole["value"] > 0
    # A day without anything is null with its reason, never zero.
    days = cw.kpi("claim_volume", begins=begins, ends=today, interval="day")
    assert set(days.filter(pl.col("value").is_null())["reason"]) == {"nothing_recorded"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["value", "clean_claim_rat"], "Did you mean clean_claim_rate?"),
        (
            ["value", "clean_claim_rate", "--from", "2026-02-01", "--to", "2026-01-01"],
            "Exchange the two days",
        ),
        (["value", "clean_claim_rate", "--to", "2099-01-01"], "in the future"),
        (["value", "clean_claim_rate", "--as-of", "2099-01-01"], "in the future"),
        (["value", "clean_claim_rate", "--by", "patient"], "no such dimension"),
        (["value", "clean_claim_rate", "--by", "payer", "--by", "plan", "--by", "form"], "at most two"),
        (["value", "clean_claim_rate", "--interval", "hour"], "no such interval"),
        (["value", "clean_claim_rate", "--where", "facility:OTHERS"], "no such facility"),
        (["value", "clean_claim_rate", "--where", "payer"], "DIMENSION:VALUE"),
        (["claims", "claim_volume", "--denominator"], "no denominator"),
        (["export", "patients", "--out", "patients.parquet"], "no such table"),
        (["cost", "2099-01", "1.00"], "no cost yet"),
        (["cost", "2026-01", "a lot"], "dollars and cents, such as"),
        (["cost", "2026-01", "12.345"], "dollars and cents, such as"),
    ],
)
def test_what_can_not_be_asked_ends_in_one_line_that_says_what_to_do(
    folder: Path, words: list[str], said: str
) -> None:
    found = run("kpi", *words)
    assert found.exit_code == 2
    assert said in " ".join(found.stderr.split())
    assert "Traceback" not in found.stderr


def test_a_period_without_claims_has_no_value_and_says_why(folder: Path) -> None:
    old: dict[str, Any] = {"begins": datetime.date(2001, 2, 28), "ends": datetime.date(2001, 3, 31)}
    for name in (
        "clean_claim_rate",
        "initial_denial_rate",
        "median_days_to_payment",
        "claim_volume",
        "ar_balance",
    ):
        [row] = cw.kpi(name, **old).iter_rows(named=True)
        assert (row["value"], row["reason"]) == (None, "nothing_recorded"), name
    shown = run("kpi", "value", "clean_claim_rate", "--from", "2001-02-28", "--to", "2001-03-31")
    assert "Nothing of this was recorded" in " ".join(shown.stdout.split())
    with pytest.raises(NoSuchFigureError):
        cw.kpi("nothing")
    with pytest.raises(FigureError):
        cw.kpi("clean_claim_rate", by="patient")


def test_duckdb_reads_the_exports_and_gets_the_same_figure(folder: Path) -> None:
    facts, claims = folder / "facts.parquet", folder / "claims.parquet"
    for table, file in (("facts", facts), ("claims", claims)):
        done = run("kpi", "export", table, "--out", str(file))
        assert done.exit_code == 0, done.stderr
    [whole] = cw.kpi("clean_claim_rate", begins=datetime.date(2020, 1, 1)).iter_rows(named=True)
    warehouse = duckdb.connect()
    told = warehouse.execute(
        "select sum(items) filter (where fact = 'received_clean'), "
        "sum(items) filter (where fact in ('received_clean', 'received_flawed')) from read_parquet(?)",
        [str(facts)],
    ).fetchone()
    assert told == (whole["numerator"], whole["denominator"])
    version = warehouse.execute(
        "select decode(value) from parquet_kv_metadata(?) where key = 'claimwright.semantic_version'",
        [str(facts)],
    )
    assert version.fetchone() == ("2",)
    # Safe harbor by default: no day, no number of a claim, no place.
    read = warehouse.execute("select * from read_parquet(?)", [str(claims)])
    assert not {"DATE", "TIMESTAMP"} & {str(each[1]).split()[0] for each in read.description or ()}
    places = warehouse.execute("select distinct facility from read_parquet(?)", [str(claims)]).fetchall()
    assert {each[0] for each in places} == {"facility 1", "facility 2"}
    assert run("kpi", "export", "claims", "--out", str(claims), "--identified").exit_code == 2


def test_a_report_is_scheduled_sent_and_ended(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["reports", "add", "Clean claims", "--figure", "clean_claim_rate", "--format", "csv"]
    none = run(*wanted, "--to", "ann@example.org")
    assert (none.exit_code, "no mail server" in none.stderr) == (2, True)
    with receiving_mail() as receiver:
        monkeypatch.setenv("CLAIMWRIGHT_MAIL_HOST", "127.0.0.1")
        monkeypatch.setenv("CLAIMWRIGHT_MAIL_PORT", str(receiver.port))
        monkeypatch.setenv("CLAIMWRIGHT_MAIL_SECURITY", "none")
        made = run(*wanted, "--to", "ann@example.org")
        assert made.exit_code == 0, made.stderr
        number = made.stdout.split()[1]
        sent = run("reports", "send", number)
        assert sent.exit_code == 0, sent.stderr
        assert "sent" in sent.stdout
        assert [message["Subject"] for message in receiver.messages] == ["Clean claims"]
        again = run("reports", "send", number)
        assert (again.exit_code, "is delivered" in again.stderr) == (2, True)
    assert "0 deliveries" in run("reports", "deliver").stdout
    assert run("reports", "end", number).exit_code == 0
    assert "ended" in run("reports", "list").stdout
    assert run("reports", "end", "999").exit_code == 2
