"""The segments of claims as rows of text with a sort key, before sorting."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Kind, Level
from claimwright.engines.x12.native.widths import require_at_most
from claimwright.engines.x12.syntax.grammar import qualifier_place
from claimwright.engines.x12.syntax.writing import ELEMENT, UnwritableError, composite, value_text

from .layout import DIAGNOSIS_CODES, GUIDE_OF_FORM, Domain, domain_of
from .templates import Template, labels_of, templates
from .transaction import claims_grammar

# A sort key is one number: claim, loop in the claim, row of that loop, loop in the row, repetition,
# segment in the loop, and a tie-break. Widths in bits, from the right.
_TIE, _ORDER, _OCCURRENCE, _LOOP, _ROW, _SECTION = 7, 7, 6, 6, 16, 6
_SHIFT_ORDER = _TIE
_SHIFT_OCCURRENCE = _SHIFT_ORDER + _ORDER
_SHIFT_LOOP = _SHIFT_OCCURRENCE + _OCCURRENCE
_SHIFT_ROW = _SHIFT_LOOP + _LOOP
_SHIFT_SECTION = _SHIFT_ROW + _ROW
_SHIFT_CLAIM = _SHIFT_SECTION + _SECTION
MAX_CLAIMS = 1 << (64 - _SHIFT_CLAIM)
MAX_ROWS = (1 << _ROW) - 1
_LAST = (1 << _ORDER) - 1

_SECTIONS = {Domain.OTHER_PAYER: "2320", Domain.LINE: "2400", Domain.ADJUDICATION: "2400"}
_HI_COMPONENTS = {
    Level.DIAGNOSIS: {1: "diagnosis_qualifier", 2: "diagnosis", 9: "poa"},
    Level.PROCEDURE: {1: "surgical_procedure_qualifier", 2: "surgical_procedure", 4: "surgical_procedure_on"},
    Level.INSTITUTIONAL_CODE: {
        1: "institutional_code_list",
        2: "institutional_code",
        4: "institutional_code_from_on",
        5: "institutional_code_amount",
    },
}
_SEGMENTS_OF_ROWS = (
    (Level.NOTE, "NTE", {0: "note_type", 1: "note"}),
    (
        Level.ATTACHMENT,
        "PWK",
        {
            0: "attachment_type",
            1: "attachment_transmission",
            4: "attachment_id_qualifier",
            5: "attachment_control_number",
        },
    ),
    (
        Level.CERTIFICATION,
        "CRC",
        {
            0: "certification_category",
            1: "certification_applies",
            **{n + 1: f"certification_condition_{n}" for n in range(1, 6)},
        },
    ),
)
_COMPOSITES_OF_HI = 12
_TRIPLETS_OF_CAS = 6
_PIECE = {"key": pl.UInt64, "text": pl.String}


@cache
def loop_orders(form: str) -> dict[str, int]:
    """The position of each loop in a claim: the hierarchy first, then the guide's order."""
    guide = claims_grammar().guides[claims_grammar().guide_number(GUIDE_OF_FORM[form])]
    above = (Domain.TRANSACTION, Domain.BILLING, Domain.SUBSCRIBER, Domain.PATIENT)
    names = [loop.name for loop in guide.loops]
    ordered = sorted(
        names, key=lambda name: above.index(domain_of(name)) if domain_of(name) in above else len(above)
    )
    require_at_most(len(ordered), min(1 << _SECTION, 1 << _LOOP), "loops of one guide in a sort key")
    return {name: place for place, name in enumerate(ordered)}


def key(
    form: str,
    loop: str,
    order: pl.Expr | int,
    *,
    row: pl.Expr | None = None,
    occurrence: pl.Expr | None = None,
) -> pl.Expr:
    """The sort key of a segment of a loop; the column `at` numbers the claims."""
    orders = loop_orders(form)
    section = orders[_SECTIONS.get(domain_of(loop), loop)]
    number = pl.col("at").cast(pl.UInt64) * (1 << _SHIFT_CLAIM) + section * (1 << _SHIFT_SECTION)
    if row is not None:
        number += row.cast(pl.UInt64) * (1 << _SHIFT_ROW)
    number += orders[loop] * (1 << _SHIFT_LOOP)
    if occurrence is not None:
        number += occurrence.cast(pl.UInt64).clip(0, (1 << _OCCURRENCE) - 1) * (1 << _SHIFT_OCCURRENCE)
    placed = pl.lit(order, dtype=pl.UInt64) if isinstance(order, int) else order.cast(pl.UInt64)
    return (number + placed * (1 << _SHIFT_ORDER)).alias("key")


