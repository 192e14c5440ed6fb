"""From a remittance to denials: one row per denied, reduced or recouped claim or line.

Each adjustment is compared with the causes by its group, reason, remarks and the facts of its claim. Which
cause it has is decided for every distinct combination once; everything else runs over columns.

Where several causes match one adjustment, the more specific one counts: what was known of the claim before a
remark code, a remark before a fact of the claim, that before a group code. Between equals, and between the
adjustments of one line, the order of `Category` decides, then the larger amount.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import polars as pl

from claimwright.domain.denial import NO_APPEAL_REMARKS, Stage, complete, empty

from .cause import KNOWN, Causes, load_causes
from .resolving import FACTS, KEY, ROOM, position_of, resolve

# CLP02: a reversal of an earlier payment; a predetermination, which is no payment. TR3 835, loop 2100.
REVERSAL, PREDETERMINATION = "22", "25"
DENIED = "4"

_ROW = ("payment", "claim", "line")
_AMOUNT = pl.Decimal(18, 2)


class RemittanceFrames(Protocol):
    """The frames of `read_835` that are needed here."""

    @property
    def payments(self) -> pl.DataFrame:
        """One row per payment."""

    @property
    def claims(self) -> pl.DataFrame:
        """One row per CLP."""

    @property
    def lines(self) -> pl.DataFrame:
        """One row per SVC."""

    @property
    def adjustments(self) -> pl.DataFrame:
        """One row per reason of a CAS."""

    @property
    def remarks(self) -> pl.DataFrame:
        """One row per remark code."""


def classify(
    remittance: RemittanceFrames,
    known: pl.DataFrame | None = None,
    *,
    causes: Causes | None = None,
    rules: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The denials of a remittance: the columns of `claimwright.domain.denial.SCHEMA`, by payment, claim,
    line.

    Predeterminations have no rows. A reversal has one only if no correction of the same claim in this
    remittance pays as much again: where a correction denies, its rows have the stage `recouped`; else a row
    of its own has the difference. Negative adjustments, which raise a payment, are never denials. A reason
    that no cause knows has the category `unknown`.

    Args:
        remittance: the frames of `read_835`.
        known: what was known of the claims: `claim` (the key of the remittance) and columns of `KNOWN`.
        causes: other causes than those of the package.
        rules: `code`, `carc` and `rarc` (lists) of our rules; with it, `rules` has only those that expect
        this
            combination of codes.
    """
    causes = causes or load_causes()
    claims = _claims(remittance, known)
    is_other = pl.col("claim_status").is_in([REVERSAL, PREDETERMINATION]).fill_null(value=False)
    current = claims.filter(is_other.not_())
    remarks = remittance.remarks.select("claim", "line", rarc="code").drop_nulls("rarc").unique()
    events = pl.concat(
        [
            _adjusted(remittance, current, causes),
            _changed(remittance, current),
            _unexplained(remittance, current),
        ]
    )
    rows = _rows(_judged(events, remittance, claims, remarks, causes), causes)
    taken = _taken_back(claims)
    if taken.height:
        corrected = (
            taken.select("corrections").explode("corrections").drop_nulls().rename({"corrections": "claim"})
        )
        rows = rows.with_columns(is_recouped=pl.col("claim").is_in(corrected["claim"].implode()))
        answered = taken.explode("corrections").filter(
            pl.col("corrections").is_in(rows["claim"].unique().implode())
        )
        silent = taken.join(answered.select("claim"), on="claim", how="anti")
        reversals = _event(silent.drop("corrections"), "reversal")
        more = _rows(_judged(reversals, remittance, claims, remarks, causes), causes)
        rows = pl.concat([rows, more.with_columns(is_recouped=pl.lit(value=True))])
    else:
        rows = rows.with_columns(is_recouped=pl.lit(value=False))
    if rows.is_empty():
        return empty()
    rows = _with_remarks(_staged(rows, remittance, claims, causes), remarks)
    return complete(_with_words(rows, causes, rules)).sort("payment", "claim", "line", nulls_last=False)


