"""Names of patients as they are searched for: folded, so that it does not matter how they are typed.

A folded name is the last name, a space and the first name in capitals A to Z: without accents, signs, spaces,
middle initials and generational suffixes. `O'Brien-Smith Jr, José A.` is `OBRIENSMITH JOSE`.
"""

from __future__ import annotations

import polars as pl

_SUFFIX = r"[ ,]+(JR|SR|II|III|IV)\.?$"
_INITIALS = r"( +[A-Z]\.?)+$"


def folded_names(last: pl.Series, first: pl.Series) -> pl.Series:
    """The folded names; null where there is no last name."""
    family = _capitals(last).str.replace(_SUFFIX, "").str.replace_all("[^A-Z]", "")
    given = _capitals(first.fill_null("")).str.replace(_INITIALS, "").str.replace_all("[^A-Z]", "")
    return (family.replace("", None) + " " + given).alias("folded_name")


def typed_names(text: str) -> list[str]:
    """The folded names that a typed name can mean: `Last, First`, `First Last` or `Last First`.

    Where a name has more than two words, each of them can begin the last name. Empty if it is no name.
    """
    last, comma, first = text.partition(",")
    if comma:
        pairs = [(last, first)]
    else:
        words = text.split()
        halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
        pairs = [pair for half in halves for pair in (half, half[::-1])]
    folded = folded_names(
        pl.Series([pair[0] for pair in pairs], dtype=pl.String),
        pl.Series([pair[1] for pair in pairs], dtype=pl.String),
    )
    return sorted({name for name in folded.to_list() if name and not name.endswith(" ")})


def _capitals(names: pl.Series) -> pl.Series:
    return names.str.strip_chars().str.normalize("NFKD").str.to_uppercase().str.replace_all(r"\p{M}", "")
