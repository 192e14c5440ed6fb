"""What a payer's letter about an appeal says, by rules: outcome, date of the decision, whether it names the
claim.

A letter of which the rules are not sure is `unclear`. Nothing follows from a reading by itself: a person
applies it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .findings import date_in

# In the order in which they count: what is decided goes before what is acknowledged in the same letter.
_PARTLY = re.compile(
    r"\b(?:partial(?:ly)?\s+(?:favou?rable|approv\w+|overturn\w*|reversed?|granted)|"
    r"(?:approv\w+|overturn\w+|revers\w+|granted|favou?rable)\s+in\s+part)\b",
    re.IGNORECASE,
)
_WON = re.compile(
    r"\b(?:overturn(?:ed|ing)?|fully\s+favou?rable|(?:decision|denial|determination)\s+(?:is|was|has\s+been)\s+reversed|"
    r"reverse[ds]?\s+(?:our|the|its)\s+(?:\w+\s+){0,3}(?:decision|denial|determination)|"
    r"(?:appeal|request|claim)\s+(?:is|was|has\s+been)\s+(?:approved|granted)|"
    r"(?:have|has)\s+(?:approved|granted)\s+(?:your|the)\s+(?:appeal|request|claim)|"
    r"(?:determination|decision)\s+is\s+favou?rable|in\s+your\s+favou?r)\b",
    re.IGNORECASE,
)
_LOST = re.compile(
    r"\b(?:uph(?:e?ld|old(?:s|ing)?)|unfavou?rable|affirm(?:ed|s|ing)?\s+(?:our|the|its)|"
    r"(?:appeal|request)\s+(?:is|was|has\s+been|must\s+be)\s+(?:denied|dismissed)|"
    r"(?:decision|denial|determination)\s+(?:stands|remains|is\s+unchanged|will\s+not\s+change)|"
    r"(?:unable|not\s+able)\s+to\s+(?:approve|reverse|change|overturn)|"
    r"(?:den(?:y|ied|ying)|dismiss(?:ed|ing)?)\s+(?:your|the|this)\s+(?:appeal|request))\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:not|cannot|can't|never|unable\s+to|decline[ds]?\s+to|no\s+basis\s+to|if|whether|should|would|may|"
    r"request(?:ed)?\s+(?:that|to)|ask(?:ed|s|ing)?\s+(?:us\s+)?to)\b[^.;]{0,60}$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(?:additional|further|more|missing)\s+(?:information|documentation|records)\s+(?:is|are)?\s*"
    r"(?:needed|required|requested|necessary)|please\s+(?:submit|send|provide)\s+(?:the\s+)?(?:following|additional|"
    r"medical\s+records)\b",
    re.IGNORECASE,
)
_GOT = re.compile(
    r"\b(?:acknowledge|(?:we|have|has)\s+(?:have\s+)?received\s+(?:your|the)\s+(?:appeal|request)|"
    r"receipt\s+of\s+your\s+(?:appeal|request))",
    re.IGNORECASE,
)
_DECIDED_ON = re.compile(
    r"(?:decision\s+date|date\s+of\s+(?:this\s+)?(?:decision|notice|determination|letter)|notice\s+date|"
    r"letter\s+date|decided\s+on|date)\s*:?\s*",
    re.IGNORECASE,
)
_HEAD = 2_500


@dataclass(frozen=True)
class AnswerReading:
    """What a letter says: acknowledged, more_information, won, partly_won, lost or unclear."""

    says: str
    decided_on: datetime.date | None
    names_claim: bool


def read_answer(text: str, numbers: Sequence[str]) -> AnswerReading:
    """The reading of a payer's letter; `numbers` are those by which a letter can name the claim."""
    flat = " ".join(text.split())
    partly, won, lost = (_said(pattern, flat) for pattern in (_PARTLY, _WON, _LOST))
    if partly:
        says = "partly_won"
    elif won and lost:
        # "We overturn ... and uphold ...": a person reads it.
        says = "unclear"
    elif won or lost:
        says = "won" if won else "lost"
    elif _MORE.search(flat):
        says = "more_information"
    else:
        says = "acknowledged" if _GOT.search(flat) else "unclear"
    bare = re.sub(r"[^A-Z0-9]", "", text.upper())
    named = any(
        len(key) >= 4 and key in bare for each in numbers if (key := re.sub(r"[^A-Z0-9]", "", each.upper()))
    )
    return AnswerReading(says, _date(text[:_HEAD]), named)


def _said(pattern: re.Pattern[str], text: str) -> bool:
    """Whether words are said and not denied, asked for or supposed before them in their sentence."""
    for match in pattern.finditer(text):
        before = re.split(r"[.;:]\s", text[max(0, match.start() - 120) : match.start()])[-1]
        if not _NOT.search(before):
            return True
    return False


def _date(head: str) -> datetime.date | None:
    for match in _DECIDED_ON.finditer(head):
        if (found := date_in(head[match.end() : match.end() + 24])) is not None:
            return found
    return date_in(head)
