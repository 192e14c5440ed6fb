"""What of a sentence can be compared with facts: quotations, citations, amounts, dates, codes, numbers,
names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from .verdict import Problem

# Words in quotation marks of any kind; a mark that opens differently than it closes counts too.
QUOTED = re.compile(
    r"[“„«‟]([^”“»]*)[”“»]|\"([^\"]*)\"|(?<!\w)[‘‚‹]([^’›]{3,}?)[’›](?!\w)|(?<!\w)'([^']{3,}?)'(?!\w)"
)
_CITATIONS = re.compile(
    r"\b\d{1,2} (?:C\.?F\.?R\.?|CCR|TAC|NYCRR|ILCS)\b(?: (?:§+ ?)?[\d.\-]+(?:\([0-9A-Za-z]+\))*)?|"
    r"\b\d{1,2} U\.?S\.?C\.?(?: (?:§+ ?)?\d+[\w\-]*(?:\([0-9A-Za-z]+\))*)?|"
    r"\b(?:NCD|LCD|LCA) (?:L|A)?\d[\d.]*|\bPMID:? ?\d+|\bdoi:? ?10\.\S+|\b10\.\d{4,9}/\S+|"
    r"\bPub(?:lication)?\.? 100-\d+|\bsections? \d[\d.]*(?:\([0-9A-Za-z]+\))*|§+ ?\d[\d.]*|"
    r"\b(?:Medicare|Medicaid|CMS|TRICARE)(?: \w+){1,4} Manual\b|\bch(?:apter|\.) ?\d+|"
    r"\b(?:New England Journal of Medicine|JAMA|Lancet|BMJ|NEJM|Annals of Internal Medicine|et al\.?)"
    r"|\b(?:Insurance (?:Law|Code)|Health and Safety Code|General Statutes) [\d.\-a-z]+",
    re.IGNORECASE,
)
_POLICIES = re.compile(
    r"\b(?:medical |clinical |coverage |payment |reimbursement )?(?:policy|policies|"
    r"guideline|bulletin)(?: (?:number|no\.?|#))? ?[A-Z]{0,6}[-.]?\d[\w.\-]*|"
    r"\b(?:InterQual|Milliman|MCG|CareWeb|eviCore|AIM Specialty|"
    r"UpToDate|NCCN|ACR Appropriateness|Cochrane)\b|"
    r"\b(?:your|the plan's|the payer's) (?:own )?(?:medical|"
    r"clinical|coverage|reimbursement) polic(?:y|ies)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"\$ ?-?[\d,]+(?:\.\d+)?|\b[\d,]+(?:\.\d+)? (?:dollars|USD)\b|\b[\d,.]+ ?[kK]\b")
# What makes another amount of one that a fact has.
_OTHER_AMOUNT = re.compile(
    r"[-−–(]\$ ?[\d,]+(?:\.\d+)?|\$ ?[\d,]+(?:\.\d+)? ?(?:thousand|million|billion|[kKmM]\b|(?:per|a|each|"
    r"every|an) "
    r"(?:day|week|month|year|hour|visit|unit|line|claim)\b|each\b|apiece\b|daily\b|weekly\b|monthly\b)"
)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|"
    r"December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)
_DATE = re.compile(
    rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b|\b\d{{1,2}} {_MONTH} \d{{4}}\b|\b{_MONTH} \d{{4}}\b|"
    r"\b\d{1,2}/\d{1,2}/\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}-\d{1,2}-\d{4}\b|"
    rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b|\b(?:[Yy]esterday|[Tt]omorrow|fortnight|(?:Mon|Tues|Wednes|"
    rf"Thurs|Fri|Satur|"
    rf"Sun)days?|(?:past|last|next|previous|following|preceding|same|this) (?:day|week|weekend|month|"
    rf"quarter|year)s?|"
    rf"the (?:day|week|month) (?:before|after)|(?:days|weeks|months|years) (?:ago|later|before|after|"
    rf"earlier)|"
    rf"for (?:days|weeks|months|years))\b"
)
_CODE = re.compile(
    r"\b(?:CO|PR|OA|PI|CR)[- ]?[A-Z]?\d{1,3}\b|\b[A-TV-Za-tv-z]\d[0-9A-Za-z](?:\.[0-9A-Za-z]{1,4})\b|"
    r"\b\d{4}[0-9FTUM]\b|"
    r"\b[A-V]\d{4}\b|\b(?:MA|N|M)\d{1,3}\b|\b(?:modifiers?|CPT|HCPCS|"
    r"DRG|CARC|RARC|revenue code) ?[A-Z0-9]{2,5}\b"
)
_IDENTIFIER = re.compile(
    r"\b(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z-])[A-Z0-9][A-Z0-9-]{3,}\b|\b\d{7,}\b", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?%?(?![\w])")
_NUMBER_WORD = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|"
    r"twelve|fifteen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundred|thousand|dozen|twice|thrice|half|several|multiple|numerous|dozens|"
    r"(?:a|one) (?:third|quarter|fifth|tenth)|thirds|quarters|fifths|double|triple|most of|majority)\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"\b(?:(?:Dr|Mr|Mrs|Ms|Prof)\.? )?[A-Z][A-Za-z'’\-]+(?: (?:[A-Z]\.|of|and|"
    r"the|de|van|for|&) ?(?=[A-Z])| [A-Z][A-Za-z'’\-]+)*"
)
_LEVELS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(words, re.IGNORECASE), meanings)
    for words, meanings in (
        (r"\bfirst[- ]level\b|\blevel (?:1|one)\b", ("1",)),
        (r"\bsecond[- ]level\b|\blevel (?:2|two)\b", ("2",)),
        (r"\bthird[- ]level\b|\blevel (?:3|three)\b", ("3",)),
        (r"\bfourth[- ]level\b|\blevel (?:4|four)\b", ("4",)),
        (r"\bredetermination\b", ("redetermination",)),
        (r"\breconsideration\b", ("reconsideration",)),
        (r"\b(?:administrative law judge|ALJ)\b", ("administrative law judge",)),
        (r"\bMedicare Appeals Council\b", ("council",)),
        (r"\bexternal review\b|\bindependent medical review\b", ("external review",)),
        (r"\binternal appeal\b", ("internal appeal",)),
        (r"\bpeer[- ]to[- ]peer\b", ("peer-to-peer",)),
        (r"\bgrievance\b", ("grievance",)),
        (r"\bfair hearing\b", ("fair hearing",)),
        (r"\b2nd[- ]level\b", ("2",)),
        (r"\b3rd[- ]level\b", ("3",)),
    )
)  # fmt: skip
_NOT_NAMES = frozenset(
    "the this that these those we our us you your it its he she they his "
    "her their a an and or but for in on at by of to from "
    "with as if no not is are was were has have had there here please "
    "because since after before when where while under "
    "claim line payer plan patient provider member date amount code codes "
    "exhibit page letter record records report note "
    "medicare medicaid federal state national january february march "
    "april may june july august september october "
    "november december monday tuesday wednesday thursday friday "
    "saturday sunday attached enclosed sincerely dear re "
    "each all any both such upon during until between within without "
    "therefore accordingly however further finally "
    "additionally also only one two three".split()
)


# Who claims an authority names a source of the library for it.
AUTHORITY = re.compile(
    r"\b(?:(?:federal|state|applicable|existing|contract) (?:law|laws|regulations?|statutes?|rules?)|the "
    r"law|ERISA|the Act|"
    r"HIPAA|(?:randomi[sz]ed|clinical|controlled|recent|published) (?:trials?|studies|study|evidence)|"
    r"studies|"
    r"meta-anal\w+|(?:medical|scientific|peer-reviewed|published) literature|"
    r"(?:society|academy|college|association|experts?|guidelines?|specialists?) (?:recommends?|requires?|"
    r"states?|advises?)|"
    r"standards? of care|courts? (?:has|have|held)|case law|www\.\S+|https?://\S+)",
    re.IGNORECASE,
)
# More patients than the one of the case.
_OTHER_PATIENTS = re.compile(
    r"\b(?:patients|both (?:women|men|children)|they both|her twin|his twin)\b", re.IGNORECASE
)
_EXHIBIT = re.compile(r"\b[Ee]xhibits? ([A-Z]{1,2})\b")
# Signs that letters have besides ASCII. Whatever else is in no fact is taken for a disguise.
_SIGNS = frozenset("\u00a0“”‘’„«»–—…§¶°µ•×±²³½¼¾™®©")


def disguised(text: str, known: Collection[str]) -> Iterator[str]:
    """Characters that look like others or can't be seen, where no fact of the case has them."""
    allowed = _SIGNS | {char for each in known for char in each}
    for char in text:
        if char.isascii() and (char.isprintable() or char in "\n\t"):
            continue
        if char not in allowed:
            yield f"U+{ord(char):04X}"


