"""A world as files: 837 and 835 by month, the truth, and the hidden policies."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12 import write_837

from .world import World

_PAYEE = "SYNTHETIC SUBMITTER"
# What the 837 calls commercial and Blue Cross, the 835 calls indemnity and preferred provider (CLP06).
_FILING = {"CI": "15", "BL": "12"}
_SUBMITTER = "SYNTHETICSENDER"


def write_world(
    world: World, folder: Path, *, progress: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Write `claims-YYYY-MM.837`, `answers-YYYY-MM.835`, `truth.csv` and `policies.json`; returns the paths.

    A drawn world also has `reversals-YYYY-MM.835` and `appeals.csv`. Claims without an answer are in no 835.

    `progress` is told the month of sending before its claims are written.

    Raises:
        OSError: a file can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    months = world.submitted_on.dt.strftime("%Y-%m")
    for month in months.unique().sort():
        progress(month)
        own = world.batch.select(world.batch.claims["claim"].filter(months == month))
        path = folder / f"claims-{month}.837"
        path.write_bytes(b"".join(write_837([own])))
        written.append(path)
    paid = world.payments["paid_on"].dt.strftime("%Y-%m")
    for month in paid.unique().sort():
        path = folder / f"answers-{month}.835"
        path.write_bytes(remittance(world, world.payments.filter(paid == month)))
        written.append(path)
    written += _later_decisions(world, folder)
    truth, policies = folder / "truth.csv", folder / "policies.json"
    world.truth.join(world.batch.claims.select("claim", "claim_id"), on="claim").write_csv(truth)
    tables = {name: table.to_dicts() for name, table in world.policies.tables().items()}
    policies.write_text(json.dumps(tables, indent=1, default=str), encoding="utf-8")
    if world.appeals.height:
        appeals = folder / "appeals.csv"
        world.appeals.join(world.batch.claims.select("claim", "claim_id"), on="claim").write_csv(appeals)
        written.append(appeals)
    return [*written, truth, policies]


def _later_decisions(world: World, folder: Path) -> list[Path]:
    """`reversals-YYYY-MM.835`: what replaced earlier decisions, each as a reversal and the new decision."""
    if not world.later_payments.height:
        return []
    written = []
    month_of = world.later_payments["paid_on"].dt.strftime("%Y-%m")
    for month in month_of.unique().sort():
        path = folder / f"reversals-{month}.835"
        path.write_bytes(reversal_remittance(world, world.later_payments.filter(month_of == month)))
        written.append(path)
    return written


def remittance(world: World, payments: pl.DataFrame, *, with_receipt: bool = False) -> bytes:
    """An 835 (005010X221A1) of these payments: a transaction for each payer and day, amounts in balance.

    The payee is one billing service for all providers; each claim names its provider (loop 2100, NM1 82).
    `with_receipt`: each claim states the day on which the payer received it (DTM 050), the day it was sent.
    """
    received = None
    if with_receipt:
        received = world.batch.claims.select("claim", received_on=world.submitted_on)
    return _remittance(world, _claim_text(world.batch, payments, world.services, received=received))


def reversal_remittance(world: World, decisions: pl.DataFrame) -> bytes:
    """An 835 of decisions that replace earlier ones: the first one reversed (CLP02 22), then the new one.

    Source: 005010X221A1, section 1.10.2.8, reversals and corrections.
    """
    days = decisions.select("claim", "paid_on")
    first = world.payments.drop("paid_on").join(days, on="claim", how="inner", maintain_order="left")
    amounts = ["paid_cents", "patient_cents", "charge_cents"]
    first = first.with_columns(-pl.col(name) for name in amounts)
    lines = world.services.join(days.select("claim"), on="claim", how="semi").with_columns(
        -pl.col(name) for name in [*amounts, "contractual_cents", "denied_cents"]
    )
    reversed_text = _claim_text(
        world.batch, first.select(world.payments.columns), lines, reversed_status="22"
    )
    decided_text = _claim_text(world.batch, decisions.select(world.payments.columns), world.later_services)
    return _remittance(world, pl.concat([reversed_text, decided_text]))


def _remittance(world: World, claims: pl.DataFrame) -> bytes:
    names = dict(world.batch.claims.select("payer_id", "payer_name").unique().iter_rows())
    first_day = claims["paid_on"].min()
    parts = [_interchange(str(first_day).replace("-", ""))]
    groups = claims.partition_by("payer", "paid_on", maintain_order=True)
    for number, group in enumerate(
        sorted(groups, key=lambda each: (each["paid_on"][0], each["payer"][0])), 1
    ):
        day = str(group["paid_on"][0]).replace("-", "")
        payer = group["payer"][0]
        total = _amount(int(group["paid_cents"].sum()))
        kind = (
            "ACH*CCP*01*999999992*DA*123456*1999999999**01*999988880*DA*987654"
            if total != "0"
            else "NON" + "*" * 11
        )
        head = [
            f"ST*835*{number:09d}",
            f"BPR*I*{total}*C*{kind}*{day}" if total != "0" else f"BPR*H*0*C*{kind}*{day}",
            f"TRN*1*SYNEFT{number:09d}*1999999999",
            f"DTM*405*{day}",
            f"N1*PR*{names[payer]}*XV*{payer}",
            "N3*1 EXAMPLE PLAZA",
            "N4*SAMPLETOWN*IL*60601",
            "PER*BL*SAMPLE DESK*TE*2175550100",
            f"N1*PE*{_PAYEE}*FI*999999999",
            f"LX*{number}",
        ]
        body = "".join(group["text"])
        count = len(head) + body.count("~") + 1
        parts.append("~\n".join(head) + "~\n" + body + f"SE*{count}*{number:09d}~\n")
    parts.append(f"GE*{len(groups)}*1~\nIEA*1*000000001~\n")
    return "".join(parts).encode("latin-1")


def _interchange(day: str) -> str:
    sender, receiver = "SAMPLEPAYERS".ljust(15), _SUBMITTER.ljust(15)
    return (
        f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{sender}*ZZ*{receiver}*{day[2:]}*0600*^*00501*000000001*0*T*:~\n"
        f"GS*HP*SAMPLEPAYERS*{_SUBMITTER}*{day}*0600*1*X*005010X221A1~\n"
    )


def _amount(cents: int) -> str:
    """Dollars without superfluous zeros, as X12 writes a decimal."""
    if cents < 0:
        return f"-{_amount(-cents)}"
    return f"{cents // 100}" if cents % 100 == 0 else f"{cents // 100}.{cents % 100:02d}".rstrip("0")


def _dollars(column: str) -> pl.Expr:
    sign = pl.when(pl.col(column) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    cents = pl.col(column).abs()
    whole, rest = (cents // 100).cast(pl.String), cents % 100
    fraction = (
        pl.when(rest % 10 == 0)
        .then((rest // 10).cast(pl.String))
        .otherwise(rest.cast(pl.String).str.zfill(2))
    )
    return sign + pl.when(rest == 0).then(whole).otherwise(whole + "." + fraction)


def _claim_text(
    batch: ClaimBatch,
    payments: pl.DataFrame,
    services: pl.DataFrame,
    *,
    reversed_status: str | None = None,
    received: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`payer`, `paid_on`, `paid_cents` and the segments of each claim as `text`."""
    shown = batch.claims.select(
        "claim", "claim_filing_code", "subscriber_name", "subscriber_first_name", "subscriber_member_id",
        "dependent_name", "dependent_first_name", "billing_npi",
        stated_on=pl.coalesce("statement_from_on", "statement_to_on"),
    )  # fmt: skip
    lines = (
        services.join(payments.select("claim"), on="claim", how="semi")
        .join(
            batch.lines.select(
                "claim", "line", "line_control_number", "units", "service_from_on",
                qualifier=pl.when(pl.col("procedure").is_null()).then(pl.lit("NU"))
                .otherwise(pl.col("procedure_qualifier").fill_null("HC")),
            ),
            on=["claim", "line"],
            how="left",
            maintain_order="left",
        )
        .join(shown.select("claim", "stated_on"), on="claim", how="left", maintain_order="left")
    )  # fmt: skip
    last = pl.coalesce("dependent_name", "subscriber_name")
    forename = pl.coalesce("dependent_first_name", "subscriber_first_name")
    filing = pl.col("claim_filing_code").replace_strict(_FILING, default=pl.col("claim_filing_code"))
    status = pl.when(pl.col("all_denied")).then(pl.lit("4")).otherwise(pl.lit("1"))
    if reversed_status is not None:
        status = pl.lit(reversed_status)
    bodies = lines.select("claim", text=_service_text()).group_by("claim", maintain_order=True).agg(
        pl.col("text").str.join("")
    )  # fmt: skip
    denied = services.group_by("claim").agg(all_denied=pl.col("carc").is_not_null().all())
    receipt = pl.lit("")
    if received is not None:
        shown = shown.join(received, on="claim", how="left", maintain_order="left")
        receipt = pl.lit("DTM*050*") + pl.col("received_on").dt.strftime("%Y%m%d") + pl.lit("~\n")
    return (
        payments.join(shown, on="claim", how="left", maintain_order="left")
        .join(bodies, on="claim", how="left", maintain_order="left")
        .join(denied, on="claim", how="left", maintain_order="left")
        .with_columns(
            text=pl.concat_str(
                pl.lit("CLP"), "claim_id", status, _dollars("charge_cents"), _dollars("paid_cents"),
                _dollars("patient_cents"), filing, "control_number", separator="*",
            )
            + pl.concat_str(pl.lit("~\nNM1*QC*1"), last, forename,
                pl.lit("**"), pl.lit("MI"), "subscriber_member_id", separator="*")
            + pl.concat_str(pl.lit("~\nNM1*82*2******XX*"), "billing_npi", pl.lit("~\n"))
            + receipt + pl.col("text").fill_null("")
        )
        .select("payer", "paid_on", "paid_cents", "text")
    )  # fmt: skip


