"""Which passwords are common: put together from common words, runs of keys, years and repetitions.

Lists of leaked passwords hold few of 15 characters and more, and those are nearly all of this kind. NIST SP
800-63B-4, 3.1.1.2, asks to refuse expected and common ones. Nothing leaves this machine for it.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

# Fewer characters than this beyond the common parts are not enough.
LEAST_OWN = 9
_SHORTEST_RUN, _SHORTEST_WORD = 4, 3
_ROWS = ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "0123456789")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_LOOKALIKES = str.maketrans("@0134$5!7", "aoieassit")
# Words that stand high in every published list of leaked passwords, with those of this trade.
_WORDS = frozenset(
    """
    abc access account admin administrator amanda america andrew angel anthony apple april ashley august
    austin awesome baby banana baseball basketball batman beautiful billing blink boston buddy buster
    butterfly changeme change charlie cheese chelsea chicken chocolate claims clinic coffee company computer
    cookie correct cowboy dallas daniel danielle default demo diamond doctor dragon eagles example family
    ferrari flower football forever freedom friend friends ginger guest guitar hannah harley health healthcare
    hello hospital hunter iloveyou internet jasmine jennifer jessica jesus jordan joshua justin killer letmein
    liverpool login london love lovely lucky maggie manager market master matrix matthew medical medicare
    merlin michael michelle mickey money monkey monster mustang mypassword nicole nurse october office orange
    oracle pass passw0rd passphrase password pepper phoenix please pokemon princess purple qazwsx rainbow
    ranger root samantha samsung school secret secure security september server shadow silver soccer spring
    standard starwars steelers summer sunshine superman support system temp temporary test testing thomas
    thunder tigger training trustno user username welcome whatever william winter yankees yellow you
    qaz wsx edc rfv tgb yhn ujm 1qa 2ws 3ed 4rf 5tg qwe asd zxc 123 321 456 789 147 258 369 741 852 963
    """.split()
)
_LONGEST_WORD = max(map(len, _WORDS))


def is_common(password: str) -> bool:
    """Whether too little of a password is its own: the rest are common words, runs, years, repetitions."""
    text = password.casefold()
    plain = "".join(each for each in text if each.isalnum())
    if not plain or _repeats(text) or _repeats(plain):
        return True
    return min(_own(text), _own(plain), _own(plain.translate(_LOOKALIKES))) < LEAST_OWN


def _repeats(text: str) -> bool:
    """Whether a text is one part, said twice or more."""
    return len(text) > 1 and (text + text).find(text, 1) < len(text)


def _own(text: str) -> int:
    """The fewest characters that no common part explains."""
    fewest = [0] * (len(text) + 1)
    for end in range(1, len(text) + 1):
        fewest[end] = fewest[end - 1] + 1
        for start in range(max(0, end - max(_LONGEST_WORD, 20)), end - _SHORTEST_WORD + 1):
            if fewest[start] < fewest[end] and _is_known(text[start:end]):
                fewest[end] = fewest[start]
    return fewest[-1]


def _is_known(part: str) -> bool:
    return part in _WORDS or bool(_YEAR.fullmatch(part)) or _is_run(part) or _is_interleaved(part)


def _is_run(part: str) -> bool:
    """Whether each character is the same as, or beside, the one before: on the keyboard or in its order."""
    return len(part) >= _SHORTEST_RUN and all(second in _beside()[first] for first, second in pairwise(part))


def _is_interleaved(part: str) -> bool:
    """Two runs in turn: q1w2e3r4."""
    odd, even = part[::2], part[1::2]
    return _is_run(odd) and _is_run(even)


class _Neighbors(dict[str, frozenset[str]]):
    """The neighbors of each key; a character that is none has only itself."""

    def __missing__(self, key: str) -> frozenset[str]:
        return frozenset(key)


@cache
def _beside() -> _Neighbors:
    found: dict[str, set[str]] = {}
    for order in (*_ROWS, *_ALPHABETS):
        for position, key in enumerate(order):
            found.setdefault(key, {key}).update(order[max(0, position - 1) : position + 2])
    for upper, lower in pairwise(_ROWS):
        for position, key in enumerate(lower):
            # A key lies below the gap between the two above it.
            above = upper[position : position + 2]
            found[key].update(above)
            for each in above:
                found[each].add(key)
    found["9"].add("0")
    found["0"].add("9")
    return _Neighbors({key: frozenset(keys) for key, keys in found.items()})
