"""The catalogue: its notation, its prices, and that what it says hangs together."""

from __future__ import annotations

import numpy as np
import pytest

from claimwright_lab.sampling.encounters import catalogue, prices
from claimwright_lab.sampling.notation import CatalogueError, read_diagnosis, read_line

FORMS = ["P", "I", "D"]


def test_a_line_is_read_as_it_is_written() -> None:
    slot = read_line("99213-25/99214-25 60% x2..4 >12 +3 $9.50")
    assert slot.percent == 60
    first, second = slot.choices
    assert not isinstance(first, str)
    assert not isinstance(second, str)
    assert (first.procedure, second.procedure) == ("99213", "99214")
    assert first.modifiers == ("25",)
    assert (first.units, first.pointers, first.day, first.price_cents) == ((2, 4), (1, 2), 3, 950)


def test_a_tooth_is_one_of_several() -> None:
    slot = read_line("D2392 tooth=4/5 surface=MO/DO $240")
    turns = {(each.tooth, each.surfaces) for each in slot.choices if not isinstance(each, str)}
    assert turns == {("4", "MO"), ("4", "DO"), ("5", "MO"), ("5", "DO")}


def test_a_line_may_have_no_procedure() -> None:
    [only] = read_line("- r0250 $35").choices
    assert not isinstance(only, str)
    assert (only.procedure, only.revenue_code) == (None, "0250")


@pytest.mark.parametrize("text", ["99213 sometimes", "99213 x2-4", "99213 +soon", "99213 $nine"])
def test_a_word_outside_the_notation_is_refused_by_name(text: str) -> None:
    with pytest.raises(CatalogueError, match=text.split()[1][1:]):
        read_line(text)


def test_a_diagnosis_is_one_of_several() -> None:
    slot = read_diagnosis("E785/E782 60%")
    assert (slot.choices, slot.percent) == (("E785", "E782"), 60)


@pytest.mark.parametrize("form", FORMS)
def test_every_service_has_a_price_outside_and_inside_a_facility(form: str) -> None:
    for year in (2020, 2025, 2031):
        table = prices(form, year)
        assert (table.nonfacility > 0).all()
        assert (table.facility > 0).all()


def test_a_price_is_the_fee_schedule_of_the_year() -> None:
    """99213 in 2025: 1.30 + 1.35 + 0.10 relative value units (CMS, PPRRVU25), times $32.3465."""
    book = catalogue("P")
    row = book.services["procedure"].to_list().index("99213")
    expected = 275 * 323_465 // 10_000  # hundredths of units times ten-thousandths of dollars, in cents
    assert prices("P", 2025).nonfacility[row] == expected


@pytest.mark.parametrize("form", FORMS)
def test_pointers_name_diagnoses_that_are_always_there(form: str) -> None:
    book = catalogue(form)
    if form != "P":
        return
    certain = (book.diagnoses.percent >= 100).cumprod(axis=1).sum(axis=1)
    for encounter, name in enumerate(book.names):
        for first, choices in zip(book.lines.first[encounter], book.lines.choices[encounter], strict=True):
            rows = book.services[int(first) : int(first + choices)] if first >= 0 else book.services.clear()
            pointed = [rows[f"diagnosis_pointer_{n}"].max() for n in (1, 2, 3, 4)]
            assert max(int(str(each)) for each in [0, *pointed] if each is not None) <= certain[encounter], (
                name
            )


@pytest.mark.parametrize("form", FORMS)
def test_no_encounter_bills_more_than_six_lines(form: str) -> None:
    widths = (catalogue(form).lines.first >= 0).sum(axis=1)
    assert 1 <= int(np.min(widths)) <= int(np.max(widths)) <= 6
