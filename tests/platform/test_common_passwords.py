"""Passwords that are put together from what everybody uses are refused, and kept ones are dear to guess."""

from __future__ import annotations

import random
import string

import pytest
from tests.cheap_passwords import product_hasher

from claimwright.platform.identity.common_passwords import is_common

# All of the first line stand in published lists of leaked passwords.
COMMON = """
    123456789987654321 1qaz2wsx3edc4rfv qazwsxedcrfvtgb 123456789qwerty q1w2e3r4t5y6u7i8 1234qwerasdfzxcv
    passwordpassword Password1234567 P@ssw0rd!P@ssw0rd! dragondragondragon letmein1234567890 Summer2024!Summer
    qwertyuiop[]asdf medicare-billing-2025 abcabcabcabcabc iloveyou-iloveyou welcome_to_2026 aaaaaaaaabbbbbbbb
""".split()
OWN = (
    "seven brown foxes jump", "gravel tulip marzipan owl", "a quiet yellow submarine sleeps",
    "correct horse battery staple", "old brown boots walk",
    "tr0mbone&lanterns&ice", "Fünf graue Wölfe bellen",
)  # fmt: skip


@pytest.mark.parametrize("password", COMMON)
def test_a_common_password_is_known(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", OWN)
def test_words_of_ones_own_are_accepted(password: str) -> None:
    assert not is_common(password)


def test_what_a_password_manager_makes_is_hardly_ever_refused() -> None:
    dice = random.Random(4)
    letters = string.ascii_letters + string.digits
    made = ["".join(dice.choices(letters, k=20)) for _ in range(400)]
    assert sum(map(is_common, made)) <= 4


def test_a_guess_costs_what_rfc_9106_recommends_where_memory_is_short() -> None:
    """Section 4, the second recommended option: Argon2id, 3 passes, 4 lanes, 64 MiB."""
    kept = product_hasher().hash("gravel tulip marzipan owl")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
