"""Creates the file of a new rule: it loads as a draft and its cases pass, and the gaps are marked.

The predicate of a scaffold is a placeholder that is valid for its level, so that the author starts from a
working rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from claimwright.domain.findings import Severity
from claimwright.engines.rules import RuleBook, load_rulebook
from claimwright.engines.rules.names import LEVELS
from claimwright.engines.x12 import BY_CODE
from claimwright.foundation.errors import ConfigurationError
from claimwright.foundation.located_yaml import read_mapping
from claimwright.rulebook import RuleSource

from .reading import UNSAID, read_sources

# The default folder for a user's own rules: `claimwright check --rules rules`.
DEFAULT_FOLDER = Path("rules")

_CODE = re.compile(r"[A-Z]{2,4}[0-9]{3}")
_STATED_CODE = re.compile(r"^code:\s*[\"']?([A-Za-z]{2,4}[0-9]{3})\b", re.MULTILINE)


class ScaffoldError(ConfigurationError, ValueError):
    """A rule that can't be created; the message says what is wrong and what to do."""


@cache
def _placeholders() -> Mapping[str, Mapping[str, str]]:
    """The placeholder texts of a scaffold, by level."""
    text = (files(__package__) / "placeholders.yaml").read_text(encoding="utf-8")
    return read_mapping(text, "placeholders.yaml")


_TEXT = """\
# A draft: it never runs in `claimwright check`. Replace each text marked {unsaid}, then
#     claimwright rules test {file}
#     claimwright rules replay {file} CLAIMS.837
# and set `lifecycle: stable` when you trust it. docs/rules_workshop.md goes through it step by step.
code: {code}
name: {name:<31}# names the defect: what is wrong, in words joined by dashes
title: {unsaid} what is wrong, in one line
severity: {severity:<27}# block: will be denied; warn: a person should look; note
snip: 7                              # 3 balancing, 4 situational, 5 code sets, 6 line of service, 7 payer
lifecycle: draft                     # draft, preview, stable, retired
level: {level:<30}# one finding per {level_words}
{pair_on}forms: {forms:<30}# professional, institutional, dental
# payers: {{ids: ["12345"], claim_filing: [MB]}}   # leave out for every payer
# effective: {{from: 2026-01-01, to: 2026-12-31}}  # by date of service; leave out for always
field: {field:<30}# where to look
authority: {unsaid} what a person can look up; title, edition, section
what: {unsaid} what is wrong in the claim.
why: {unsaid} what the payer does with such a claim.
fix: {unsaid} what to do about it, beginning with a verb.
# carc: ["16"]                       # the denial to expect if it goes out anyway
# True if the claim has the defect; null is not true. The names are in docs/reference/dictionary.md, the
# functions in docs/reference/functions.md.
when: |
  {when}
# Each case states what differs from a clean claim. Test both sides of every limit.
cases:
  - name: {unsaid} what makes it fire
    fires: true
    {fires}
  - name: {unsaid} what is just within the limit
    fires: false
    {quiet}
"""


def scaffold(
    code: str,
    *,
    level: str = "claim",
    severity: str = "warn",
    folder: Path = DEFAULT_FOLDER,
    predicate: Mapping[str, str] | None = None,
    remarks: Sequence[str] = (),
) -> Path:
    """Write the file of a new draft rule, `CODE.yaml` in the folder, and return its path.

    The rule loads and its two cases pass; texts that the author must write are marked `TODO`. `predicate`
    replaces the placeholder of the level: `when`, `field`, `forms`, and the cases `fires` and `quiet`.
    `remarks` are lines of comment at the top.

    Raises:
        ScaffoldError: the code has the wrong form, or a rule or a fault already has it, or the file
            exists; there is no such level or severity.
        OSError: the file can't be written.
    """
    code = code.upper()
    _refuse_words(level, severity)
    _refuse_code(code, folder)
    path = folder / f"{code}.yaml"
    text = _text(code, level, severity, path, predicate or _placeholders()[level])
    text = "".join(f"# {remark}\n" for remark in remarks) + text
    # The file is written only if it is valid: a scaffold that doesn't load would mislead its author.
    read = read_sources([RuleSource(str(path), text)], beside=load_rulebook())
    if read.problems:
        raise ScaffoldError("; ".join(str(problem) for problem in read.problems))
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path


