"""Segments that are kept verbatim, because the dictionary can't represent them completely.

A segment is kept verbatim if any part of it has no field, if a value can't be read as its field's kind, or if
the segment occurs a second time. Then all segments of its variant in that row are kept verbatim, and on
writing they replace the segments from fields: the output equals the input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.dictionary import Level, schema
from claimwright.engines.x12.native.choice import compiled
from claimwright.engines.x12.native.kernel import Kernel, Known
from claimwright.engines.x12.native.widths import LOOP_BITS
from claimwright.engines.x12.syntax.loops import Structure
from claimwright.engines.x12.syntax.tokenizer import Flags, Ints, Segments, code

from .layout import ALWAYS, PERIOD_FORMATS, Domain, Layout, domain_of
from .row_index import RowIndex, ordinals
from .transaction import claims_grammar

Longs = npt.NDArray[np.int64]

_ELEMENT, _REPETITION, _COMPONENT = 0x1D, 0x1E, 0x1F
# Segments that are always generated on writing.
_UNKEPT = np.array(
    [code(tag) for tag in ("ISA", "GS", "ST", "SE", "GE", "IEA", "HL", "BHT")], dtype=np.uint32
)
RowsOf = Callable[[int], Ints]
"""By variant, the row of its domain for each of its segments."""
# More than the qualifiers that distinguish a loop's opener from its siblings in any guide.
_PARTY_BITS = 16
# The longest version or release in a GS or an ST.
_VERSION_BYTES = 35
_MARK = re.compile("[\x1d-\x1f]")


def unmapped(
    segments: Segments, structure: Structure, groups: Sequence[Ints], table: Layout, rows_of: RowsOf
) -> Flags:
    """Segments that no field covers, and second instances of loops that occur once per row."""
    variants = structure.variant
    verbatim = _unaccounted(segments, variants, groups, table)
    verbatim |= variants < 0
    for variant, parties in table.parties.items():
        group = groups[variant]
        told = structure.qualifier[structure.opener[group]]
        verbatim[group[~np.isin(told, np.array([code(party) for party in parties]))]] = True
    again = np.zeros(len(segments), dtype=bool)
    for variant, group in enumerate(groups):
        if len(group) and opens_a_party(table, variant):
            rows = rows_of(variant)
            again[group[1:][(rows[1:] == rows[:-1]) & (rows[1:] >= 0)]] = True
    if again.any():
        verbatim |= again[np.maximum(structure.opener, 0)] & (structure.opener >= 0)
    verbatim[table.variant_domain[variants] == Domain.INTERCHANGE] = False
    verbatim[table.variant_domain[variants] == Domain.GROUP] = False
    trailers = np.isin(segments.tag, _UNKEPT)
    verbatim[trailers] = False
    return verbatim & (structure.loop >= 0)


def uncovered(segments: Segments, structure: Structure, table: Layout) -> Flags:
    """Segments that no field covers, each for itself: for a few segments."""
    told = _unaccounted(segments, structure.variant, _Groups(structure.variant), table)
    told |= structure.variant < 0
    domain = table.variant_domain[structure.variant]
    told[(domain == Domain.INTERCHANGE) | (domain == Domain.GROUP)] = False
    told[np.isin(segments.tag, _UNKEPT)] = False
    return told & (structure.loop >= 0)


class _Groups(Sequence[Ints]):
    """The segments of each variant, found when they are asked for."""

    def __init__(self, variant: Ints) -> None:
        self._variant = variant

    def __len__(self) -> int:
        return len(claims_grammar().variants)

    def __getitem__(self, number: Any) -> Any:
        return np.flatnonzero(self._variant == number).astype(np.int32)


def other_versions(segments: Segments, index: RowIndex) -> Ints:
    """ST segments with another version than their group, whose version is the one written."""
    transactions, groups = index.opener[Domain.TRANSACTION], index.opener[Domain.GROUP]
    grouped = index.transaction_group >= 0
    transactions, of = transactions[grouped], index.transaction_group[grouped]
    own = _padded(segments, *segments.element(transactions, 2))
    theirs = _padded(segments, *segments.element(groups, 7))
    other: Ints = transactions[(own != theirs.take(of, axis=0)).any(axis=1)]
    return other


def _padded(segments: Segments, start: Ints, length: Ints) -> npt.NDArray[np.uint8]:
    """The first characters of values, one row each, padded with zeros."""
    places = np.arange(_VERSION_BYTES)
    inside = places < length[:, None]
    return np.where(inside, segments.data[np.where(inside, start[:, None] + places, 0)], 0).astype(np.uint8)


def opens_a_party(table: Layout, variant: int) -> bool:
    """Whether a variant opens the loop of a party that occurs once per row."""
    node = table.grammar.nodes[table.grammar.variants[variant][0]]
    return node.segment in ("NM1", "LIN") and node.loop not in ("2330A", "2330B")


def widened(
    segments: Segments,
    verbatim: Flags,
    groups: Sequence[Ints],
    index: RowIndex,
    table: Layout,
    rows_of: RowsOf,
) -> Ints:
    """Verbatim segments, with all others of the same variant in the same row: none is half written."""
    if not verbatim.any():
        return np.zeros(0, dtype=np.int32)
    wide = verbatim.copy()
    for variant in np.unique(index.structure.variant[verbatim]):
        group = groups[variant] if variant >= 0 else ()
        if len(group):
            rows = rows_of(int(variant))
            wide[group[np.isin(rows, rows[verbatim[group]])]] = True
    wide |= _same_family(segments, wide, groups, index, table)
    return np.flatnonzero(wide).astype(np.int32)


def _same_family(
    segments: Segments, verbatim: Flags, groups: Sequence[Ints], index: RowIndex, table: Layout
) -> Flags:
    """Segments that share a frame with a verbatim one of the same row, such as all HI of a claim."""
    family = np.zeros(len(verbatim), dtype=bool)
    # A segment without a variant is in the family of its tag, since the order within the tag must be kept.
    strays = np.flatnonzero(verbatim & (index.structure.variant < 0)).astype(np.int32)
    strays_domain = _loop_domains()[index.structure.loop[strays]]
    for tag, variants in table.repeating.items():
        held = [(variant, groups[variant]) for variant in variants if len(groups[variant])]
        for domain in {int(table.variant_domain[variant]) for variant, _ in held}:
            own = [group for variant, group in held if table.variant_domain[variant] == domain]
            own.append(strays[(strays_domain == domain) & (segments.tag[strays] == code(tag))])
            members = np.concatenate(own)
            if verbatim[members].any():
                rows = index.rows(Domain(domain), members)
                family[members[np.isin(rows, rows[verbatim[members]])]] = True
    return family


def _unaccounted_compiled(
    native: Kernel, segments: Segments, variant: Ints, _groups: Sequence[Ints], table: Layout, /
) -> Flags:
    s = segments
    parts = s.start, s.end, s.first_element, s.present, s.element_start, s.element_end, s.component_cuts
    return native.unaccounted(s.data, parts, variant, len(table.mapped) - 1, _known(table))


@compiled(_unaccounted_compiled)
def _unaccounted(segments: Segments, variant: Ints, groups: Sequence[Ints], table: Layout, /) -> Flags:
    """Segments with an element, a component or a constant that the layout doesn't cover."""
    verbatim: Flags = (segments.present & ~table.mapped[variant]) != 0
    telling = table.telling[variant]
    verbatim |= (telling != 0) & ((segments.present & telling) == 0)
    verbatim |= np.diff(segments.first_element) > table.mapped.itemsize * 8
    cuts = segments.component_cuts
    if len(cuts) and len(segments.element_start):
        element = np.searchsorted(segments.element_start, cuts, side="right") - 1
        inside = (element >= 0) & (cuts < segments.element_end[np.maximum(element, 0)])
        counts = np.bincount(element[inside], minlength=len(segments.element_start))
        composite = np.flatnonzero(counts)
        owner = segments.element_segment[composite]
        ordinal = np.minimum(segments.element_ordinal[composite], table.components.shape[1] - 1)
        over = counts[composite] + 1 > table.components[variant[owner], ordinal]
        verbatim[owner[over]] = True
    verbatim[_off_constants(segments, groups, table)] = True
    verbatim[_off_periods(segments, groups, table)] = True
    return verbatim