def claim_of(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """The position of each sort key's claim."""
    return (keys >> np.uint64(_SHIFT_CLAIM)).astype(np.int64)


class SegmentRows:
    """All segments of the claims of one form. `at` maps claim ordinals to their position in the output."""

    def __init__(
        self, form: str, batch: ClaimBatch, at: pl.DataFrame, opening: dict[Domain, pl.DataFrame]
    ) -> None:
        self.form = form
        self.batch = _with_line_numbers(batch)
        self.at = at
        self.opening = opening
        self.made: list[pl.DataFrame] = []
        self.verbatim = batch.segments.join(at, on="claim")

    def all(self) -> pl.DataFrame:
        """Key and text of every segment, unsorted."""
        for template in templates(self.form):
            self._from_template(template)
        for level in _HI_COMPONENTS:
            self._health_codes(level)
        for level, tag, elements in _SEGMENTS_OF_ROWS:
            frame = self.batch.frame(level).join(self.at, on="claim", maintain_order="left")
            for loop in ("2300", "2400"):
                self._segment_rows(frame, loop, tag, elements)
        surfaces = composite({n: pl.col(f"tooth_surface_{n}") for n in range(1, 6)})
        teeth = self.batch.teeth.with_columns(tooth_surfaces=surfaces).join(self.at, on="claim")
        self._segment_rows(teeth, "2400", "TOO", {0: "tooth_system", 1: "tooth", 2: "tooth_surfaces"})
        self._segment_rows(teeth, "2300", "DN2", {0: "tooth", 1: "tooth_status", 5: "tooth_system"})
        self._adjustments()
        self._verbatim()
        return pl.concat(self.made) if self.made else pl.DataFrame(schema=_PIECE)

    def _add(self, frame: pl.DataFrame) -> None:
        if frame.height:
            self.made.append(frame.select("key", "text").cast({"key": pl.UInt64}))

    def _from_template(self, template: Template) -> None:
        source = self.batch.frame(template.level)
        names = dict.fromkeys((*template.names, *template.inside))
        inside = self._verbatim_inside(template)
        if not (template.is_each_row or inside is not None) and all(
            source[name].null_count() == source.height for name in names
        ):
            return
        keys: list[str] = [
            name for name in ("claim", "line", "other_payer", "adjudication") if name in source.columns
        ]
        columns = source.select(*keys, *names)
        if template.has_every_channel and template.node.max_use == 1:
            _refuse_four_numbers(columns, template)
        if inside is None:
            columns = columns.filter(template.held())
        else:
            demanded = inside.select(*keys, _demanded=pl.lit(True)).unique()
            columns = columns.join(demanded, on=keys, how="left", maintain_order="left", nulls_equal=True)
            columns = columns.filter(template.held() | pl.col("_demanded").is_not_null())
        if template.level is Level.CLAIM and template.domain in self.opening:
            rows = columns.join(self.opening[template.domain], on="claim", maintain_order="left")
        else:
            rows = columns.join(self.at, on="claim", maintain_order="left")
        rows = self._less_verbatim(rows, template, keys)
        row = {Level.OTHER_PAYER: "other_payer", Level.LINE: "line", Level.ADJUDICATION: "line"}.get(
            template.level
        )
        again = pl.lit(template.occurrence)
        if template.level is Level.ADJUDICATION:
            again = pl.col("adjudication")
        place = key(
            self.form, template.loop, template.order, row=pl.col(row) if row else None, occurrence=again
        )
        self._add(rows.select(place, template.text().alias("text")))

    def _verbatim_inside(self, template: Template) -> pl.DataFrame | None:
        """The verbatim segments of the loop that this one opens; None if there are none."""
        if not template.opens or not self.verbatim.height:
            return None
        held = self.verbatim.filter(
            pl.col("segment_loop") == template.loop,
            pl.col("segment_occurrence").fill_null(0) == template.occurrence,
        )
        return held if held.height else None

    def _less_verbatim(self, rows: pl.DataFrame, template: Template, keys: list[str]) -> pl.DataFrame:
        """The rows whose segment is not kept verbatim."""
        held = self.verbatim.filter(pl.col("segment_loop") == template.loop)
        if not held.height:
            return rows
        labelled = rows.with_columns(template.label.alias("segment_name"))
        return labelled.join(held, on=[*keys, "segment_name"], how="anti", nulls_equal=True)

    def _health_codes(self, level: Level) -> None:
        frame = self.batch.frame(level).join(self.at, on="claim", maintain_order="left")
        held = self.verbatim.filter(
            (pl.col("segment_loop") == "2300")
            & pl.col("segment_name").str.starts_with("HI")
            & (pl.col("segment_name") != "HI[DR]")
        )
        frame = frame.join(held, on="claim", how="anti") if held.height else frame
        if not frame.height:
            return
        names = _HI_COMPONENTS[level]
        parts = {place: value_text(name, _KINDS.get(name, Kind.CODE)) for place, name in names.items()}
        if level is not Level.DIAGNOSIS and 4 in parts:
            parts[3], parts[4] = _composite_date(level)
        nodes = _hi_nodes(self.form)
        family = pl.col(names[1]).replace_strict(nodes, default=_LAST, return_dtype=pl.UInt32)
        built = frame.sort("at", "position").select("at", order=family, said=composite(parts))
        place = pl.int_range(pl.len()).over("at", "order")
        chunks = (
            built.with_columns(chunk=place // _COMPOSITES_OF_HI)
            .group_by("at", "order", "chunk", maintain_order=True)
            .agg(pl.col("said").str.join(ELEMENT))
        )
        # The chunk number breaks the tie between two HI of the same kind.
        tie = pl.col("chunk").cast(pl.UInt64).clip(0, (1 << _TIE) - 1)
        number = key(self.form, "2300", pl.col("order")) + tie
        self._add(
            chunks.select(
                number.alias("key"), pl.concat_str([pl.lit("HI" + ELEMENT), pl.col("said")]).alias("text")
            )
        )

    def _segment_rows(self, frame: pl.DataFrame, loop: str, tag: str, elements: dict[int, str]) -> None:
        """Segments with one row each, of the claim (loop 2300) or of a line (loop 2400)."""
        here = pl.col("line").is_null() if loop == "2300" else pl.col("line").is_not_null()
        rows = frame.filter(here)
        if self.verbatim.height:
            held = self.verbatim.filter(
                (pl.col("segment_loop") == loop) & pl.col("segment_name").str.starts_with(tag)
            )
            rows = rows.join(held, on=["claim", "line"], how="anti", nulls_equal=True)
        orders = _orders_of(self.form, loop, tag)
        if not rows.height or not orders:
            return
        order: pl.Expr | int = orders.get("", _LAST)
        if set(orders) - {""}:
            telling = pl.col(elements[qualifier_place(tag)[0] - 1])
            order = telling.replace_strict(orders, default=order, return_dtype=pl.UInt32)
        number = key(self.form, loop, order, row=pl.col("line").fill_null(0))
        tie = pl.col("position").cast(pl.UInt64).clip(0, (1 << _TIE) - 1)
        last = max(elements) + 1
        parts = [pl.col(elements[n]).fill_null("") if n in elements else pl.lit("") for n in range(last)]
        text = pl.concat_str([pl.lit(tag), *parts], separator=ELEMENT).str.strip_chars_end(ELEMENT)
        self._add(rows.select((number + tie).alias("key"), text.alias("text")))

    def _adjustments(self) -> None:
        frame = self.batch.adjustments.join(self.at, on="claim", maintain_order="left")
        if not frame.height:
            return
        keys = ["claim", "line", "other_payer", "adjudication"]
        ordered = frame.sort(["at", "line", "other_payer", "adjudication", "position"], nulls_last=False)
        ordered = ordered.with_columns(
            owner=pl.struct(keys).rle_id(),
            run=pl.struct(*keys, "adjustment_group").rle_id(),
        ).with_columns(chunk=pl.int_range(pl.len()).over("run") // _TRIPLETS_OF_CAS)
        triplet = pl.concat_str(
            [
                pl.col("adjustment_reason").fill_null(""),
                value_text("adjustment_amount", Kind.AMOUNT).fill_null(""),
                value_text("adjustment_quantity", Kind.QUANTITY).fill_null(""),
            ],
            separator=ELEMENT,
        )
        segments = ordered.group_by(
            *keys, "at", "owner", "run", "chunk", "adjustment_group", maintain_order=True
        ).agg(said=triplet.str.join(ELEMENT))
        segments = segments.with_columns(
            place=pl.int_range(pl.len()).over("owner"),
            text=pl.concat_str(
                [pl.lit("CAS"), pl.col("adjustment_group").fill_null(""), pl.col("said")], separator=ELEMENT
            ).str.strip_chars_end(ELEMENT),
        )
        for loop, row, again, here in (
            ("2320", "other_payer", None, pl.col("other_payer").is_not_null()),
            ("2430", "line", "adjudication", pl.col("adjudication").is_not_null()),
        ):
            own = segments.filter(here)
            held = self.verbatim.filter((pl.col("segment_loop") == loop) & (pl.col("segment_name") == "CAS"))
            own = own.join(held, on=keys, how="anti", nulls_equal=True) if held.height else own
            if own.height:
                order = _orders_of(self.form, loop, "CAS").get("", _LAST)
                number = key(
                    self.form, loop, order, row=pl.col(row), occurrence=pl.col(again) if again else None
                )
                tie = pl.col("place").cast(pl.UInt64).clip(0, (1 << _TIE) - 1)
                self._add(own.select((number + tie).alias("key"), "text"))

    def _verbatim(self) -> None:
        for (loop,), rows in self.verbatim.group_by("segment_loop"):
            name = str(loop)
            if name not in loop_orders(self.form):
                continue
            domain = domain_of(name)
            own = rows
            if domain in self.opening:
                own = rows.drop("at").join(self.opening[domain], on="claim")
            orders = labels_of(self.form, name)
            order = pl.col("segment_name").replace_strict(orders, default=_LAST, return_dtype=pl.UInt32)
            row = {Domain.OTHER_PAYER: "other_payer", Domain.LINE: "line", Domain.ADJUDICATION: "line"}.get(
                domain
            )
            again = pl.col("adjudication") if domain is Domain.ADJUDICATION else pl.col("segment_occurrence")
            number = key(
                self.form, name, order, row=pl.col(row).fill_null(0) if row else None, occurrence=again
            )
            tie = (
                (pl.col("segment_place").rank("dense").over("claim") - 1)
                .cast(pl.UInt64)
                .clip(0, (1 << _TIE) - 1)
            )
            self._add(own.select((number + tie).alias("key"), pl.col("segment_text").alias("text")))


def _refuse_four_numbers(columns: pl.DataFrame, template: Template) -> None:
    if columns.select(template.overflows().any()).item():
        numbers = ", ".join(slot.name for slot in template.slots if slot.channel)
        raise UnwritableError(
            f"{template.level.value}: {numbers}: loop {template.loop} has room for three of these; "
            "leave one empty"
        )


def _with_line_numbers(batch: ClaimBatch) -> ClaimBatch:
    """The batch with every line numbered: a line without its LX would be merged into the previous line."""
    lines = batch.lines
    if not lines["assigned_number"].null_count():
        return batch
    return replace(batch, lines=lines.with_columns(pl.coalesce("assigned_number", "line")))


_KINDS = {
    "surgical_procedure_on": Kind.DATE,
    "institutional_code_from_on": Kind.DATE,
    "institutional_code_amount": Kind.AMOUNT,
}


def _composite_date(level: Level) -> tuple[pl.Expr, pl.Expr]:
    """Format and value of a date inside a composite."""
    if level is Level.PROCEDURE:
        day = value_text("surgical_procedure_on", Kind.DATE)
        return pl.when(day.is_not_null()).then(pl.lit("D8")), day
    day = value_text("institutional_code_from_on", Kind.DATE)
    last = value_text("institutional_code_to_on", Kind.DATE)
    span = (pl.col("institutional_code_list") == "BI") & day.is_not_null()
    period = pl.concat_str([day, pl.coalesce(last, day)], separator="-")
    told = pl.when(span).then(pl.lit("RD8")).when(day.is_not_null()).then(pl.lit("D8"))
    return told, pl.when(span).then(period).otherwise(day)


@cache
def _orders_of(form: str, loop: str, tag: str) -> dict[str, int]:
    """The position in the loop by qualifier, for the variants of one tag."""
    found = {}
    for label, order in labels_of(form, loop).items():
        if label.split("[")[0] == tag:
            found[label.partition("[")[2].rstrip("]")] = order
    return found


@cache
def _hi_nodes(form: str) -> dict[str, int]:
    """The HI of each qualifier: except in institutional claims, all of a kind share one HI."""
    orders = {code: order for code, order in _orders_of(form, "2300", "HI").items() if code}
    if form != "I":
        shared = min((orders[code] for code in DIAGNOSIS_CODES if code in orders), default=_LAST)
        orders.update(dict.fromkeys(DIAGNOSIS_CODES, shared))
        # The second anesthesia procedure is in the HI of the first.
        orders["BO"] = orders.get("BP", _LAST)
    return orders
