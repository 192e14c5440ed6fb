"""Reports on a schedule, handed in to a real SMTP server of this machine."""

from __future__ import annotations

import datetime
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook
from tests.features.pipeline.bench_of_claims import CALLER
from tests.mail_receiver import MailReceiver, receiving_mail

from claimwright.features.analytics import (
    Channels,
    NewReport,
    ReportError,
    SeenFigures,
    add_report,
    answer,
    arrow_of,
    ask,
    deliver_reports,
    end_report,
    frame_of,
    list_deliveries,
    send_report_now,
)
from claimwright.features.analytics.reporting import due_day, period_of_report, report_content
from claimwright.platform.mail import MailAddressError, MailServer, send_mail
from claimwright.platform.objects import Objects
from claimwright.store.analytics_reports import ReportRow

from .practice_of_forty import Practice

EVERYTHING = SeenFigures(lambda _: True, lambda _: True)
DENIALS = NewReport(
    "Denials", ["initial_denial_rate", "cash_collected"], "payer", "last_month", "month", 6, "csv", "mail",
    ["ann@example.org", "bob@example.org"],
)  # fmt: skip


def mailing(receiver: MailReceiver, folder: Path) -> Channels:
    from obstore.store import LocalStore

    server = MailServer("127.0.0.1", receiver.port, "reports@example.org", "none")
    return Channels(lambda mail: send_mail(server, mail), lambda: Objects(LocalStore(folder)))


def scheduled(practice: Practice, new: NewReport) -> ReportRow:
    with practice.clinic.database.transaction(CALLER) as connection:
        return add_report(CALLER, connection, new, EVERYTHING, None)


def deliveries(practice: Practice) -> list[Any]:
    with practice.clinic.database.transaction(CALLER) as connection:
        return list_deliveries(connection)


def attached(receiver: MailReceiver) -> tuple[str, bytes]:
    [part] = receiver.messages[-1].iter_attachments()
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return part.get_filename() or "", content


def test_a_report_is_due_once_and_arrives_with_its_figures(practice: Practice, tmp_path: Path) -> None:
    practice.at("2026-03-15")
    report = scheduled(practice, DENIALS)
    with receiving_mail() as receiver:
        channels = mailing(receiver, tmp_path)
        # Made on March 15: what was due on March 1 was not of this report.
        assert deliver_reports(CALLER, practice.clinic.database, channels) == 0
        practice.at("2026-04-01", hour=14)
        assert deliver_reports(CALLER, practice.clinic.database, channels) == 1
        assert deliver_reports(CALLER, practice.clinic.database, channels) == 0
        assert receiver.recipients == [["ann@example.org", "bob@example.org"]]
        name, content = attached(receiver)
        assert name == f"report-{report.report_id}-2026-03-01-2026-03-31.csv"
        rows = pl.read_csv(content)
        # In March nobody answered for the first time, and .8 of 600.00 came in, of two claims: hidden.
        whole = {row["figure"]: row for row in rows.filter(pl.col("by").is_null()).iter_rows(named=True)}
        assert (whole["initial_denial_rate"]["value"], whole["initial_denial_rate"]["reason"]) == (
            None, "nothing_recorded",
        )  # fmt: skip
        assert (whole["cash_collected"]["value"], whole["cash_collected"]["reason"]) == (None, "small_count")
        with practice.clinic.database.transaction(CALLER) as connection:
            end_report(CALLER, connection, report.report_id)
        practice.at("2026-05-02")
        assert deliver_reports(CALLER, practice.clinic.database, channels) == 0
    practice.at("2026-04-15")
    [delivery] = [each for each in deliveries(practice) if each.report_id == report.report_id]
    assert (delivery.state, delivery.attempts, delivery.problem) == ("sent", 1, None)


def test_what_fails_is_tried_again_later_and_then_given_up_and_says_why(
    practice: Practice, tmp_path: Path
) -> None:
    practice.at("2026-04-15")
    report = scheduled(practice, DENIALS)

    def state() -> tuple[str, int, str | None]:
        [found] = [each for each in deliveries(practice) if each.report_id == report.report_id]
        return found.state, found.attempts, found.problem

    with receiving_mail() as receiver:
        receiver.refusals = ["451 busy"] * 6
        channels = mailing(receiver, tmp_path)
        with practice.clinic.database.transaction(CALLER) as connection:
            send_report_now(CALLER, connection, report.report_id)
        assert deliver_reports(CALLER, practice.clinic.database, channels) == 1
        assert state() == ("waiting", 1, "127.0.0.1: refused the message: DataError 451.")
        # Not before a minute is over.
        assert deliver_reports(CALLER, practice.clinic.database, channels) == 0
        for hour in (16, 17, 18, 20, 23):
            practice.at("2026-04-15", hour=hour)
            deliver_reports(CALLER, practice.clinic.database, channels)
        practice.at("2026-04-16", hour=12)
        deliver_reports(CALLER, practice.clinic.database, channels)
        assert state()[:2] == ("failed", 6)
        practice.at("2026-04-15", hour=23)
        with practice.clinic.database.transaction(CALLER) as connection:
            send_report_now(CALLER, connection, report.report_id)
        deliver_reports(CALLER, practice.clinic.database, channels)
        assert state()[:2] == ("sent", 1)
        assert len(receiver.messages) == 1
        with (
            practice.clinic.database.transaction(CALLER) as connection,
            pytest.raises(ReportError, match="delivered"),
        ):
            send_report_now(CALLER, connection, report.report_id)
    practice.at("2026-04-15")