@cache
def _known(table: Layout) -> Known:
    """The layout's coverage in the form of the kernel; constants longer than a word are left out."""
    variants = range(len(table.mapped))
    short = [[each for each in table.constants.get(v, ()) if len(each[1]) <= 4] for v in variants]
    constants = [each for of_variant in short for each in of_variant]
    return Known(
        table.mapped,
        table.telling,
        table.dated,
        np.ascontiguousarray(table.components),
        np.cumsum([0, *map(len, short)], dtype=np.int32),
        np.array([element for element, _, _ in constants], dtype=np.int32),
        np.array([code(value) for _, value, _ in constants], dtype=np.uint32),
        np.array([needs for _, _, needs in constants], dtype=np.int32),
    )


def _off_constants(segments: Segments, groups: Sequence[Ints], table: Layout) -> Ints:
    """Segments with another value than the constant, or with the constant at the wrong time."""
    off = [np.zeros(0, dtype=np.int32)]
    for variant, constants in table.constants.items():
        group = groups[variant]
        for element, value, needs in constants if len(group) else ():
            if len(value) > 4:
                continue
            start, length = segments.element(group, element)
            fits = segments.codes(start, length) == code(value)
            if needs != ALWAYS:
                fits = np.where(segments.element(group, needs)[1] > 0, fits, length == 0)
            off.append(group[~fits])
    return np.concatenate(off)


