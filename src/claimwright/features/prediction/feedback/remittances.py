"""Payer decisions from files (835 remittance advice or CSV), and claim histories made with them.

From the 835 (005010X221A1), the data for training are read: each claim's lines with charge, payment and
denial reason. Reading is strict: inconsistent amounts or counts are an error with the position.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.engines import x12
from claimwright.engines.remittance import Account, account_of
from claimwright.features.intake import read_all, sources
from claimwright.features.prediction.training import History, history_of
from claimwright.foundation.errors import InputError

from .csv_files import read_columns

_SUFFIXES = (".835", ".edi", ".txt", ".x12")
_CSV = ("claim_id", "line", "carc", "answered_on")


class AnswerError(InputError):
    """Remittances can't be used; the message says which file, where, and what to do."""


def read_history(claims: Sequence[str], remittances: Iterable[Path], outcomes: Path | None) -> History:
    """A history: claims of 837 files with the payer decisions of 835 files or of a CSV.

    A claim's sending date is the date of its transaction (BHT04). Claims and decisions are matched by claim
    number (CLM01, CLP01), lines by line control number (REF 6R), or otherwise by their order.

    Raises:
        SourceError: a claim file can't be read.
        AnswerError: an 835 or CSV file can't be used.
        HistoryError: no decision matches any claim.
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
        raise AnswerError("some claims have no sending date (BHT04). Correct their files first.")
    return history_of(batch, days, matched(batch, answers), source=f"{len(batch)} claims of 837 files")


def matched(batch: ClaimBatch, answers: pl.DataFrame) -> pl.DataFrame:
    """The decisions with `claim` and `line` of the batch; decisions that match no claim are left out.

    `answers` has `claim_id`, `control` (null if unknown), `order`, and the columns of `ANSWERED_LINES` except
    the keys. If a claim was decided several times, the first decision counts, because it is the decision on
    the claim as it was sent.
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
    values = ("carc", "rarc", "charge_cents", "paid_cents", "answered_on")
    by_control = first.filter(pl.col("control").is_not_null()).join(
        lines, on=["claim_id", "control"], how="inner", suffix="_line"
    )
    by_order = first.filter(pl.col("control").is_null()).join(
        lines.drop("control"), on=["claim_id", "order"], how="inner"
    )
    return pl.concat([by_control.select("claim", "line", *values), by_order.select("claim", "line", *values)])


def read_csv(path: Path) -> pl.DataFrame:
    """Decisions from a CSV with `claim_id`, `line`, `carc` (empty if paid) and `answered_on` (ISO date).

    `rarc` (remarks, separated by blanks), `charge_cents` and `paid_cents` are optional; without the cents,
    dollars at risk can't be learned.

    Raises:
        AnswerError: it can't be read, or a column is missing.
    """
    frame = read_columns(path, _CSV, AnswerError)
    cents = {
        name: pl.col(name).cast(pl.Int64) if name in frame.columns else pl.lit(0, pl.Int64)
        for name in ("charge_cents", "paid_cents")
    }
    remarks = pl.lit(None, pl.String)
    if "rarc" in frame.columns:
        remarks = pl.when(pl.col("rarc").str.len_chars() > 0).then("rarc")
    try:
        return frame.select(
            "claim_id",
            control=pl.lit(None, pl.String),
            order=pl.col("line").cast(pl.Int64),
            carc=pl.when(pl.col("carc").str.len_chars() > 0).then("carc"),
            rarc=remarks,
            answered_on=pl.col("answered_on").str.to_date("%Y-%m-%d"),
            **cents,
        )
    except pl.exceptions.PolarsError:
        raise AnswerError(
            f"{path}: `line` and cents must be whole numbers, `answered_on` a date such as 2025-03-31."
        ) from None


