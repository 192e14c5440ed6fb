"""Checks elements and components against the guide: presence, length, characters, dates, codes.

All values of a block are checked together: one lookup by rule and length classifies them as valid, faulty, or
in need of a second check, and each kind of second check runs once over its values.

Source: ASC X12.6 (005010) for the data types; data elements 1250 and 1251 for dated values.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from claimwright.engines.x12.native.choice import compiled
from claimwright.engines.x12.native.kernel import Kernel, Rules, rules_of
from claimwright.engines.x12.native.widths import LENGTH_BITS, LENGTHS
from claimwright.engines.x12.syntax.digits import calendar, clock, numerals, point_places
from claimwright.engines.x12.syntax.loops import ISA
from claimwright.engines.x12.syntax.specification import Specification, Verdict
from claimwright.engines.x12.syntax.tokenizer import Bytes, Flags, Ints, Segments, code

from .characters import check_characters, check_repetitions
from .fault_collector import FaultCollector, described
from .values import PUNCTUATION, ElementValues, Owner, add_at

# The lowest n bytes of a word.
_LOWEST = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], dtype=np.uint32)
_D8, _RD8, _DATE_TIME, _TIME = code("D8"), code("RD8"), code("DT"), code("TM")


def check_elements(segments: Segments, rules: Specification, node: Ints, faults: FaultCollector) -> None:
    """Add the faults of all elements and components of a block. `node` is that of each segment."""
    if not len(segments):
        return
    values = _judged(segments, rules, node)
    _judge(segments, values, faults)
    _required_after_the_last(segments, rules, node, faults)
    _trailing(segments, faults)
    composites = np.flatnonzero(values.verdict == Verdict.COMPOSITE).astype(np.int32)
    if len(composites):
        parts, counts = _components(segments, values, composites)
        _judge(segments, parts, faults)
        _required_components(values, composites, counts, faults)
        _trailing_parts(segments, values, composites, faults)
        _check_separators(segments, values, composites, counts, faults)
    check_characters(segments, values, faults)
    check_repetitions(segments, values, faults)


def _judged_compiled(native: Kernel, segments: Segments, rules: Specification, node: Ints) -> ElementValues:
    """As below; the second looks that find nothing have been taken."""
    s = segments
    columns = node, s.first_element, s.element_start, s.element_end, s.component_cuts
    rule, verdict = native.judge(_native_rules(rules), s.data, s.delimiters.component, s.context, columns)
    return ElementValues(s.element_start, s.element_end, rule, verdict, Owner(segments, rules))


@compiled(_judged_compiled)
def _judged(segments: Segments, rules: Specification, node: Ints) -> ElementValues:
    """All elements, each with its rule and what its length says under it."""
    counts = np.diff(segments.first_element)
    first = segments.first_element[:-1]
    shift = rules.first[node] - first
    rule = np.repeat(shift, counts)
    rule += np.arange(len(rule), dtype=np.int32)
    _place_beyond(rules, rule, first, counts, rules.count[node], node < 0)
    values = _valued(segments.element_start, segments.element_end, rule, Owner(segments, rules), first)
    _mark_separated(values)
    return values


def _mark_separated(values: ElementValues) -> None:
    """Texts that were found good, and hold the component separator."""
    segments, rules = values.owner.segments, values.owner.rules
    cuts = segments.component_cuts
    at = np.searchsorted(values.start, cuts, side="right") - 1
    known = at >= segments.first_element[segments.context]
    at, cuts = at[known], cuts[known]
    at = at[cuts < values.end[at]]
    at = at[(values.verdict[at] == Verdict.FINE) & (values.rule[at] != rules.unknown)]
    values.verdict[at] = Verdict.SEPARATED


@cache
def _native_rules(rules: Specification) -> Rules:
    arrays = {
        name: getattr(rules, name)
        for name in (
            *("first", "count", "verdict", "least", "most", "whole", "decimals", "code_key"),
            *("part_first", "part_count", "part_last_required"),
        )
    }
    return rules_of(
        arrays,
        rules.allowed.hash,
        nodes=len(rules.count) - 1,
        unknown=rules.unknown,
        beyond=rules.beyond,
    )


def _valued(start: Ints, end: Ints, rule: Ints, owner: Owner, first: Ints | None = None) -> ElementValues:
    index = rule << LENGTH_BITS
    index += np.minimum(end - start, LENGTHS - 1)
    segments, verdict = owner.segments, owner.rules.verdict.take(index)
    if first is not None and segments.context:
        # Segments from an earlier block were checked with it.
        known = segments.first_element[segments.context]
        verdict[:known] = Verdict.FINE
    return ElementValues(start, end, rule, verdict, owner)


def _place_beyond(
    rules: Specification, rule: Ints, first: Ints, counts: Ints, defined: Ints, unknown: Flags
) -> None:
    """Give what lies past the last defined element, or in an unknown segment, a rule of its own."""
    for rows, place in (
        (np.flatnonzero((counts > defined) & ~unknown), rules.beyond),
        (np.flatnonzero(unknown), rules.unknown),
    ):
        if len(rows):
            over = counts[rows] - defined[rows]
            rule[_ranges(first[rows] + defined[rows], over)] = place


def _ranges(starts: Ints, counts: Ints) -> Ints:
    """The numbers from each start, as many as its count, one after the other."""
    begins = np.cumsum(counts) - counts
    return (np.repeat(starts - begins, counts) + np.arange(counts.sum())).astype(np.int32)


def _components(segments: Segments, values: ElementValues, composites: Ints) -> tuple[ElementValues, Ints]:
    """The components of these elements, and how many each has."""
    rules = values.owner.rules
    cuts = segments.component_cuts
    start, end = values.start[composites], values.end[composites]
    begin = np.searchsorted(cuts, start).astype(np.int32)
    counts = (np.searchsorted(cuts, end).astype(np.int32) - begin + 1).astype(np.int32)
    last = np.cumsum(counts, dtype=np.int32)
    first = last - counts
    total = np.arange(last[-1], dtype=np.int32)
    at = np.repeat(begin - first, counts) + total
    part_end = np.append(cuts, np.int32(0)).take(at)
    part_end[last - 1] = end
    part_start = np.empty_like(part_end)
    part_start[1:] = part_end[:-1] + 1
    part_start[first] = start
    of = values.rule[composites]
    rule = np.repeat(rules.part_first[of] - first, counts) + total
    _place_beyond(rules, rule, first, counts, rules.part_count[of], np.zeros(len(of), dtype=np.bool_))
    owner = Owner(segments, rules, composites, first)
    return _valued(part_start, part_end, rule, owner), counts


# --- judging ------------------------------------------------------------------------------------------


def _judge(segments: Segments, values: ElementValues, faults: FaultCollector) -> None:
    """Add what the verdicts say, and take the second looks that they ask for."""
    rules = values.owner.rules
    doubtful = np.flatnonzero(values.verdict != Verdict.FINE).astype(np.int32)
    if not len(doubtful):
        return
    verdicts = values.verdict[doubtful]

    def those(wanted: Verdict) -> Ints:
        rows: Ints = doubtful[verdicts == wanted]
        return rows

    # Verdicts that are faults come first, but for FINE.
    if (verdicts <= Verdict.LONG).any():
        add_at(faults, "SYN050", values, those(Verdict.MISSING))
        add_at(faults, "SYN051", values, those(Verdict.NOT_USED))
        too_many = "SYN058" if values.owner.composite is None else "SYN059"
        add_at(faults, too_many, values, _first_of_runs(those(Verdict.TOO_MANY)))
        long = those(Verdict.LONG)
        long = long[values.end[long] - values.start[long] > rules.most[values.rule[long]]]
        _add_length(faults, "SYN053", values, np.concatenate([those(Verdict.TOO_LONG), long]))
        _add_length(faults, "SYN052", values, those(Verdict.TOO_SHORT))
    separated = those(Verdict.SEPARATED)
    # An ISA announces the separator by holding it.
    add_at(faults, "SYN066", values, separated[segments.tag[values.owner.of(separated)[0]] != ISA])
    _check_codes(segments, values, those(Verdict.CODE), faults)
    _check_numbers(segments.data, values, those(Verdict.REAL), faults, point=True)
    _check_numbers(segments.data, values, those(Verdict.WHOLE), faults, point=False)
    _check_dates(segments.data, values, those(Verdict.DATE), faults)
    _check_times(segments.data, values, those(Verdict.TIME), faults)
    _check_dated(segments, values, those(Verdict.DATED), faults)


def _first_of_runs(at: Ints) -> Ints:
    """The first of each run of adjacent faults: an unterminated segment is reported once as having too many
    elements.
    """
    return at[np.diff(at, prepend=-2) > 1]


def _add_length(
    faults: FaultCollector, fault: str, values: ElementValues, at: Ints, lengths: Ints | None = None
) -> None:
    if not len(at):
        return
    rules = values.owner.rules
    if lengths is None:
        lengths = values.end[at] - values.start[at]
    if fault == "SYN053":
        detail = described("length {}, at most {}".format, lengths, rules.most[values.rule[at]])
    else:
        detail = described("length {}, at least {}".format, lengths, rules.least[values.rule[at]])
    add_at(faults, fault, values, at, detail)


def _check_codes(segments: Segments, values: ElementValues, at: Ints, faults: FaultCollector) -> None:
    rules = values.owner.rules
    if not len(at):
        return
    start = values.start[at]
    # A value that is looked at here has no more than four bytes.
    word = segments.words[start] & _LOWEST[values.end[at] - start]
    rule = values.rule[at]
    wrong = np.flatnonzero(rules.allowed[rules.code_key[rule] | word] < 0)
    sets = rules.code_set[rule[wrong]].tolist()
    add_at(faults, "SYN057", values, at[wrong], [rules.code_texts[number] for number in sets])


def _check_numbers(
    data: Bytes, values: ElementValues, at: Ints, faults: FaultCollector, *, point: bool
) -> None:
    rules = values.owner.rules
    if not len(at):
        return
    start = values.start[at]
    length = values.end[at] - start
    signs, points, clean = numerals(data, start, length)
    digits = length - signs - points
    good = clean & (digits > 0) & (points <= (1 if point else 0))
    wrong = "characters other than digits, one point and a leading minus" if point else "no whole number"
    add_at(faults, "SYN054", values, at[~good], wrong)
    rule = values.rule[at]
    for fault, off in (("SYN053", digits > rules.most[rule]), ("SYN052", digits < rules.least[rule])):
        rows = np.flatnonzero(good & off)
        _add_length(faults, fault, values, at[rows], digits[rows])
    if point:
        _check_digits(data, values, at[good & (digits <= rules.most[rule])], faults)


def _check_digits(data: Bytes, values: ElementValues, at: Ints, faults: FaultCollector) -> None:
    """Digits of amounts and quantities before and after the point; zeros at the end say nothing."""
    rules = values.owner.rules
    start = values.start[at]
    whole, decimals = point_places(data, start, values.end[at] - start)
    rule = values.rule[at]
    for fault, found, most, wording in (
        ("SYN053", whole, rules.whole[rule], "{} digits before the point, at most {}"),
        ("SYN067", decimals, rules.decimals[rule], "{} decimals, at most {}"),
    ):
        rows = np.flatnonzero(found > most)
        add_at(faults, fault, values, at[rows], described(wording.format, found[rows], most[rows]))


def _check_dates(data: Bytes, values: ElementValues, at: Ints, faults: FaultCollector) -> None:
    start = values.start[at]
    length = values.end[at] - start
    add_at(faults, "SYN055", values, at[~calendar(data, start, length)])


def _check_times(data: Bytes, values: ElementValues, at: Ints, faults: FaultCollector) -> None:
    start = values.start[at]
    add_at(faults, "SYN056", values, at[~clock(data, start, values.end[at] - start)])


def _check_dated(segments: Segments, values: ElementValues, at: Ints, faults: FaultCollector) -> None:
    """Element 1251: its format is given by the preceding element."""
    if not len(at):
        return
    start = values.start[at]
    length = values.end[at] - start
    before = np.maximum(at - 1, 0)
    form = segments.codes(values.start[before], values.end[before] - values.start[before])
    data = segments.data
    # A wrong length is reported differently from a date that does not exist.
    forms = (
        (_D8, 8, "{} characters where CCYYMMDD belongs"),
        (_RD8, 17, "{} characters where CCYYMMDD-CCYYMMDD belongs"),
        (_DATE_TIME, 12, "{} characters where CCYYMMDDHHMM belongs"),
    )
    for which, size, wording in forms:
        rows = np.flatnonzero(form == which)
        fits = length[rows] == size
        short = rows[~fits]
        add_at(faults, "SYN055", values, at[short], [wording.format(n) for n in length[short].tolist()])
        rows = rows[fits]
        if len(rows):
            eight = np.full(len(rows), 8, dtype=np.int32)
            good = calendar(data, start[rows], eight)
            if which == _RD8:
                good &= data[start[rows] + 8] == ord("-")
                good &= calendar(data, start[rows] + 9, eight)
            elif which == _DATE_TIME:
                good &= clock(data, start[rows] + 8, eight - 4)
            add_at(
                faults,
                "SYN055",
                values,
                at[rows[~good]],
                "not an existing date, or characters that a date cannot have",
            )
    rows = np.flatnonzero(form == _TIME)
    add_at(faults, "SYN056", values, at[rows[~clock(data, start[rows], length[rows])]])


# --- presence -----------------------------------------------------------------------------------------


def _required_after_the_last(
    segments: Segments, rules: Specification, node: Ints, faults: FaultCollector
) -> None:
    """Required elements of segments that end before them."""
    counts = np.diff(segments.first_element)
    rows = np.flatnonzero(counts < rules.last_required[node]).astype(np.int32)
    rows = rows[rows >= segments.context]
    at, ordinal = _absent(rules, rules.first[node[rows]], counts[rows], rules.last_required[node[rows]])
    faults.add("SYN050", rows[at], element=ordinal)


def _required_components(
    values: ElementValues, composites: Ints, counts: Ints, faults: FaultCollector
) -> None:
    rules = values.owner.rules
    of = values.rule[composites]
    rows = np.flatnonzero(counts < rules.part_last_required[of])
    first, last = rules.part_first[of[rows]], rules.part_last_required[of[rows]]
    at, ordinal = _absent(rules, first, counts[rows], last)
    segment, element, _ = values.owner.of(composites[rows[at]])
    faults.add("SYN050", segment, element=element, component=ordinal)


def _absent(rules: Specification, first: Ints, counts: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Index of the row and ordinal of each required rule from `counts + 1` to `last`."""
    row = np.repeat(np.arange(len(first), dtype=np.int32), last - counts)
    ordinal = _ranges(counts + 1, last - counts)
    needed = rules.required[first[row] + ordinal - 1]
    return row[needed], ordinal[needed]


