"""What payers answered, from files: 835 remittance advice, or a CSV; and histories made with them.

The 835 (005010X221A1) is read for what prediction learns from: each claim's lines with charge, payment and
the reason of a denial. It is strict: amounts and counts that do not fit are an error that says where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.features.intake import read_all, sources
from claimwright.features.prediction.training import History, history_of
from claimwright.foundation.errors import InputError

from .csv_files import read_columns

# Reasons that reduce without denying: contract (45, 253), patient's share (1-3), late interest and the like.
_NOT_DENIALS = [
    "1",
    "2",
    "3",
    "44",
    "45",
    "59",
    "66",
    "90",
    "94",
    "104",
    "131",
    "144",
    "161",
    "223",
    "237",
    "253",
]
_SUFFIXES = (".835", ".edi", ".txt", ".x12")
_CSV = ("claim_id", "line", "carc", "answered_on")


class AnswerError(InputError):
    """Remittances can't be used; the message says which file, where, and what to do."""


def read_history(claims: Sequence[str], remittances: Iterable[Path], outcomes: Path | None) -> History:
    """Claims of 837 files with the answers of 835 files or of a CSV.

    Claims are sent on the day of their transaction (BHT04). Claims and answers meet by the claim's number
    (CLM01, CLP01), lines by the line's control number (REF 6R) or else by their order.

    Raises:
        SourceError: a claim file can't be read.
        AnswerError: an answer file can't be used.
        HistoryError: nothing in them answers anything.
    """
    batch = ClaimBatch.concat([reading.batch for reading in read_all(sources(claims))])
    answers = read_csv(outcomes) if outcomes is not None else read_835s(remittances)
    days = batch.claims.select("transaction").join(
        batch.transactions.select("transaction", day="transaction_created_on").unique(
            "transaction", keep="first"
        ),
        on="transaction",
        how="left",
        maintain_order="left",
    )["day"]
    if days.null_count():
        raise AnswerError("some claims have no date of sending (BHT04). Correct their files first.")
    return history_of(batch, days, matched(batch, answers), source=f"{len(batch)} claims of 837 files")


def matched(batch: ClaimBatch, answers: pl.DataFrame) -> pl.DataFrame:
    """The answers with `claim` and `line` of the batch; what fits no claim is left out.

    `answers` has `claim_id`, `control` (null where unknown), `order`, and the columns of `ANSWERED_LINES`
    but the keys. A claim that was answered several times counts as it was answered first: that is the
    answer that the claim as sent got.
    """
    lines = batch.lines.select(
        "claim",
        "line",
        order=pl.int_range(1, pl.len() + 1).over("claim"),
        control="line_control_number",
    ).join(batch.claims.select("claim", "claim_id"), on="claim", how="inner")
    first = answers.filter(
        pl.col("answered_on") == pl.col("answered_on").min().over("claim_id")
    )  # fmt: skip
    values = ("carc", "charge_cents", "paid_cents", "answered_on")
    by_control = first.filter(pl.col("control").is_not_null()).join(
        lines, on=["claim_id", "control"], how="inner", suffix="_line"
    )
    by_order = first.filter(pl.col("control").is_null()).join(
        lines.drop("control"), on=["claim_id", "order"], how="inner"
    )
    return pl.concat([by_control.select("claim", "line", *values), by_order.select("claim", "line", *values)])


def read_csv(path: Path) -> pl.DataFrame:
    """Answers from a CSV with `claim_id`, `line`, `carc` (empty where paid) and `answered_on` (ISO date).

    `charge_cents` and `paid_cents` may be there too; without them dollars at risk can't be learned.

    Raises:
        AnswerError: it can't be read, or a column is missing.
    """
    frame = read_columns(path, _CSV, AnswerError)
    cents = {
        name: pl.col(name).cast(pl.Int64) if name in frame.columns else pl.lit(0, pl.Int64)
        for name in ("charge_cents", "paid_cents")
    }
    try:
        return frame.select(
            "claim_id",
            control=pl.lit(None, pl.String),
            order=pl.col("line").cast(pl.Int64),
            carc=pl.when(pl.col("carc").str.len_chars() > 0).then("carc"),
            answered_on=pl.col("answered_on").str.to_date("%Y-%m-%d"),
            **cents,
        )
    except pl.exceptions.PolarsError:
        raise AnswerError(
            f"{path}: `line` and cents must be whole numbers, `answered_on` a date such as 2025-03-31."
        ) from None


def read_835s(paths: Iterable[Path]) -> pl.DataFrame:
    """The answers of all 835 files and folders, one row a service line.

    Raises:
        AnswerError: a file can't be read.
    """
    return pl.concat([read_835(content, str(path)) for path, content in remittance_files(paths)])


