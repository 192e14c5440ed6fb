"""The segments of a remittance as text, from its frames, in order.

Each frame gives the segments of its rows, with the keys by which all are sorted: zone of the transaction,
batch, claim, line, position in the guide, and position in the file from which they were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from claimwright.domain.dictionary import Kind
from claimwright.engines.x12.syntax.writing import (
    ELEMENT,
    composite,
    refuse_control_characters,
    value_text,
)

from .layout import (
    ADJUSTMENT_TRIPLETS,
    BATCH_COLUMNS,
    CLAIM_COLUMNS,
    LINE_COLUMNS,
    PAYMENT_COLUMNS,
    PROVIDER_ADJUSTMENT_PAIRS,
    REPEATING,
    Column,
)
from .remittance import Remittance, schemas

# Zones of a transaction, in order; within each, segments are sorted by claim, line and position.
_HEADER, _PAYER, _PAYEE, _DETAIL, _SUMMARY = range(5)
# Positions of segments in their loop, as in the guide.
_AT = {
    "BPR": 200,
    "TRN": 400,
    "CUR": 500,
    "N1": 800,
    "N3": 1000,
    "N4": 1100,
    "RDM": 1400,
    "LX": 30,
    "TS3": 50,
    "TS2": 70,
    "CLP": 100,
    "NM1": 300,
    "MIA": 330,
    "MOA": 350,
    "SVC": 700,
    "PLB": 100,
}
_AT_HEADER = {"REF": 600, "DTM": 700}
_AT_PAYER = {"REF": 1200, "PER": 1300}
_AT_CLAIM = {"CAS": 200, "REF": 400, "DTM": 500, "PER": 600, "AMT": 620, "QTY": 640}
_AT_LINE = {"CAS": 900, "REF": 1000, "DTM": 800, "AMT": 1100, "QTY": 1200, "LQ": 1300}
_PARTIES = {
    "patient": "QC",
    "subscriber": "IL",
    "corrected": "74",
    "rendering": "82",
    "crossover_payer": "TT",
    "corrected_payer": "PR",
    "other_subscriber": "GB",
}
_ORGANIZATIONS = ("crossover_payer", "corrected_payer")
_OF_HEADER, _OF_PAYER = ("EV", "F2"), ("2U", "EO", "HI", "NF")
_KEYS = ("payment", "zone", "batch", "claim", "line", "position", "segment", "tie")
_LATE = pl.lit(2**62, pl.Int64)
BATCH_POSITION = _AT["LX"]
"""The position of the segments that open a batch: no other has it."""


def segment_rows(part: Remittance, with_batch: int | None) -> pl.DataFrame:
    """All segments of a part from BPR to PLB, in order: payment, position and text.

    `with_batch` is a payment that already has a batch, from an earlier part.
    """
    for name in schemas():
        if name != "faults":
            refuse_control_characters(name, getattr(part, name))
    made = [*_headings(part), *_batches(part, with_batch), *_claims(part), *_lines(part)]
    made += [*_adjustments(part), *_repeated(part), *_remarks(part), *_provider_adjustments(part)]
    rows = pl.concat(made, how="diagonal").with_columns(
        pl.col("claim", "line").fill_null(0), pl.col("segment").fill_null(_LATE), pl.col("tie").fill_null(0)
    )
    of_claim = part.claims.select("claim", claim_batch="batch")
    rows = rows.join(of_claim, on="claim", how="left").with_columns(
        batch=pl.coalesce("batch", "claim_batch", pl.lit(0, pl.Int64))
    )
    return rows.sort(_KEYS, maintain_order=True).select("payment", "position", "text")


def _text(tag: str, elements: dict[int, pl.Expr]) -> pl.Expr:
    """A segment; without trailing empty elements."""
    last = max(elements)
    parts = [elements.get(place, pl.lit("")).fill_null("") for place in range(1, last + 1)]
    whole = pl.concat_str([pl.lit(tag), *parts], separator=ELEMENT)
    return whole.str.strip_chars_end(ELEMENT).alias("text")


def _elements(columns: Iterable[Column], tag: str, qualifier: str | None = None) -> dict[int, pl.Expr]:
    """The elements of a segment from the columns of a table that come from it."""
    made: dict[int, pl.Expr] = {}
    components: dict[int, dict[int, pl.Expr]] = {}
    for column in columns:
        wanted = (qualifier,) if qualifier else ()
        if column.tag != tag or column.qualifiers != wanted or column.only is not None:
            continue
        value = value_text(column.name, column.kind)
        if column.component:
            components.setdefault(column.element, {})[column.component] = value
        else:
            made[column.element] = value
    return made | {element: composite(parts) for element, parts in components.items()}


def _placed(
    frame: pl.DataFrame, zone: int, position: int | pl.Expr, text: pl.Expr, *, tie: int | pl.Expr = 0
) -> pl.DataFrame:
    """Segments with their sort keys."""
    keys = [name for name in ("payment", "batch", "claim", "line", "segment") if name in frame.columns]
    at = pl.lit(position, pl.Int64) if isinstance(position, int) else position.cast(pl.Int64)
    second = pl.lit(tie, pl.Int64) if isinstance(tie, int) else tie.cast(pl.Int64)
    if "batch" in keys and "claim" in keys:
        keys.remove("batch")
    return frame.select(*keys, text, zone=pl.lit(zone, pl.Int64), position=at, tie=second).filter(
        pl.col("text").is_not_null()
    )


def _held(elements: dict[int, pl.Expr]) -> pl.Expr:
    """Whether any of these elements has a value."""
    return pl.any_horizontal([value.is_not_null() for value in elements.values()])


def _headings(part: Remittance) -> Iterator[pl.DataFrame]:
    payments = part.payments
    bpr = _elements(PAYMENT_COLUMNS, "BPR")
    amount = pl.col("payment_amount").fill_null(0)
    method = pl.when(amount == 0).then(pl.lit("NON")).otherwise(pl.lit("CHK"))
    bpr |= {
        1: pl.coalesce(bpr[1], pl.when(amount == 0).then(pl.lit("H")).otherwise(pl.lit("I"))),
        2: bpr[2].fill_null("0"),
        3: bpr[3].fill_null("C"),
        4: pl.coalesce(bpr[4], method),
    }
    yield _placed(payments, _HEADER, _AT["BPR"], _text("BPR", bpr))
    trn = _elements(PAYMENT_COLUMNS, "TRN")
    traced = payments.filter(_held(trn))
    yield _placed(traced, _HEADER, _AT["TRN"], _text("TRN", {1: pl.lit("1"), **trn}))
    yield _placed(
        payments.filter(pl.col("currency").is_not_null()),
        _HEADER,
        _AT["CUR"],
        _text("CUR", {1: pl.lit("PR"), 2: pl.col("currency")}),
    )
    known = pl.coalesce(
        pl.col("payee_id_qualifier"),
        pl.when(pl.col("payee_npi").is_not_null()).then(pl.lit("XX")),
        pl.when(pl.col("payee_tax_id").is_not_null()).then(pl.lit("FI")),
    )
    number = pl.coalesce(pl.col("payee_id"), pl.col("payee_npi"), pl.col("payee_tax_id"))
    plan = pl.coalesce(
        pl.col("payer_id_qualifier"), pl.when(pl.col("payer_plan_id").is_not_null()).then(pl.lit("XV"))
    )
    plan_number = pl.coalesce("payer_id", "payer_plan_id")
    for zone, loop, entity, qualifier, id_ in (
        (_PAYER, "1000A", "PR", plan, plan_number),
        (_PAYEE, "1000B", "PE", known, number),
    ):
        columns = [column for column in PAYMENT_COLUMNS if column.loop == loop]
        names = {1: pl.lit(entity), **_elements(columns, "N1"), 3: qualifier, 4: id_}
        held = pl.any_horizontal(
            pl.col(columns[0].name).is_not_null(), qualifier.is_not_null(), id_.is_not_null()
        )
        yield _placed(payments.filter(held), zone, _AT["N1"], _text("N1", names))
        for tag in ("N3", "N4", "RDM"):
            elements = _elements(columns, tag)
            if elements:
                yield _placed(payments.filter(_held(elements)), zone, _AT[tag], _text(tag, elements))
    yield from _payment_references(part)


def _payment_references(part: Remittance) -> Iterator[pl.DataFrame]:
    references = _with_columns_of(
        part.payment_references.select("payment", "segment", "qualifier", "value"),
        part.payments,
        ("payment",),
        {
            "EV": pl.col("receiver_id"),
            "F2": pl.col("version"),
            "2U": pl.col("payer_number"),
            "NF": pl.col("payer_naic"),
            "TJ": pl.when(
                pl.coalesce("payee_id", "payee_npi", "payee_tax_id") != pl.col("payee_tax_id")
            ).then("payee_tax_id"),
        },
        "value",
    )
    text = _text("REF", {1: pl.col("qualifier"), 2: pl.col("value")})
    of_header, of_payer = pl.col("qualifier").is_in(_OF_HEADER), pl.col("qualifier").is_in(_OF_PAYER)
    yield _placed(references.filter(of_header), _HEADER, _AT_HEADER["REF"], text)
    yield _placed(references.filter(of_payer), _PAYER, _AT_PAYER["REF"], text)
    others = references.filter(~of_header & ~of_payer)
    yield _placed(others, _PAYEE, _AT_PAYER["REF"], text)


def _with_columns_of(
    rows: pl.DataFrame,
    owners: pl.DataFrame,
    keys: tuple[str, ...],
    values: dict[str, pl.Expr],
    name: str,
) -> pl.DataFrame:
    """Rows by qualifier, and those that their owners have only as a column."""
    held = owners.select(*keys, **values) if values else owners.clear()
    wide = [qualifier for qualifier in values if held[qualifier].null_count() < held.height]
    if not wide:
        return rows
    extra = held.unpivot(wide, index=list(keys), variable_name="qualifier", value_name=name).drop_nulls(name)
    extra = extra.join(rows, on=[*keys, "qualifier"], how="anti", nulls_equal=True, maintain_order="left")
    return pl.concat([rows, extra], how="diagonal") if extra.height else rows


def _batches(part: Remittance, with_batch: int | None) -> Iterator[pl.DataFrame]:
    batches = part.batches
    lx = _elements(BATCH_COLUMNS, "LX")
    yield _placed(batches, _DETAIL, _AT["LX"], _text("LX", {1: lx[1].fill_null("1")}))
    for tag in ("TS3", "TS2"):
        elements = _elements(BATCH_COLUMNS, tag)
        yield _placed(batches.filter(_held(elements)), _DETAIL, _AT[tag], _text(tag, elements))
    # Claims without a batch get one, because the guide requires it.
    bare = part.claims.filter(pl.col("batch").is_null(), pl.col("payment") != (with_batch or 0))
    bare = bare.select("payment", batch=pl.lit(0, pl.Int64)).unique(maintain_order=True)
    if bare.height:
        yield _placed(bare, _DETAIL, _AT["LX"], _text("LX", {1: pl.lit("1")}))


def _claims(part: Remittance) -> Iterator[pl.DataFrame]:
    claims = part.claims
    yield _placed(claims, _DETAIL, _AT["CLP"], _text("CLP", _elements(CLAIM_COLUMNS, "CLP")))
    for tie, (party, qualifier) in enumerate(_PARTIES.items()):
        elements = _elements(CLAIM_COLUMNS, "NM1", qualifier)
        if party == "rendering":
            npi = pl.when(pl.col("rendering_npi").is_not_null()).then(pl.lit("XX"))
            elements[8] = pl.coalesce(elements[8], npi)
            elements[9] = pl.coalesce(elements[9], pl.col("rendering_npi"))
        own = claims.filter(_held(elements))
        if not own.height:
            continue
        if party in _ORGANIZATIONS:
            elements[2] = pl.lit("2")
        elements[2] = elements[2].fill_null("1")
        text = _text("NM1", {1: pl.lit(qualifier), **elements})
        yield _placed(own, _DETAIL, _AT["NM1"], text, tie=tie)


def _lines(part: Remittance) -> Iterator[pl.DataFrame]:
    yield _placed(part.lines, _DETAIL, _AT["SVC"], _text("SVC", _elements(LINE_COLUMNS, "SVC")))


def _adjustments(part: Remittance) -> Iterator[pl.DataFrame]:
    own = part.adjustments
    if not own.height:
        return
    # The triplets of one segment stay together; otherwise those of a group, six to a segment.
    keys = ["payment", "claim", "line", "segment", "group"]
    numbered = own.with_columns(
        tie=pl.int_range(pl.len(), dtype=pl.Int64).over(keys) // ADJUSTMENT_TRIPLETS,
        first=pl.int_range(pl.len(), dtype=pl.Int64),
    )
    triplet = pl.concat_str(
        [
            pl.col("reason").fill_null(""),
            value_text("amount", Kind.AMOUNT).fill_null(""),
            value_text("quantity", Kind.QUANTITY).fill_null(""),
        ],
        separator=ELEMENT,
    )
    joined = numbered.group_by([*keys, "tie"], maintain_order=True).agg(
        triplet.str.join(ELEMENT).alias("triplets"), pl.col("first").min()
    )
    text = _text("CAS", {1: pl.col("group"), 2: pl.col("triplets")})
    yield _placed(joined, _DETAIL, _of_line(_AT_CLAIM["CAS"], _AT_LINE["CAS"]), text, tie=pl.col("first"))


def _of_line(of_claim: int, of_line: int) -> pl.Expr:
    return pl.when(pl.col("line").is_null()).then(of_claim).otherwise(of_line)


def _repeated(part: Remittance) -> Iterator[pl.DataFrame]:
    claims, lines = part.claims, part.lines
    claim_keys, line_keys = ("payment", "claim"), ("payment", "claim", "line")
    of_claim = {
        "dates": {
            "036": pl.col("coverage_expires_on"),
            "050": pl.col("received_on"),
            "232": pl.col("service_from_on"),
            "233": pl.col("service_to_on"),
        },
        "amounts": {"AU": pl.col("coverage_amount"), "I": pl.col("interest")},
    }
    one_day = (
        pl.col("service_from_on").eq_missing(pl.col("service_to_on")) | pl.col("service_to_on").is_null()
    )
    of_line: dict[str, dict[str, pl.Expr]] = {
        "dates": {
            "150": pl.when(~one_day).then("service_from_on"),
            "151": pl.when(~one_day).then("service_to_on"),
            "472": pl.when(one_day).then("service_from_on"),
        },
        "amounts": {"B6": pl.col("allowed")},
        "references": {"6R": pl.col("control"), "HPI": pl.col("rendering_npi")},
    }
    for name in ("references", "dates", "amounts", "quantities", "contacts"):
        tag, _, columns = REPEATING[name]
        rows: pl.DataFrame = getattr(part, name)
        value = columns[1][0]
        rows = _with_columns_of(rows, claims, claim_keys, of_claim.get(name, {}), value)
        dated = rows.filter(pl.col("line").is_not_null()) if "line" in rows.columns else rows.clear()
        undated = lines.join(dated, on=list(line_keys), how="anti") if name == "dates" else lines
        rows = _with_columns_of(rows, undated, line_keys, of_line.get(name, {}), value)
        if name == "dates":
            produced = {"405": pl.col("produced_on")}
            rows = _with_columns_of(rows, part.payments, ("payment",), produced, value)
        text = _text(tag, {at: value_text(column, kind) for column, at, kind in columns})
        of_heading = rows.filter(pl.col("claim").is_null())
        if of_heading.height:
            zone, at = (_HEADER, _AT_HEADER["DTM"]) if name == "dates" else (_PAYER, _AT_PAYER["PER"])
            yield _placed(of_heading, zone, at, text)
        rows = rows.filter(pl.col("claim").is_not_null())
        yield _placed(rows, _DETAIL, _of_line(_AT_CLAIM[tag], _AT_LINE.get(tag, 0)), text)
    for name in ("inpatient", "outpatient"):
        tag, _, columns = REPEATING[name]
        text = _text(tag, {at: value_text(column, kind) for column, at, kind in columns})
        yield _placed(getattr(part, name), _DETAIL, _AT[tag], text)


def _remarks(part: Remittance) -> Iterator[pl.DataFrame]:
    for frame, kind in ((part.remarks, "HE"), (part.pharmacy_codes, "RX")):
        own = frame.filter(pl.col("line").is_not_null())
        text = _text("LQ", {1: pl.lit(kind), 2: pl.col("code")})
        yield _placed(own, _DETAIL, _AT_LINE["LQ"], text)
    # Those of claims stand in MIA or MOA; without either, they are written as MOA.
    own = part.remarks.filter(pl.col("line").is_null())
    for frame in (part.inpatient, part.outpatient):
        own = own.join(frame.select("claim"), on="claim", how="anti", maintain_order="left")
    if own.height:
        joined = own.group_by("payment", "claim", maintain_order=True).agg(
            pl.col("segment").min(), codes=pl.col("code").head(5).str.join(ELEMENT)
        )
        yield _placed(joined, _DETAIL, _AT["MOA"], _text("MOA", {3: pl.col("codes")}))


def _provider_adjustments(part: Remittance) -> Iterator[pl.DataFrame]:
    own = part.provider_adjustments
    if not own.height:
        return
    keys = ["payment", "segment", "provider_id", "fiscal_period_on"]
    numbered = own.with_columns(
        tie=pl.int_range(pl.len(), dtype=pl.Int64).over(keys) // PROVIDER_ADJUSTMENT_PAIRS,
        first=pl.int_range(pl.len(), dtype=pl.Int64),
    )
    pair = pl.concat_str(
        [
            composite({1: pl.col("reason"), 2: pl.col("reference")}).fill_null(""),
            value_text("amount", Kind.AMOUNT).fill_null(""),
        ],
        separator=ELEMENT,
    )
    joined = numbered.group_by([*keys, "tie"], maintain_order=True).agg(
        pair.str.join(ELEMENT).alias("pairs"), pl.col("first").min()
    )
    elements = {1: pl.col("provider_id"), 2: value_text("fiscal_period_on", Kind.DATE), 3: pl.col("pairs")}
    yield _placed(joined, _SUMMARY, _AT["PLB"], _text("PLB", elements), tie=pl.col("first"))