def other_amounts(text: str) -> Iterator[str]:
    """Amounts that a sign or a word before or after them makes another amount."""
    for match in _OTHER_AMOUNT.finditer(text):
        yield match[0].strip()


def other_patients(text: str) -> Iterator[str]:
    """Words for more patients than the one of the case."""
    for match in _OTHER_PATIENTS.finditer(text):
        yield match[0]


def other_exhibits(text: str, letters: Collection[str]) -> Iterator[str]:
    """Exhibits that the letter does not have."""
    for match in _EXHIBIT.finditer(text):
        if match[1] not in letters:
            yield match[0]


def blanked(text: str, pieces: Collection[str]) -> tuple[str, set[str]]:
    """The text with these pieces replaced by blanks, the longest first, and those that were in it.

    A piece counts only as a whole word: 99213 is not found in 992135.
    """
    there = set()
    for piece in sorted({each for each in pieces if each.strip()}, key=lambda each: (-len(each), each)):
        pattern = re.compile(
            (r"(?<![\w$])" if piece[0].isalnum() else "") + re.escape(piece)
            + (r"(?!\w|[.,]\d|-\d|/)" if piece[-1].isalnum() else "")
        )  # fmt: skip
        text, count = pattern.subn(lambda match: " " * len(match[0]), text)
        if count:
            there.add(piece)
    return text, there


