"""Whether two names are one person's, however they are written."""

from __future__ import annotations

import re
import unicodedata

_KIND = re.compile(r"^(?:os|user|client|system):")
_DOMAIN = re.compile(r"^.*\\")


def person_of(name: str) -> str:
    r"""The account behind a name: `Ann`, `user:ann`, `CORP\ann` and `ann+work@clinic.example` are all `ann`.

    Case, accents, a kind of actor, a domain and what separates the parts of a name make no other person. Two
    accounts of one person that have nothing in common are not recognised.
    """
    plain = unicodedata.normalize("NFKD", name).casefold().strip()
    plain = _DOMAIN.sub("", _KIND.sub("", plain)).partition("@")[0].partition("+")[0]
    return "".join(letter for letter in plain if letter.isalnum())


def same_person(first: str, second: str) -> bool:
    """Whether both names are of one account; a name without a letter or digit is no account."""
    return bool(person_of(first)) and person_of(first) == person_of(second)
