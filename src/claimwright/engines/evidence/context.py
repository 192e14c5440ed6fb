"""In which sense a note mentions something: denied, of a relative, in the past, possible, planned.

Words before or after a mention change its sense within their sentence, until a word such as "but" ends their
reach. The method is that of NegEx and ConText (Chapman 2001; Harkema 2009); the words are ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_ENDS = (
    r"\b(?:but|however|although|though|except|apart from|aside from|"
    r"nevertheless|yet|still|who|which|now has|"
    r"now with|presents? with|presented with|presenting with|admitted (?:with|for)|found to have|does "
    r"have|developed|complains? of|reports?|and (?:also )?has|positive for|"
    r"with ongoing|because of|due to|secondary to)\b|[;:]"
)
_END = re.compile(_ENDS, re.IGNORECASE)
_NEGATED_BEFORE = re.compile(
    r"\b(?:no|not|without|denies|denied|denying|never|negative for|absence of|absent|free of|ruled out|"
    r"no evidence of|no sign of|no signs of|no history of|rather than|neither|nor|none of|"
    r"(?:does|did|do|has|have|had|is|was|are|were) not|(?:doesn|didn|"
    r"hasn|isn|wasn)'t|no longer has|resolved)\b",
    re.IGNORECASE,
)
# Words that negate nothing although they begin like those that do.
_PSEUDO = re.compile(
    r"\b(?:no (?:significant )?(?:change|increase|improvement|relief|"
    r"response|benefit)(?: (?:in|from|of|with|to))?|"
    r"not (?:only|certain|respond\w*|improv\w*|tolerat\w*|relieved|"
    r"controlled|cause|necessarily)(?: to| from| by)?|"
    r"without (?:relief|improvement|benefit|response|difficulty|resolution)(?: (?:from|to|of|with))?|"
    r"not (?:been )?(?:helped|successful|effective))\b",
    re.IGNORECASE,
)
_NEGATED_AFTER = re.compile(
    r"^\s*:\s*(?:no|none|negative|denies|denied|absent)\b|"
    r"^[^.;]{0,40}?\b(?:(?:was |is |has been )?ruled out|"
    r"not (?:seen|found|identified|present|demonstrated|detected|appreciated|noted|evident)|"
    r"(?:is|are|was|were) (?:absent|denied|negative|not|excluded)|unlikely|negative)\b",
    re.IGNORECASE,
)
_UNCERTAIN = re.compile(
    r"\b(?:possible|possibly|probable|probably|likely|suspected|suspicious for|"
    r"suspicion (?:of|for)|concern(?:ing|ed)? (?:for|about)|"
    r"cannot (?:exclude|rule out)|can't (?:exclude|rule out)|may have|"
    r"might have|may be|might be|could be|could represent|"
    r"questionable|presumed|versus|vs\.?|differential(?: diagnosis)?(?: includes)?|evaluat(?:e|ion|ed) for|"
    r"rule out|r/o|work-?up for|test(?:ed|ing)? for|screen(?:ed|ing)? for|"
    r"unclear if|unclear whether|to exclude|to assess for)\b",
    re.IGNORECASE,
)
_UNCERTAIN_AFTER = re.compile(
    r"^[^.;,]{0,25}?\b(?:is suspected|was suspected|is possible|is likely|"
    r"cannot be excluded|cannot be ruled out|suspected)|^\?",
    re.IGNORECASE,
)
_HYPOTHETICAL = re.compile(
    r"\b(?:if|should (?:she|he|they|the patient|symptoms)|in case|return (?:for|"
    r"if|to)|return precautions|risk (?:of|for|factors? for)|"
    r"at risk|to prevent|prevention of|prophylaxis|monitor for|watch "
    r"for|call (?:for|if)|would be|in the event|"
    r"educat(?:ed|ion) (?:on|about|regarding)|discussed the risks?|"
    r"risks? include|plan to start|will start|will begin|"
    r"consider|considering|recommend(?:ed|ing)? (?:starting|a trial)|potential "
    r"complications|unless|planned|scheduled for|to be started)\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:history of|h/o|hx of|past medical history|pmh|previous|previously|prior(?! "
    r"(?:to|authorization))|formerly|remote|in childhood|as a child|"
    r"years? ago|months? ago|last year|s/p|status post|old|resolved|in (?:19|"
    r"20)\d\d|had (?:a|an)? ?\w* ?(?:in|at age)|since resolved)\b",
    re.IGNORECASE,
)
_PAST_AFTER = re.compile(
    r"^[^.;]{0,40}?\b(?:\d+ years? ago|years? ago|in (?:19|20)\d\d|last year|as a "
    r"child|in childhood|which (?:has )?resolved|has resolved|"
    r"since resolved|now resolved|resolved|in the past|in remission)\b",
    re.IGNORECASE,
)
# What is old and lasts is current: a chronic condition with its date of diagnosis.
_LASTING = re.compile(
    r"\b(?:since (?:19|20)\d\d|for (?:the (?:past|last) )?(?:\w+|\d+) (?:years?|months?|"
    r"weeks?|days?)|chronic|ongoing|persistent|continues|worsening)\b",
    re.IGNORECASE,
)
_FAMILY = re.compile(
    r"\b(?:mother|father|brother|sister|siblings?|parents?|grandmother|"
    r"grandfather|grandparents?|aunt|uncle|cousin|son|daughter|"
    r"family history|fhx?|maternal|paternal|family member|relatives?|mom|dad)(?:'s)?\b",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:roommate|coworker|co-worker|neighbou?r|husband|wife|spouse|partner|"
    r"friend|classmate|contact with|exposure to|exposed to)(?:'s)?\b",
    re.IGNORECASE,
)
# Relatives who tell or bring, instead of being ill.
_TELLS = re.compile(
    r"\b(?:mother|father|son|daughter|husband|wife|sister|brother|"
    r"spouse|mom|dad|parents?|family)\b[^.;]{0,12}\b"
    r"(?:reports?|reported|states?|stated|says|said|notes?|noted|brought|brings|"
    r"describes?|called|is concerned|accompanied|denies)\b|"
    r"\b(?:accompanied by|brought in by|per|lives with|according to) (?:his |her |the )?(?:patient's )?"
    r"(?:mother|father|son|daughter|husband|wife|sister|brother|spouse|mom|dad|parents?|family)",
    re.IGNORECASE,
)
_HEADINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^\s*(?:family (?:medical )?history|fhx?|family hx)\b", re.IGNORECASE), "family"),
    (re.compile(r"^\s*(?:past (?:medical|surgical) history|pmhx?|psh|history "
        r"of past illness|previous illnesses)\b", re.IGNORECASE), "past"),
    (re.compile(r"^\s*(?:return precautions|patient education|education|instructions|"
        r"precautions|discharge instructions|contingency)\b", re.IGNORECASE), "hypothetical"),
    (re.compile(r"^\s*[A-Z][A-Za-z /&]{2,40}:"), "plain"),
)  # fmt: skip


@dataclass(frozen=True)
class Sense:
    """The sense of a mention, in the words of `claimwright.domain.appeal_case.Clinical`."""

    polarity: Literal["present", "absent"]
    subject: Literal["patient", "family", "other"]
    time: Literal["current", "past", "hypothetical"]
    certainty: Literal["stated", "uncertain"]


def heading_of(line: str) -> str | None:
    """What a line that opens a section means for what follows: family, past, hypothetical, plain; or None."""
    return next((meaning for pattern, meaning in _HEADINGS if pattern.match(line)), None)


def sense_of(sentence: str, start: int, end: int, section: str) -> Sense:
    """The sense of the mention from `start` to `end` of a sentence that stands in a section."""
    before, after = sentence[:start], sentence[end:]
    reach = max((match.end() for match in _END.finditer(before)), default=0)
    near = before[reach:]
    cut = _END.search(after)
    # "Pneumonia: no" keeps its colon.
    behind = after if after.lstrip().startswith((":", "was", "is")) else after[: cut.start() if cut else None]
    tells = _TELLS.search(sentence) is not None
    subject: Literal["patient", "family", "other"] = "patient"
    if section == "family" or (_FAMILY.search(before) and not tells):
        subject = "family"
    elif _OTHER.search(near) and not tells:
        subject = "other"
    bare = _PSEUDO.sub(lambda match: " " * len(match[0]), near)
    negated = _reaches(_NEGATED_BEFORE, bare) or _NEGATED_AFTER.match(behind) is not None
    time: Literal["current", "past", "hypothetical"] = "current"
    if section == "hypothetical" or _HYPOTHETICAL.search(near):
        time = "hypothetical"
    elif not _LASTING.search(near) and (
        section == "past" or _PAST.search(near) or (_PAST_AFTER.match(behind) and not _LASTING.search(behind))
    ):
        time = "past"
    uncertain = _UNCERTAIN.search(near) is not None or _UNCERTAIN_AFTER.match(behind) is not None
    return Sense("absent" if negated else "present", subject, time, "uncertain" if uncertain else "stated")


def _reaches(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a word of the pattern stands near enough before: within ten words, or heading a list."""
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    if found is None:
        return False
    between = text[found.end() :]
    return len(between.split()) <= 10 or "," in between or " or " in between