def read_835s(paths: Iterable[Path]) -> pl.DataFrame:
    """The decisions of all 835 files and folders, one row per service line.

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
    """The service lines of one 835: `claim_id`, `control`, `order`, `carc`, `rarc`, cents and `answered_on`.

    A line counts as denied if it has a charge, nothing is paid, and an adjustment gives a reason other than a
    contractual reduction or patient responsibility. A claim without lines counts as one line, the first.

    Raises:
        AnswerError: it is not an 835, a transaction's count is wrong, or an amount or date can't be read.
    """
    remittance = x12.read_835(content)
    _refuse_damaged(remittance, name)
    lines = remittance.lines.join(
        _reasons(remittance.adjustments.filter(pl.col("line").is_not_null()), "claim", "line"),
        on=["claim", "line"],
        how="left",
        maintain_order="left",
    ).join(remittance.claims.select("claim", "claim_id"), on="claim", how="left", maintain_order="left")
    lines = lines.join(
        _remarks(remittance.remarks.filter(pl.col("line").is_not_null()), "claim", "line"),
        on=["claim", "line"],
        how="left",
        maintain_order="left",
    )
    bare = (
        remittance.claims.join(lines.select("claim").unique(), on="claim", how="anti")
        .join(
            _reasons(remittance.adjustments.filter(pl.col("line").is_null()), "claim"),
            on="claim",
            how="left",
            maintain_order="left",
        )
        .join(
            _remarks(remittance.remarks.filter(pl.col("line").is_null()), "claim"),
            on="claim",
            how="left",
            maintain_order="left",
        )
    )
    columns = ("payment", "claim_id", "control", "order", "reason", "remarks", "charge", "paid")
    answered = pl.concat(
        [
            lines.rename({"line": "order"}).select(columns),
            bare.with_columns(control=pl.lit(None, pl.String), order=pl.lit(1, pl.Int64)).select(columns),
        ]
    )
    is_denied = (pl.col("paid") <= 0) & (pl.col("charge") > 0)
    return answered.join(
        remittance.payments.select("payment", answered_on="paid_on"),
        on="payment",
        how="left",
        maintain_order="left",
    ).select(
        "claim_id",
        "control",
        "order",
        carc=pl.when(is_denied).then("reason"),
        rarc=pl.when(is_denied & pl.col("reason").is_not_null()).then("remarks"),
        charge_cents=_cents("charge"),
        paid_cents=_cents("paid"),
        answered_on="answered_on",
    )


def _refuse_damaged(remittance: x12.Remittance, name: str) -> None:
    """Refuse a file that is not a complete 835, or lacks an amount or a date that a decision needs."""
    for fault in remittance.faults.iter_rows(named=True):
        said = _DAMAGE.get(fault["code"])
        if said is not None:
            detail = f" ({fault['detail']})" if fault["detail"] else ""
            raise AnswerError(f"{name}, segment {fault['segment']:,}: {said}{detail}. {_AGAIN}")
    if not remittance.payments.height:
        raise AnswerError(f"{name}: the file contains no 835. Name the file that the payer sent.")
    for table, first, second in ((remittance.claims, "CLP03", "CLP04"), (remittance.lines, "SVC02", "SVC03")):
        for column, element in (("charge", first), ("paid", second)):
            lacking = table.filter(pl.col(column).is_null())
            if lacking.height:
                segment = lacking["segment"][0]
                raise AnswerError(f"{name}: segment {segment:,} has no amount in {element}. {_AGAIN}")
    if remittance.payments["paid_on"].null_count():
        raise AnswerError(f"{name}: a payment has no date (BPR16). {_AGAIN}")


_AGAIN = "Download the file again."
# Structural faults that make the file untrustworthy, in words.
_DAMAGE = {
    "SYN001": "it does not begin with an ISA segment; it is not an X12 file",
    "SYN080": "it has no ISA segment; it is not an X12 file",
    "SYN020": "a transaction has no SE; the file is truncated",
    "SYN022": "the number of segments in the transaction differs from its SE",
    "SYN024": "a transaction is not an 835",
    "SYN025": "a transaction has an unsupported version; 005010X221A1 is supported",
}


def _cents(column: str) -> pl.Expr:
    return (pl.col(column) * 100).cast(pl.Int64).alias(column)


def _reasons(adjustments: pl.DataFrame, *owner: str) -> pl.DataFrame:
    """The first adjustment reason of each claim or line that is a denial reason."""
    denying = adjustments.filter(account_of(pl.col("group"), pl.col("reason")) == Account.DENIED.value)
    return denying.group_by(owner, maintain_order=True).agg(pl.col("reason").first())


def _remarks(remarks: pl.DataFrame, *owner: str) -> pl.DataFrame:
    """The remarks of each claim or line, separated by blanks."""
    return remarks.group_by(owner, maintain_order=True).agg(remarks=pl.col("code").str.join(" "))