def _off_periods(segments: Segments, groups: Sequence[Ints], table: Layout) -> Ints:
    """DTP segments with a format that the guide doesn't allow, or a value of the wrong length for it."""
    off = [np.zeros(0, dtype=np.int32)]
    for variant in np.flatnonzero(table.dated).tolist():
        group = groups[variant]
        if len(group):
            form = segments.codes(*segments.element(group, 1))
            length = segments.element(group, 2)[1]
            fits = np.zeros(len(group), dtype=bool)
            for name, (bit, size) in PERIOD_FORMATS.items():
                if table.dated[variant] & bit:
                    fits |= (form == code(name)) & ((length == size) | (size == 0))
            off.append(group[~fits])
    return np.concatenate(off)


def frame(
    segments: Segments, index: RowIndex, verbatim: Ints, claims: Longs, transactions: Longs
) -> pl.DataFrame:
    """The verbatim segments as rows. `claims` and `transactions` are the ordinals of the block's rows."""
    if not len(verbatim):
        return pl.DataFrame(schema=schema(Level.SEGMENT))
    structure = index.structure
    loop = structure.loop[verbatim]
    names = [each.name for each in claims_grammar().loops]
    text = [_canonical(segments, int(segment)) for segment in verbatim]
    said = pl.DataFrame(
        {
            "row": np.arange(len(verbatim), dtype=np.uint32),
            "segment_loop": [names[number] for number in loop],
            "segment_name": [
                _name(structure.variant[at], each) for at, each in zip(verbatim, text, strict=True)
            ],
            "segment_occurrence": _occurrences(segments, index, verbatim),
            "segment_place": np.arange(len(verbatim), dtype=np.int32),
            "segment_text": text,
        }
    )
    domains = _loop_domains()[loop]
    owners = [
        _owners(Domain(int(domain)), np.flatnonzero(domains == domain), verbatim, index, claims, transactions)
        for domain in np.unique(domains)
    ]
    keyed = pl.concat([part for part in owners if part is not None] or [_NOBODY], how="diagonal")
    joined = keyed.join(said, on="row").sort(
        "segment_place", *[key for key in keyed.columns if key == "claim"]
    )
    lacking = [name for name in schema(Level.SEGMENT) if name not in joined.columns]
    typed = joined.with_columns(pl.lit(None).alias(name) for name in lacking)
    return typed.select(pl.col(name).cast(dtype) for name, dtype in schema(Level.SEGMENT).items())