def leftovers(text: str) -> Iterator[tuple[Problem, str]]:
    """What of a text, from which all that is known was blanked out, could be a fact: its kind and its
    words.
    """
    for problem, pattern in (
        (Problem.CITATION, _CITATIONS), (Problem.POLICY, _POLICIES), (Problem.AMOUNT, _AMOUNT),
        (Problem.DATE, _DATE), (Problem.CODE, _CODE), (Problem.IDENTIFIER, _IDENTIFIER),
        (Problem.NUMBER, _NUMBER), (Problem.NUMBER, _NUMBER_WORD),
    ):  # fmt: skip
        for match in pattern.finditer(text):
            yield problem, match[0].strip()
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    for match in _NAME.finditer(text):
        words = [word for word in re.findall(r"[A-Za-z'’\-]+", match[0]) if word.lower() not in _NOT_NAMES]
        starts = not text[: match.start()].strip() or text[: match.start()].rstrip().endswith((".", ":", "?"))
        # The first word of a sentence is written large whatever it is.
        if starts and words and match[0].lstrip().startswith(words[0]) and len(words) == 1:
            continue
        if words:
            yield Problem.NAME, match[0].strip()


def other_levels(text: str, level: int, level_name: str) -> Iterator[str]:
    """Words that name another level of appeal than the case's."""
    name = level_name.lower()
    for pattern, (meaning,) in _LEVELS:
        if (match := pattern.search(text)) is None:
            continue
        right = str(level) == meaning if meaning.isdigit() else meaning in name
        if not right:
            yield match[0]