def _claims(remittance: RemittanceFrames, known: pl.DataFrame | None) -> pl.DataFrame:
    """`claim`, its keys and facts; `known` joined."""
    payers = remittance.payments.select("payment", "payer_id").unique("payment", maintain_order=True)
    claims = remittance.claims.select(
        "payment", "claim", "segment", "claim_id", *FACTS, "charge", claim_paid="paid"
    ).join(payers, on="payment", how="left")
    given = [] if known is None else [name for name in KNOWN if name in known.columns]
    if known is not None and given:
        claims = claims.join(known.select("claim", *given).unique("claim"), on="claim", how="left")
    return claims.with_columns(pl.lit(None, pl.Boolean).alias(name) for name in KNOWN if name not in given)


_EVENT = {
    "kind": pl.String(), "payment": pl.Int64(), "claim": pl.Int64(), "line": pl.Int64(), "segment":
    pl.Int64(), "group": pl.String(), "carc": pl.String(), "amount": _AMOUNT,
}  # fmt: skip


def _event(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    given = {"kind": pl.lit(kind)} | {
        name: pl.col(name) if name in frame.columns else pl.lit(None) for name in _EVENT if name != "kind"
    }
    return frame.select(given[name].cast(dtype).alias(name) for name, dtype in _EVENT.items())


def _adjusted(remittance: RemittanceFrames, claims: pl.DataFrame, causes: Causes) -> pl.DataFrame:
    """Adjustments that could be denials."""
    rows = remittance.adjustments.rename({"reason": "carc"}).filter(
        pl.col("carc").is_not_null() | pl.col("amount").is_not_null(),
        pl.col("amount").is_null() | (pl.col("amount") > 0),
    )
    pairs = rows.select("group", "carc").unique()
    settled = [never_denied(group, carc, causes) for group, carc in pairs.iter_rows()]
    open_pairs = pairs.filter(pl.Series(settled, dtype=pl.Boolean).not_())
    # Most adjustments are contractual: the reason alone leaves few for the join.
    reasons = open_pairs["carc"].unique().implode()
    rows = rows.filter(pl.col("carc").is_in(reasons, nulls_equal=True)).join(
        open_pairs, on=["group", "carc"], how="semi", nulls_equal=True
    )
    return _event(rows.join(claims.select("claim"), on="claim", how="semi"), "adjustment")


def never_denied(group: str | None, carc: str | None, causes: Causes) -> bool:
    """Whether no remark and no fact can make a denial of this group and reason."""
    candidates = causes.by_carc.get(("adjustment", carc), [])
    possible = [position for _, position, match in candidates if not match.groups or group in match.groups]
    always = any(
        match.specificity <= 1 for _, _, match in candidates if not match.groups or group in match.groups
    )
    return always and not any(causes.causes[position].denial for position in possible)


def _changed(remittance: RemittanceFrames, claims: pl.DataFrame) -> pl.DataFrame:
    """Lines that were paid as another procedure than billed (SVC06)."""
    lines = remittance.lines
    if "original_procedure" not in lines.columns:
        return pl.DataFrame(schema=_EVENT)
    rows = lines.filter(
        pl.col("original_procedure").is_not_null(),
        pl.col("original_procedure") != pl.col("procedure"),
        pl.col("paid") > 0,
    ).join(claims.select("claim"), on="claim", how="semi")
    # How many dollars it costs follows from the expected payment, not from the remittance.
    return _event(rows.with_columns(amount=pl.lit(0)), "procedure_changed")


def _unexplained(remittance: RemittanceFrames, claims: pl.DataFrame) -> pl.DataFrame:
    """Denied claims without any adjustment."""
    rows = claims.filter(pl.col("claim_status") == DENIED, pl.col("charge") > 0).join(
        remittance.adjustments.select("claim"), on="claim", how="anti"
    )
    return _event(rows.with_columns(amount=pl.col("charge")), "no_reason")


def _taken_back(claims: pl.DataFrame) -> pl.DataFrame:
    """One row for each claim number of a payer whose payment was reversed and not made good.

    `payment`, `claim` and `segment` of the first reversal, `amount` taken back less what the corrections
    pay, and the claims that are `corrections` of it.
    """
    number = pl.coalesce("claim_id", pl.format("#{}", "claim"))
    keyed = claims.with_columns(number=number, is_reversal=pl.col("claim_status") == REVERSAL)
    key = ["payer_id", "number"]
    reversed_ones = keyed.filter("is_reversal", pl.col("claim_paid") < 0)
    taken = reversed_ones.group_by(key, maintain_order=True).agg(
        pl.col("payment", "claim", "segment").first(), taken=-pl.col("claim_paid").sum()
    )
    again = (
        keyed.filter(pl.col("is_reversal").fill_null(value=False).not_())
        .join(taken.select(key), on=key, how="semi", nulls_equal=True)
        .group_by(key)
        .agg(corrections="claim", paid_again=pl.col("claim_paid").sum())
    )
    return (
        taken.join(again, on=key, how="left", nulls_equal=True)
        .with_columns(amount=pl.col("taken") - pl.col("paid_again").fill_null(0))
        .filter(pl.col("amount") > 0)
        .select("payment", "claim", "segment", "amount", "corrections")
    )


def _judged(
    events: pl.DataFrame,
    remittance: RemittanceFrames,
    claims: pl.DataFrame,
    remarks: pl.DataFrame,
    causes: Causes,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The events with the position of their cause, `best`; and `event`, `position` of causes of other
    remarks that are as specific.
    """
    events = events.with_row_index("event")
    touched = events["claim"].unique().implode()
    paid = remittance.lines.select("claim", "line", line_paid="paid").filter(pl.col("claim").is_in(touched))
    claims = claims.filter(pl.col("claim").is_in(touched))
    remarks = remarks.filter(pl.col("claim").is_in(touched))
    facts = (
        events.join(claims.select("claim", *FACTS, "claim_paid", *KNOWN), on="claim", how="left")
        .join(paid, on=["claim", "line"], how="left")
        .with_columns(paid=pl.coalesce("line_paid", "claim_paid") > 0)
        .select("event", "claim", "line", *(name for name in KEY if name != "rarc"))
    )
    of_claim = remarks.filter(pl.col("line").is_null()).select("claim", "rarc")
    of_line = remarks.drop_nulls("line")
    asked = pl.concat(
        [
            facts.with_columns(rarc=pl.lit(None, pl.String)),
            facts.join(of_claim, on="claim"),
            facts.join(of_line, on=["claim", "line"]),
        ],
        how="diagonal",
    )
    combinations = asked.group_by(KEY).agg("event")
    packed = [resolve(key, causes) for key in combinations.select(KEY).iter_rows(named=True)]
    long = (
        combinations.select("event", packed=pl.Series(packed, dtype=pl.Int64))
        .explode("event")
        .filter(pl.col("packed") >= 0)
    )
    best = long.group_by("event").agg(best=pl.col("packed").max())
    also = (
        long.join(best, on="event")
        .filter(pl.col("packed") // ROOM == pl.col("best") // ROOM, pl.col("packed") != pl.col("best"))
        .select("event", position=position_of("packed"))
    )
    return events.join(best.with_columns(best=position_of("best")), on="event"), also


def _rows(judged: tuple[pl.DataFrame, pl.DataFrame], causes: Causes) -> pl.DataFrame:
    """One row for each claim or line that has a denial among its events."""
    events, also = judged
    denials = [number for number, cause in enumerate(causes.causes) if cause.denial]
    kept = (
        events.filter(pl.col("best").is_in(denials))
        .sort(
            [*_ROW, "best", "amount", "event"],
            descending=[False, False, False, False, True, False],
            nulls_last=True,
        )
        .with_columns(row=pl.struct(_ROW).rle_id())
    )
    unreadable = pl.col("amount").null_count() > 0
    rows = kept.group_by("row", maintain_order=True).agg(
        pl.col(*_ROW, "segment", "kind", "group", "carc", "best").first(),
        amount=pl.when(unreadable).then(None).otherwise(pl.col("amount").sum()),
    )
    others = pl.concat(
        [
            kept.select("row", position=pl.col("best").cast(pl.Int64)),
            kept.select("event", "row").join(also, on="event").select("row", "position"),
        ]
    ).unique()
    codes = pl.DataFrame({"position": range(len(causes)), "code": [cause.code for cause in causes.causes]})
    listed = (
        others.join(rows.select("row", "best"), on="row")
        .filter(pl.col("position") != pl.col("best"))
        .sort("row", "position")
        .join(codes, on="position", maintain_order="left")
        .group_by("row")
        .agg(further_causes="code")
    )
    return rows.join(listed, on="row", how="left").drop("row")


def _staged(
    rows: pl.DataFrame, remittance: RemittanceFrames, claims: pl.DataFrame, causes: Causes
) -> pl.DataFrame:
    """The rows with `stage`."""
    named = {
        number: cause.stage.value for number, cause in enumerate(causes.causes) if cause.stage is not None
    }
    own = pl.col("best").replace_strict(named, default=None, return_dtype=pl.String)
    touched = rows["claim"].unique().implode()
    paid = remittance.lines.select("claim", "line", line_paid="paid").filter(pl.col("claim").is_in(touched))
    something_paid = pl.col("claim_paid") > 0
    line_paid = pl.coalesce("line_paid", "claim_paid") > 0
    stage = (
        pl.when("is_recouped")
        .then(pl.lit(Stage.RECOUPED.value))
        .when(own == Stage.BUNDLED.value)
        .then(own)
        .when((own == Stage.DOWNCODED.value) & line_paid)
        .then(own)
        .when(something_paid)
        .then(pl.lit(Stage.PARTIALLY_DENIED.value))
        .otherwise(pl.lit(Stage.DENIED.value))
    )
    return (
        rows.join(claims.select("claim", "claim_paid"), on="claim", how="left")
        .join(paid, on=["claim", "line"], how="left")
        .with_columns(stage=stage)
    )


def _with_remarks(rows: pl.DataFrame, remarks: pl.DataFrame) -> pl.DataFrame:
    """The rows with `rarcs` and `appealable`."""
    keyed = rows.with_row_index("row")
    of_claim = remarks.filter(pl.col("line").is_null()).select("claim", "rarc")
    of_line = remarks.drop_nulls("line")
    long = pl.concat(
        [
            keyed.select("row", "claim").join(of_claim, on="claim").select("row", "rarc"),
            keyed.select("row", "claim", "line").join(of_line, on=["claim", "line"]).select("row", "rarc"),
        ]
    ).unique()
    listed = long.sort("row", "rarc").group_by("row").agg(rarcs="rarc")
    final = long.filter(pl.col("rarc").is_in(sorted(NO_APPEAL_REMARKS)))["row"].unique()
    return (
        keyed.join(listed, on="row", how="left")
        .with_columns(
            rarcs=pl.col("rarcs").fill_null(pl.lit([], pl.List(pl.String))),
            appealable=pl.col("row").is_in(final.implode()).not_(),
        )
        .drop("row")
    )


def _with_words(rows: pl.DataFrame, causes: Causes, rules: pl.DataFrame | None) -> pl.DataFrame:
    """The rows with what the classification says of their causes."""
    listed = causes.causes
    words = pl.DataFrame(
        {
            "best": range(len(listed)),
            "root_cause": [cause.code for cause in listed],
            "category": [cause.category.value for cause in listed],
            "preventable": [cause.preventable for cause in listed],
            "recoverable": [cause.recoverable for cause in listed],
            "responsible": [cause.responsible.value for cause in listed],
            "usual_step": [cause.next_step.value for cause in listed],
            "core_scenario": [cause.core_scenario and int(cause.core_scenario) for cause in listed],
            "rules": [list(cause.rules) for cause in listed],
        },
        schema_overrides={"best": pl.Int64(), "core_scenario": pl.Int8(), "rules": pl.List(pl.String())},
    )
    rows = rows.join(words, on="best", how="left").with_columns(
        pl.col("further_causes").fill_null(pl.lit([], pl.List(pl.String)))
    )
    return rows if rules is None else _with_rules(rows, rules)


def _with_rules(rows: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """`rules` are those that expect this reason, and one of these remarks where they name any."""
    expected = [
        (str(code), frozenset(carc or ()), frozenset(rarc or ()))
        for code, carc, rarc in rules.select("code", "carc", "rarc").iter_rows()
    ]

    def catching(carc: str | None, rarcs: Iterable[str]) -> list[str]:
        given = set(rarcs)
        return sorted(
            code for code, reasons, notes in expected if carc in reasons and (not notes or notes & given)
        )

    distinct = rows.select("carc", "rarcs").unique()
    found = [catching(carc, rarcs) for carc, rarcs in distinct.iter_rows()]
    distinct = distinct.with_columns(rules=pl.Series(found, dtype=pl.List(pl.String)))
    return rows.drop("rules").join(distinct, on=["carc", "rarcs"], how="left", nulls_equal=True)