def _service_text() -> pl.Expr:
    def adjustment(group: str, reason: pl.Expr, column: str) -> pl.Expr:
        text = pl.concat_str(pl.lit(f"CAS*{group}*"), reason, pl.lit("*"), _dollars(column), pl.lit("~\n"))
        return pl.when(pl.col(column) != 0).then(text).otherwise(pl.lit(""))

    modifiers = (":" + pl.col("modifiers").replace("", None)).fill_null("")
    remark = (
        pl.when(pl.col("rarc").is_not_null()).then("LQ*HE*" + pl.col("rarc") + "~\n").otherwise(pl.lit(""))
    )
    units = pl.col("units").cast(pl.Float64).round(0).cast(pl.Int64).cast(pl.String).fill_null("1")
    return pl.concat_str(
        pl.lit("SVC*"), "qualifier", pl.lit(":"), "procedure", modifiers, pl.lit("*"),
        _dollars("charge_cents"), pl.lit("*"),
        _dollars("paid_cents"), pl.lit("**"), units, pl.lit("~\nDTM*472*"),
        pl.coalesce("service_from_on", "stated_on").dt.strftime("%Y%m%d"), pl.lit("~\n"),
        adjustment("CO", pl.lit("45"), "contractual_cents"),
        adjustment("CO", pl.col("carc").fill_null("A1"), "denied_cents"),
        adjustment("PR", pl.lit("2"), "patient_cents"),
        pl.when(pl.col("line_control_number").is_not_null())
        .then("REF*6R*" + pl.col("line_control_number") + "~\n")
        .otherwise(pl.lit("")),
        remark,
    )  # fmt: skip