_NOBODY = pl.DataFrame(schema={"row": pl.UInt32, "claim": pl.Int64})


def _owners(
    domain: Domain,
    which: npt.NDArray[np.intp],
    verbatim: Ints,
    index: RowIndex,
    claims: Longs,
    transactions: Longs,
) -> pl.DataFrame | None:
    """Keys of the rows to which verbatim segments belong; claims of one subscriber share the subscriber's."""
    if domain in (Domain.INTERCHANGE, Domain.GROUP):
        return None
    row = index.rows(domain, verbatim[which])
    which, row = which[row >= 0].astype(np.uint32), row[row >= 0]
    if domain is Domain.TRANSACTION:
        return pl.DataFrame({"row": which, "transaction": transactions[row]})
    shared = {
        Domain.BILLING: index.claim_billing,
        Domain.SUBSCRIBER: index.claim_subscriber,
        Domain.PATIENT: index.claim_patient,
    }.get(domain)
    if shared is not None:
        of_claims = pl.DataFrame({"shared": shared, "claim": claims})
        return pl.DataFrame({"row": which, "shared": row}).join(of_claims, on="shared").drop("shared")
    if domain is Domain.CLAIM:
        return pl.DataFrame({"row": which, "claim": claims[row]})
    if domain is Domain.OTHER_PAYER:
        order = ordinals(index.other_payer_claim)
        return pl.DataFrame(
            {"row": which, "claim": claims[index.other_payer_claim[row]], "other_payer": order[row]}
        )
    line = row if domain is Domain.LINE else index.adjudication_line[row]
    keys = {
        "row": which,
        "claim": claims[index.line_claim[line]],
        "line": ordinals(index.line_claim)[line],
    }
    if domain is Domain.ADJUDICATION:
        keys["adjudication"] = ordinals(index.adjudication_line)[row]
    return pl.DataFrame(keys)


def _occurrences(segments: Segments, index: RowIndex, verbatim: Ints) -> Ints:
    """The repetition of its loop for each verbatim segment, within its row.

    Parties that share a loop (referring and primary care provider) are counted separately, with distinct
    numbers.
    """
    structure = index.structure
    openers = np.flatnonzero(structure.opens).astype(np.int32)
    loops = structure.loop[openers]
    # Count openings of the same loop since the enclosing nesting loop opened.
    enclosing = np.maximum.accumulate(
        np.where(np.isin(openers, np.concatenate(list(index.opener.values()))), openers, -1)
    )
    party, parties = _parties()[:, structure.variant[openers]]
    order = np.lexsort((openers, party, loops, enclosing))
    group = (enclosing[order].astype(np.int64) << LOOP_BITS | loops[order]) << _PARTY_BITS | party[order]
    count = np.zeros(len(segments), dtype=np.int32)
    count[openers[order]] = (ordinals(group) - 1) * parties[order] + party[order]
    at = structure.opener[verbatim]
    return np.where(at >= 0, count[at], 0).astype(np.int32)


@cache
def _parties() -> npt.NDArray[np.int32]:
    """By variant: its position among the qualifiers of its segment, and their number."""
    places = [[0], [1]]
    for node in claims_grammar().nodes:
        count = max(len(node.qualifiers), 1)
        places[0][-1:-1] = range(count)
        places[1][-1:-1] = [count] * count
    return np.array(places, dtype=np.int32)


def _canonical(segments: Segments, segment: int) -> str:
    d = segments.delimiters
    table = bytes.maketrans(
        bytes([d.element, d.repetition, d.component]), bytes([_ELEMENT, _REPETITION, _COMPONENT])
    )
    return segments.text(segment).translate(table).decode("utf-8", "replace")


def _name(variant: int, text: str) -> str:
    tag = _MARK.split(text, maxsplit=1)[0]
    qualifier = claims_grammar().variants[variant][1] if variant >= 0 else ""
    return f"{tag}[{qualifier}]" if qualifier else tag


def _loop_domains() -> Ints:
    return np.array([domain_of(loop.name) for loop in claims_grammar().loops], dtype=np.int32)