def _refuse_words(level: str, severity: str) -> None:
    if level not in LEVELS:
        raise ScaffoldError(f"there is no level {level}; the levels are {', '.join(LEVELS)}")
    if severity not in set(Severity):
        raise ScaffoldError(f"there is no severity {severity}; choose {', '.join(Severity)}")


def _refuse_code(code: str, folder: Path) -> None:
    if not _CODE.fullmatch(code):
        raise ScaffoldError(f"{code} is not a code: use two to four letters and three digits, such as OWN001")
    if code[:-3] in {fault[:-3] for fault in BY_CODE}:
        raise ScaffoldError(
            f"codes that begin with {code[:-3]} are format errors; choose other letters, such as OWN001"
        )
    book = load_rulebook()
    if code in book:
        raise ScaffoldError(
            f"{code} is already the rule of {book[code].file}; {_free(code, _codes(book, folder))}"
        )
    taken = _codes_in(folder)
    if code in taken:
        raise ScaffoldError(
            f"{code} is already the rule of {taken[code]}; {_free(code, _codes(book, folder))}"
        )
    path = folder / f"{code}.yaml"
    if path.exists():
        raise ScaffoldError(f"{path} exists; {_free(code, _codes(book, folder))}")


def _codes(book: RuleBook, folder: Path) -> set[str]:
    return {rule.code for rule in book} | set(_codes_in(folder))


def _codes_in(folder: Path) -> dict[str, str]:
    """The codes in the files of a folder, including files that are not valid rules yet."""
    found: dict[str, str] = {}
    if not folder.is_dir():
        return found
    for path in sorted(
        entry for entry in folder.rglob("*") if entry.suffix in {".yaml", ".yml"} and entry.is_file()
    ):
        stated = _STATED_CODE.search(path.read_text(encoding="utf-8", errors="replace"))
        if stated:
            found.setdefault(stated.group(1).upper(), str(path))
    return found


def free_code(letters: str, folder: Path = DEFAULT_FOLDER) -> str:
    """The first code with these letters that no rule has, in the rulebook or in the folder.

    Raises:
        ScaffoldError: there is none.
    """
    known = _codes(load_rulebook(), folder)
    for number in range(1, 1000):
        if f"{letters}{number:03d}" not in known:
            return f"{letters}{number:03d}"
    raise ScaffoldError(f"all codes that begin with {letters} are taken; choose other letters")


def _free(code: str, taken: Iterable[str]) -> str:
    """The advice to choose another code, with the next free one."""
    letters, known = code[:-3], set(taken)
    free = next(
        (f"{letters}{number:03d}" for number in range(1, 1000) if f"{letters}{number:03d}" not in known), ""
    )
    advice = "a code is never reused"
    return f"{advice}: choose another, such as {free}" if free else f"{advice}: choose other letters"


def _text(code: str, level: str, severity: str, path: Path, placeholder: Mapping[str, str]) -> str:
    forms = placeholder.get("forms", "P, I, D")
    pair_on = f"pair_on: [{placeholder['pair_on']}]\n" if "pair_on" in placeholder else ""
    return _TEXT.format(
        unsaid=UNSAID,
        code=code,
        name=f"{UNSAID}-{code}".lower(),
        file=path,
        severity=severity,
        level=level,
        level_words=level.replace("_", " "),
        pair_on=pair_on,
        forms=f"[{forms}]",
        field=placeholder["field"],
        when=placeholder["when"],
        fires=placeholder["fires"],
        quiet=placeholder["quiet"],
    )
