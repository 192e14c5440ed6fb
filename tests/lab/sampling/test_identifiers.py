"""Identifiers: of the published shape, and nobody's."""

from __future__ import annotations

import numpy as np

from claimwright_lab.sampling import identifiers
from claimwright_lab.sampling.draws import Draws

DRAWS = Draws(7, np.arange(2_000, dtype=np.int64))


def luhn(digits: str) -> int:
    """The Luhn sum of a number with its check digit; a right one is a multiple of ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total


def test_the_check_digit_is_that_of_the_published_example() -> None:
    """CMS works its example through with 123456789: the check digit is 3."""
    assert identifiers.npi_check_digits(np.array([123_456_789])).tolist() == [3]


def test_every_npi_passes_the_luhn_formula_with_its_prefix() -> None:
    numbers = identifiers.npis(DRAWS).to_list()
    assert all(len(number) == 10 and luhn("80840" + number) % 10 == 0 for number in numbers)


def test_no_npi_is_in_the_range_that_is_given_out() -> None:
    assert identifiers.npis(DRAWS).str.starts_with("2").all()


def test_medicare_numbers_have_the_shape_of_an_mbi() -> None:
    letter = "[AC-HJKMNP-RT-Y]"
    either = "[0-9AC-HJKMNP-RT-Y]"
    shape = f"^[1-9]{letter}{either}[0-9]{letter}{either}[0-9]{letter}{letter}[0-9][0-9]$"
    assert identifiers.medicare_numbers(DRAWS).str.contains(shape).all()


def test_telephones_are_in_the_range_kept_for_fiction() -> None:
    assert identifiers.telephones(DRAWS).str.contains(r"^\d{3}55501\d\d$").all()


def test_employer_numbers_have_nine_digits_under_an_unused_prefix() -> None:
    assert identifiers.employer_numbers(DRAWS).str.contains(r"^97\d{7}$").all()
