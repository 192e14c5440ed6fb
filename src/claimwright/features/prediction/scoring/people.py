"""Decides whether two names belong to the same person, regardless of spelling."""

from __future__ import annotations

import re
import unicodedata

_KIND = re.compile(r"^(?:os|user|client|system):")
_DOMAIN = re.compile(r"^.*\\")


def person_of(name: str) -> str:
    r"""The account behind a name: `Ann`, `user:ann`, `CORP\ann` and `ann+work@clinic.example` are all `ann`.

    Case, accents, the kind of actor, a domain and separators within a name are ignored. Two accounts of the
    same person with different names are not recognized.
    """
    plain = unicodedata.normalize("NFKD", name).casefold().strip()
    plain = _DOMAIN.sub("", _KIND.sub("", plain)).partition("@")[0].partition("+")[0]
    return "".join(letter for letter in plain if letter.isalnum())


def is_person(name: str) -> bool:
    """Whether a name can be a person's: a service, or what no account began, approves nothing."""
    return bool(person_of(name)) and not name.strip().casefold().startswith(("client:", "system:"))


def same_person(first: str, second: str) -> bool:
    """Whether both names belong to the same account; a name without a letter or digit is not an account."""
    return bool(person_of(first)) and person_of(first) == person_of(second)
