"""In which sense a note mentions something: denied, of a relative, in the past, possible, planned.

Words before or after a mention change its sense within their sentence, until a word such as "but" ends their
reach. The method is that of NegEx and ConText (Chapman 2001; Harkema 2009); the words are ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_ENDS = (
    r"\b(?:(?<!anything )but|however|although|though|except|apart from|aside from|nevertheless|yet|still|"
    r"who|which|now has|"
    r"now with|(?<!not )presents? with|presented with|presenting with|admitted (?:with|for)|"
    r"(?<!not )found to have|does have|developed|(?<!not )complains? of|(?<!not )reports?|"
    r"and (?:also )?has|(?<!not )positive for|with ongoing|because of|due to|secondary to)\b|[;:]"
)
_END = re.compile(_ENDS, re.IGNORECASE)
# What is feared or planned reaches further: "the risks, which include".
_TURNS = re.compile(r"\b(?:but|however|although|though|except|nevertheless|yet)\b|;", re.IGNORECASE)
_NEGATED_BEFORE = re.compile(
    r"\b(?:no|not|without|denies|denied|denying|never|negative for|absence of|absent|free of|ruled out|"
    r"no evidence of|no sign of|no signs of|nothing to suggest|fails? to (?:show|demonstrate)|"
    r"failed to (?:show|demonstrate)|no history of|rather than|neither|nor|none of|hardly|barely|scarcely|"
    r"zero|anything but|"
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
    r"^\s*[:,]\s*(?:no\b(?! \w)|none|negative|denies|denied|absent|n)\b(?!/)|^\s*\(\s*[-–−]\s*\)|"
    r"^[^.;]{0,20}?\b(?:is|are|was|were|has|have) (?:now )?(?:gone|cleared|over)\b|"
    r"^[^.;]{0,40}?\b(?:(?:was |is |has been )?ruled out|"
    r"not (?:seen|found|identified|present|demonstrated|detected|appreciated|noted|evident)|"
    r"(?:is|are|was|were|has been|have been) (?:absent|denied|negative|not|excluded)|unlikely|negative)\b",
    re.IGNORECASE,
)
_UNCERTAIN = re.compile(
    r"\b(?:possible|possibly|probable|probably|likely|suspected|suspicious for|"
    r"suspicion (?:of|for)|concern(?:ing|ed)? (?:for|about)|"
    r"cannot (?:exclude|rule out)|can't (?:exclude|rule out)|may have|"
    r"might have|may be|might be|could be|could represent|"
    r"(?:could|may|might|would) (?:suggest|indicate|reflect)|unconfirmed|unclear|what might be|look for|"
    r"questionable|may represent|might represent|low suspicion|low likelihood|equivocal|presumed|"
    r"versus|vs\.?|differential(?: diagnosis)?(?: includes)?|evaluat(?:e|ion|ed) for|"
    r"rule out|r/o|work-?up for|test(?:ed|ing)? for|screen(?:ed|ing)? for|"
    r"unclear if|whether|to exclude|to assess for|thought (?:that|to)|mimic\w*|considered|suggested that|"
    r"for example|for instance|in theory)\b",
    re.IGNORECASE,
)
_UNCERTAIN_AFTER = re.compile(
    r"^[^.;,]{0,25}?\b(?:is on the differential|is not suspected|versus|"
    r"vs\.?|is suspected|was suspected|is possible|is likely|"
    r"cannot be excluded|cannot be ruled out|suspected)|^\?|^[^.;]{0,40}?\b(?:unconfirmed|not confirmed|"
    r"artifact\w*|artefact\w*|in error|by mistake|only in the template|probe (?:is |was )?off|if confirmed|"
    r"(?:does|do|did) not\s*$)\b|"
    # What is named after the condition, and is not the condition.
    r"^\s*(?:vaccin\w*|immuni[sz]ation|shots?\b|clinic\b|prophylaxis|precautions|protocols?\b|bundle|pathway|"
    r"education|questionnaire|awareness|-free\b|free\b)",
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
    r"\b(?:history of|past|(?:treated|hospitalized|admitted|seen) for(?=[^.;]{0,40}\b(?:19|"
    r"20)\d\d)|h/o|hx of|past medical history|pmh|previous|previously|prior(?! "
    r"(?:to|authorization))|formerly|remote|in childhood|as a child|"
    r"years? ago|months? ago|last year|s/p|status post|old|resolved|(?:in|before|until) (?:19|"
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
    r"grandfather|grandparents?|aunts?|uncles?|cousins?|nephews?|"
    r"nieces?|sons?|daughters?|sisters?|brothers?|twin|"
    r"family history|fhx?|maternal|paternal|family member|relatives?|mom|dad)(?:'s)?\b",
    re.IGNORECASE,
)
_FAMILY_AFTER = re.compile(
    r"^[^.;]{0,20}?\b(?:runs in (?:the|her|his) family|in (?:her|his|the) (?:mother|father|sister|brother|"
    r"family|parents?|son|daughter|aunt|uncle|grandmother|"
    r"grandfather)|on (?:her|his) (?:mother|father)'s side)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:roommate|coworker|co-worker|neighbou?r|husband|wife|spouse|partner|"
    r"friend|classmate|contact with|exposure to|exposed to|employer|caregiver|donor|fetus|foetus|pet|dog|cat|"
    r"next bed)(?:'s)?\b",
    re.IGNORECASE,
)
# Somebody else than this patient is meant, in the whole sentence.
_NOBODY = re.compile(
    r"\b(?:(?:another|other|different|second|next) patients?|patients|a patient (?:who|with|has)|article|"
    r"literature|"
    r"guidelines?|textbook|sample (?:note|text|chart))\b|^\s*(?:example|protocol|policy|template)\b",
    re.IGNORECASE,
)
_OTHER_AFTER = re.compile(
    r"^[^.;]{0,40}?\b(?:roommate|coworker|co-worker|neighbou?r|husband|wife|spouse|partner|friend|classmate|donor)'s\b|"
    r"^[^.;]{0,20}?\bin (?:adults|children|patients|women|men|infants)\b",
    re.IGNORECASE,
)
# A box that is not ticked, as the last one before the mention.
_UNTICKED = re.compile(r"(?:\[ ?\]|☐|□|\( \))[^\[\]☐□☑☒✓✔]*$")
# A value that is wanted or usual, and not measured.
_WANTED = re.compile(
    r"\b(?:goal|target|normal|desired|expected|reference|threshold|aim(?:ing)?|keep|maintain)\b[^.;]{0,25}$",
    re.IGNORECASE,
)
# What a record takes back: the sentence before it, and what follows on it.
_TAKEN_BACK = re.compile(
    r"\b(?:entered|charted|documented|recorded|dictated|written|noted) (?:here )?(?:in error|by mistake|"
    r"erroneously)\b|"
    r"\bin error\b|\berroneous(?:ly)?\b|^\s*correction\b|\bdisregard\b|\bretract(?:ed|ion)?\b|\bstricken\b|"
    r"\b(?:this|that|which|it|the above) (?:was|is) (?:wrong|incorrect|not correct|a mistake|not true)\b",
    re.IGNORECASE,
)
# What makes all of a document doubtful.
_WRONG_CHART = re.compile(
    r"\bwrong (?:patient|chart|encounter)\b|\b(?:belongs?|belonging) to (?:another|a different) patient\b|"
    r"\b(?:another|a different) patient's (?:chart|record|note)\b",
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
# A mention counts as stated only where words around it assert it: a wording that is not known is no fact.
_ASSERTED_BEFORE = re.compile(
    r"\b(?:has|have|having|with|shows?|showed|showing|demonstrates?|demonstrated|reveals?|revealed|confirms?|"
    r"confirmed|reports?|reported|reporting|complain(?:s|ed|ing)? of|"
    r"complaints?|endorses|experienc(?:es|ed|ing)|"
    r"presents? (?:with|for)|presented (?:with|for)|presenting with|"
    r"diagnos(?:is|es|ed with)|assessment|impression|"
    r"suffers? from|known|chronic|acute|ongoing|persistent|worsening|continues|there (?:is|are)|positive for|"
    r"significant for|notable for|remarkable for|found to have|"
    r"consistent with|due to|because of|secondary to|"
    r"admitted (?:with|for)|seen for|reason for (?:the )?visit(?: is)?|"
    r"follow-up of|not only|but also|severe|moderate|"
    r"mild|took|takes|taking|completed|underwent|received|tried|failed|"
    r"started on|treated with|respond(?:s|ed)? to|"
    r"continue|continued|requir(?:es|ed|ing)|developed|uncontrolled|problem list|hpi|exam)\b",
    re.IGNORECASE,
)
_ASSERTED_AFTER = re.compile(
    r"^[^.;]{0,40}?\b(?:(?:is|are|was|were) (?:present|noted|seen|"
    r"identified|confirmed|evident|persistent|severe|"
    r"worsening|uncontrolled)|has (?:worsened|persisted|progressed)|for (?:the (?:past|last) )?(?:\w+|\d+) "
    r"(?:days?|weeks?|months?|years?)|since|without relief|not controlled|poorly controlled|uncontrolled|"
    r"on (?:exam\w*|imaging|mri|ct|x-?ray)|positive)\b",
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


def sense_of(sentence: str, start: int, end: int, section: str, *, is_measured: bool = False) -> Sense:
    """The sense of the mention from `start` to `end` of a sentence that stands in a section.

    A condition is stated only where words assert it; a value that was measured needs none.
    """
    before, after = sentence[:start], sentence[end:]
    reach = max((match.end() for match in _END.finditer(before)), default=0)
    near = before[reach:]
    since_turn = before[max((match.end() for match in _TURNS.finditer(before)), default=0) :]
    cut = _END.search(after)
    # "Pneumonia: no" keeps its colon.
    behind = after if after.lstrip().startswith((":", "was", "is")) else after[: cut.start() if cut else None]
    tells = _TELLS.search(sentence) is not None
    is_others = (
        _NOBODY.search(before) is not None
        or _OTHER.search(near) is not None
        or _OTHER_AFTER.match(after) is not None
    )
    subject: Literal["patient", "family", "other"] = "patient"
    is_family = _FAMILY.search(before) or _FAMILY_AFTER.match(after)
    if section == "family" or (is_family and not tells):
        subject = "family"
    elif is_others and not tells:
        subject = "other"
    bare = _PSEUDO.sub(lambda match: " " * len(match[0]), near)
    negated = _reaches(_NEGATED_BEFORE, bare) or _NEGATED_AFTER.match(behind) is not None
    time: Literal["current", "past", "hypothetical"] = "current"
    if (
        section == "hypothetical"
        or _HYPOTHETICAL.search(since_turn)
        or (is_measured and _WANTED.search(before))
    ):
        time = "hypothetical"
    elif not _LASTING.search(near) and (
        section == "past" or _PAST.search(near) or (_PAST_AFTER.match(behind) and not _LASTING.search(behind))
    ):
        time = "past"
    asserted = _ASSERTED_BEFORE.search(before) is not None or _ASSERTED_AFTER.match(behind) is not None
    is_said_of_today = not negated and subject == "patient" and time == "current"
    uncertain = (
        (is_said_of_today and not (asserted or is_measured))
        or _UNCERTAIN.search(near) is not None
        or _UNCERTAIN_AFTER.match(behind) is not None
        or _UNTICKED.search(before) is not None
    )
    return Sense("absent" if negated else "present", subject, time, "uncertain" if uncertain else "stated")


def is_taken_back(sentence: str, following: str | None) -> bool:
    """Whether a sentence, or the one that follows on it, says that it is wrong."""
    return _TAKEN_BACK.search(sentence) is not None or (
        following is not None and _TAKEN_BACK.search(following) is not None
    )


def is_of_wrong_chart(text: str) -> bool:
    """Whether a document says that it is, or may be, of another patient."""
    return _WRONG_CHART.search(text) is not None


def _reaches(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a word of the pattern stands near enough before: within ten words, or heading a list."""
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    if found is None:
        return False
    between = text[found.end() :]
    return len(between.split()) <= 10 or "," in between or " or " in between