def remittance_files(paths: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    """Each 835 file of files and folders with its content.

    Raises:
        AnswerError: a file can't be read, or there is none.
    """
    count = 0
    for path in paths:
        files = (
            sorted(each for each in path.rglob("*") if each.suffix in _SUFFIXES) if path.is_dir() else [path]
        )
        for file in files:
            try:
                content = file.read_bytes()
            except OSError as problem:
                raise AnswerError(f"{file}: can't be read: {problem.strerror}.") from None
            count += 1
            yield file, content
    if not count:
        raise AnswerError("no 835 files found. Name the files, or a folder with .835 files.")


def read_835(content: bytes, name: str) -> pl.DataFrame:
    """The service lines of one 835: `claim_id`, `control`, `order`, `carc`, cents and `answered_on`.

    A line is denied where it has a charge, nothing is paid and an adjustment says why, other than a
    contract's reduction or the patient's share. A claim without lines is one line, the first.

    Raises:
        AnswerError: it is no 835, a transaction's count is wrong, or an amount or date can't be read.
    """
    text = content.decode("latin-1").lstrip("\r\n\t ")
    if not text.startswith("ISA") or len(text) < 106:
        raise AnswerError(f"{name}: no ISA segment at its beginning; it is no X12 file.")
    element, end = text[3], text[105]
    segments = pl.DataFrame({"text": [each.strip("\r\n") for each in text.split(end)]}).filter(
        pl.col("text") != ""
    )
    parts = pl.col("text").str.split(element)
    frame = segments.with_row_index("at", offset=1).select(
        "at",
        *(parts.list.get(number, null_on_oob=True).alias(f"e{number}") for number in range(20)),
    )
    opened = pl.col("e0")
    frame = frame.with_columns(
        st=(opened == "ST").cum_sum(), clp=(opened == "CLP").cum_sum(), svc=(opened == "SVC").cum_sum()
    )
    _refuse_damaged(frame, name)
    dates = frame.filter(opened == "BPR").select(
        "st", answered_on=pl.col("e16").str.to_date("%Y%m%d", strict=False)
    )
    if dates["answered_on"].null_count() or not dates.height:
        raise AnswerError(f"{name}: a payment has no date (BPR16). Ask the payer for the file again.")
    return _lines(frame, dates, name)


def _refuse_damaged(frame: pl.DataFrame, name: str) -> None:
    kinds = frame.filter(pl.col("e0") == "ST")["e1"].unique().to_list()
    if kinds != ["835"]:
        raise AnswerError(f"{name}: it holds transactions {', '.join(sorted(map(str, kinds)))}, not 835.")
    inside = frame.filter(pl.col("st") > 0, ~pl.col("e0").is_in(["GE", "IEA", "GS", "ISA"]))
    said = pl.col("e1").filter(pl.col("e0") == "SE").first().cast(pl.UInt32, strict=False)
    counts = inside.group_by("st").agg(found=pl.len(), said=said)
    wrong = counts.filter(~pl.col("found").eq_missing(pl.col("said"))).sort("st")
    if wrong.height:
        row = wrong.row(0, named=True)
        raise AnswerError(
            f"{name}: transaction {row['st']} has {row['found']} segments, its SE says {row['said']}. "
            "It is truncated or damaged; download it again."
        )


def _cents(column: str) -> pl.Expr:
    return (pl.col(column).cast(pl.Decimal(18, 2), strict=False) * 100).cast(pl.Int64)


def _lines(frame: pl.DataFrame, dates: pl.DataFrame, name: str) -> pl.DataFrame:
    claims = frame.filter(pl.col("e0") == "CLP").select(
        "clp", "st", "at", claim_id="e1", claim_charge=_cents("e3"), claim_paid=_cents("e4")
    )
    _refuse_amounts(claims, ["claim_charge", "claim_paid"], "CLP03 and CLP04", name)
    services = frame.filter(pl.col("e0") == "SVC", pl.col("clp") > 0).select(
        "clp", "svc", "at", charge_cents=_cents("e2"), paid_cents=_cents("e3")
    )
    _refuse_amounts(services, ["charge_cents", "paid_cents"], "SVC02 and SVC03", name)
    inside = frame.join(services.select("svc", first="at", owner="clp"), on="svc", how="inner").filter(
        pl.col("clp") == pl.col("owner")
    )
    control = (
        inside.filter(pl.col("e0") == "REF", pl.col("e1") == "6R")
        .group_by("svc")
        .agg(control=pl.col("e2").first())
    )
    of_line = _reasons(inside, "svc")
    bare = frame.join(services.select("clp").unique(), on="clp", how="anti").filter(pl.col("clp") > 0)
    without = claims.join(services.select("clp").unique(), on="clp", how="anti")
    whole = without.join(_reasons(bare, "clp"), on="clp", how="left")
    detailed = (
        services.with_columns(order=pl.int_range(1, pl.len() + 1).over("clp"))
        .join(control, on="svc", how="left")
        .join(of_line, on="svc", how="left")
        .join(claims.select("clp", "st", "claim_id"), on="clp", how="left")
    )
    columns = ("st", "claim_id", "control", "order", "reason", "charge_cents", "paid_cents")
    summed = whole.select(
        "st",
        "claim_id",
        control=pl.lit(None, pl.String),
        order=pl.lit(1, pl.Int64),
        reason="reason",
        charge_cents="claim_charge",
        paid_cents="claim_paid",
    )
    return (
        pl.concat([detailed.select(columns), summed.select(columns)])
        .join(dates, on="st", how="left", maintain_order="left")
        .select(
            "claim_id",
            "control",
            "order",
            carc=pl.when((pl.col("paid_cents") <= 0) & (pl.col("charge_cents") > 0)).then("reason"),
            charge_cents="charge_cents",
            paid_cents="paid_cents",
            answered_on="answered_on",
        )
    )


def _reasons(frame: pl.DataFrame, owner: str) -> pl.DataFrame:
    """The first adjustment reason of each owner that denies; CAS has up to six, each of three elements."""
    adjusted = frame.filter(pl.col("e0") == "CAS", pl.col("e1") != "PR")
    reasons = pl.concat(
        [adjusted.select(owner, "at", reason=f"e{2 + 3 * number}") for number in range(6)]
    ).filter(pl.col("reason").is_not_null(), pl.col("reason") != "", ~pl.col("reason").is_in(_NOT_DENIALS))
    return reasons.sort("at").group_by(owner, maintain_order=True).agg(pl.col("reason").first())


def _refuse_amounts(frame: pl.DataFrame, columns: list[str], where: str, name: str) -> None:
    bad = frame.filter(pl.any_horizontal(pl.col(column).is_null() for column in columns))
    if bad.height:
        raise AnswerError(
            f"{name}: segment {bad['at'][0]} has no amount in {where}. Download the file again."
        )