def _trailing(segments: Segments, faults: FaultCollector) -> None:
    """Segments that end in an element separator."""
    rows = np.flatnonzero(segments.data[segments.end - 1] == segments.delimiters.element)
    rows = rows[(rows >= segments.context) & (segments.tag[rows] != ISA)].astype(np.int32)
    counts = np.diff(segments.first_element)
    faults.add("SYN061", rows, element=counts[rows].astype(np.int32))


def _trailing_parts(
    segments: Segments, values: ElementValues, composites: Ints, faults: FaultCollector
) -> None:
    """Composites that end in a component separator."""
    ends = segments.data[values.end[composites] - 1] == segments.delimiters.component
    add_at(faults, "SYN061", values, composites[ends])


def _check_separators(
    segments: Segments, values: ElementValues, composites: Ints, counts: Ints, faults: FaultCollector
) -> None:
    """Composites of one component where several are required, that have another separator in its place."""
    rules = values.owner.rules
    whole = composites[(counts == 1) & (rules.part_last_required[values.rule[composites]] > 1)]
    # A first component has two or three characters; then comes what should be the separator.
    third, fourth = (segments.data[values.start[whole] + offset] for offset in (2, 3))
    length = values.end[whole] - values.start[whole]
    odd = ((length > 3) & PUNCTUATION[third]) | ((length > 4) & PUNCTUATION[fourth])
    add_at(faults, "SYN064", values, whole[odd])
