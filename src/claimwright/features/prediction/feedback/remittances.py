"""What payers answered, from files: 835 remittance advice, or a CSV; and histories made with them.

The 835 (005010X221A1) is read for what prediction learns from: each claim's lines with charge, payment and
the reason of a denial. It is strict: amounts and counts that do not fit are an error that says where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.engines import x12
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
    remittance = x12.read_835(content)
    _refuse_damaged(remittance, name)
    lines = remittance.lines.join(
        _reasons(remittance.adjustments.filter(pl.col("line").is_not_null()), "claim", "line"),
        on=["claim", "line"],
        how="left",
        maintain_order="left",
    ).join(remittance.claims.select("claim", "claim_id"), on="claim", how="left", maintain_order="left")
    bare = remittance.claims.join(lines.select("claim").unique(), on="claim", how="anti").join(
        _reasons(remittance.adjustments.filter(pl.col("line").is_null()), "claim"),
        on="claim",
        how="left",
        maintain_order="left",
    )
    columns = ("payment", "claim_id", "control", "order", "reason", "charge", "paid")
    answered = pl.concat(
        [
            lines.rename({"line": "order"}).select(columns),
            bare.with_columns(control=pl.lit(None, pl.String), order=pl.lit(1, pl.Int64)).select(columns),
        ]
    )
    return answered.join(
        remittance.payments.select("payment", answered_on="paid_on"),
        on="payment",
        how="left",
        maintain_order="left",
    ).select(
        "claim_id",
        "control",
        "order",
        carc=pl.when((pl.col("paid") <= 0) & (pl.col("charge") > 0)).then("reason"),
        charge_cents=_cents("charge"),
        paid_cents=_cents("paid"),
        answered_on="answered_on",
    )


def _refuse_damaged(remittance: x12.Remittance, name: str) -> None:
    """Refuse what is no whole 835, or lacks an amount or a date that an answer rests on."""
    for fault in remittance.faults.iter_rows(named=True):
        said = _DAMAGE.get(fault["code"])
        if said is not None:
            detail = f" ({fault['detail']})" if fault["detail"] else ""
            raise AnswerError(f"{name}, segment {fault['segment']:,}: {said}{detail}. {_AGAIN}")
    if not remittance.payments.height:
        raise AnswerError(f"{name}: no 835 is in it. Name the file that the payer sent.")
    for table, first, second in ((remittance.claims, "CLP03", "CLP04"), (remittance.lines, "SVC02", "SVC03")):
        for column, element in (("charge", first), ("paid", second)):
            lacking = table.filter(pl.col(column).is_null())
            if lacking.height:
                segment = lacking["segment"][0]
                raise AnswerError(f"{name}: segment {segment:,} has no amount in {element}. {_AGAIN}")
    if remittance.payments["paid_on"].null_count():
        raise AnswerError(f"{name}: a payment has no date (BPR16). {_AGAIN}")


_AGAIN = "Download the file again."
# Structural faults after which nothing in the file can be trusted, in words.
_DAMAGE = {
    "SYN001": "no ISA segment stands at its beginning; it is no X12 file",
    "SYN080": "no ISA segment stands in it; it is no X12 file",
    "SYN020": "a transaction has no SE; the file is cut",
    "SYN022": "the transaction does not have as many segments as its SE says",
    "SYN024": "a transaction is of another kind, not 835",
    "SYN025": "a transaction is of a version that is not known; 005010X221A1 is",
}


def _cents(column: str) -> pl.Expr:
    return (pl.col(column) * 100).cast(pl.Int64).alias(column)


def _reasons(adjustments: pl.DataFrame, *owner: str) -> pl.DataFrame:
    """The first adjustment reason of each owner that denies."""
    denying = adjustments.filter(pl.col("group") != "PR", ~pl.col("reason").is_in(_NOT_DENIALS))
    return denying.group_by(owner, maintain_order=True).agg(pl.col("reason").first())