@pytest.mark.parametrize("file_format", ["pdf", "xlsx"])
def test_a_report_goes_to_object_storage_as_a_file_that_others_read(
    practice: Practice, tmp_path: Path, file_format: str
) -> None:
    practice.at("2026-02-15")
    figures = ["initial_denial_rate", "cash_collected"]
    new = NewReport("=Cash", figures, "payer", "last_month", format=file_format, target="objects")
    report = scheduled(practice, new)
    with practice.clinic.database.transaction(CALLER) as connection:
        send_report_now(CALLER, connection, report.report_id)
    with receiving_mail() as receiver:
        assert deliver_reports(CALLER, practice.clinic.database, mailing(receiver, tmp_path)) == 1
    practice.at("2026-04-15")
    [found] = [each for each in deliveries(practice) if each.report_id == report.report_id]
    content = (tmp_path / found.object_key).read_bytes()
    assert len(content) == found.size_bytes
    if file_format == "xlsx":
        book = load_workbook(io.BytesIO(content))
        assert book["Figures"]["A1"].value == "=Cash"
        assert book["Figures"]["A1"].data_type == "s"
        # Of January as it is known on the day of the report, February 15: 6 of 16.
        rows = {row[0]: row[1] for row in book["Figures"].iter_rows(min_row=4, values_only=True)}
        assert rows["Cash collected"] == "$1,600.00"
        assert "initial_denial_rate" in book.sheetnames
    else:
        from pypdfium2 import PdfDocument

        text = PdfDocument(content)[0].get_textpage().get_text_bounded()
        assert "Cash collected" in text
        assert "$1,600.00" in text


def test_small_counts_are_hidden_in_every_file(practice: Practice) -> None:
    # Of January 7 of 17 claims of 12345 were denied, of February 6 of 16 of 67890; no other payer answered.
    days = (datetime.date(2026, 1, 1), datetime.date(2026, 3, 31))
    new = NewReport("Denied", ["initial_denial_rate"], "payer", target="objects")
    with practice.clinic.database.transaction(CALLER) as connection:
        made = {
            file_format: report_content(
                connection,
                add_report(CALLER, connection, replace(new, format=file_format), EVERYTHING, None),
                *days,
            )
            for file_format in ("csv", "xlsx", "pdf")
        }
        asked = ask("initial_denial_rate", begins=days[0], ends=days[1], group_by=["payer"])
        frame = frame_of(answer(connection, asked, hide_small=True))
    groups = pl.read_csv(made["csv"]).filter(pl.col("by") == "payer")
    arrow = pl.read_ipc(arrow_of(frame))
    for rows in (groups, arrow):
        assert rows.height == 2
        for name in ("value", "numerator", "denominator"):
            assert rows[name].null_count() == 2
        assert set(rows["items"]) == {0}
    sheet = load_workbook(io.BytesIO(made["xlsx"]))["initial_denial_rate"]
    told = {row[0]: row[1:6] for row in sheet.iter_rows(min_row=4, values_only=True)}
    assert told == dict.fromkeys(("12345", "67890"), (None, None, None, None, 0))
    from pypdfium2 import PdfDocument

    text = PdfDocument(made["pdf"])[0].get_textpage().get_text_bounded()
    assert f"{13 / 33:.1%}" in text
    assert f"{7 / 17:.1%}" not in text
    assert f"{6 / 16:.1%}" not in text


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"kpis": []}, ReportError),
        ({"period": "next_month"}, ReportError),
        ({"hour": 24}, ReportError),
        ({"recipients": []}, ReportError),
        ({"recipients": ["nobody"]}, MailAddressError),
        ({"group_by": "age"}, ReportError),
        ({"title": "x"}, ReportError),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    practice: Practice, change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        scheduled(practice, NewReport(**{**DENIALS.__dict__, **change}))


def test_a_report_has_only_figures_that_its_maker_may_see(practice: Practice) -> None:
    viewer = SeenFigures(lambda action: action != "ledger.read", lambda _: True)
    with (
        practice.clinic.database.transaction(CALLER) as connection,
        pytest.raises(ReportError, match="ledger"),
    ):
        add_report(CALLER, connection, DENIALS, viewer, None)


def test_days_of_reports_are_by_hand() -> None:
    day = datetime.date.fromisoformat
    assert period_of_report("last_month", day("2026-03-01")) == (day("2026-02-01"), day("2026-02-28"))
    assert period_of_report("last_week", day("2026-03-11")) == (day("2026-03-02"), day("2026-03-08"))
    assert period_of_report("yesterday", day("2026-03-01")) == (day("2026-02-28"), day("2026-02-28"))
    assert period_of_report("last_30_days", day("2026-03-31")) == (day("2026-03-01"), day("2026-03-30"))
    made = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    weekly = ReportRow(
        1, "t", [], None, "last_week", "week", 6, "pdf", "objects", [], None, True, "user:1", made
    )
    # March 8, 2026 is a Sunday; clocks change on it where they do.
    early = datetime.datetime(2026, 3, 9, 5, 0).astimezone()
    late = datetime.datetime(2026, 3, 9, 7, 0).astimezone()
    assert due_day(weekly, early) == day("2026-03-02")
    assert due_day(weekly, late) == day("2026-03-09")
