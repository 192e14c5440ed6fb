"""The registry of governed files: draft, approved by another person, active, rolled back, without a deploy.

What ships with the package is approved as `shipped`. Its newest version is active until a tenant activates a
version of its own with the same id; older ones stay, since letters name them.

GovernedFileError   the file can't be used, or the step is not allowed
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.domain.caller import Caller
from claimwright.domain.letter_templates import LetterTemplate
from claimwright.engines.criteria import PayerPolicyError
from claimwright.engines.drafting import (
    APPEAL_DRAFT,
    Prompt,
    PromptError,
    TemplateError,
    near_duplicates,
    read_prompt,
)
from claimwright.foundation import clock
from claimwright.foundation.errors import NotFoundError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import governed_files as rows

from .policies import POLICY, check_policy
from .shipped import (
    PROMPT,
    SHIPPED,
    TEMPLATE,
    check_template,
    shipped_prompts,
    shipped_template_versions,
    shipped_templates,
    shipped_versions,
)
from .texts import Gets, GovernedFileError, Shelf, stored_text

KINDS = ("template", "prompt", "policy", "evaluation_set")


@dataclass(frozen=True)
class FileVersion:
    """A version of a governed file. `problem`: why it can't be used although it is there; `notice`: what
    ships since it was added, and what that says otherwise.
    """

    kind: str
    file_id: str
    version: int
    state: str
    title: str
    digest: str
    added_by: str
    approved_by: str | None
    activated_at: datetime.datetime | None
    problem: str | None = None
    notice: str | None = None


def add_file(
    caller: Caller, connection: Connection, shelf: Shelf, kind: str, text: str, source: str, *,
    file_id: str | None = None,
) -> FileVersion:  # fmt: skip
    """Store a text as a draft. A template and a prompt have id and version in their front matter; others get
    the next version.

    Raises:
        GovernedFileError, TemplateError, PromptError: the text can't be used, or the version is there.
        ObjectError: object storage failed; nothing was stored.
    """
    if kind not in KINDS:
        raise GovernedFileError(f"the kind is one of {', '.join(KINDS)}.")
    title = file_id or ""
    if kind == TEMPLATE:
        made = check_template(text, source)
        file_id, version, title = made.template_id, made.version, made.title
        _refuse_duplicates(connection, shelf, made)
    elif kind == PROMPT:
        prompt = read_prompt(text, source)
        file_id, version, title = prompt.prompt_id, prompt.version, prompt.title
    elif kind == POLICY:
        policy = check_policy(text, source)
        file_id, version, title = policy.id, policy.version, policy.title
    else:
        if not file_id:
            raise GovernedFileError("give the file an id.")
        version = 0
    newest = shipped_versions(kind).get(file_id, ())
    first = newest[0].version + 1 if newest else 1
    rows.lock_file(connection, kind, file_id)
    known = rows.list_versions(connection, kind, file_id=file_id)
    following = max([first - 1, *(each.version for each in known)]) + 1
    version = version or following
    if version < following:
        raise GovernedFileError(f"{file_id}: version {version} is there already: write version {following}.")
    content = text.replace("\r\n", "\n").encode()
    digest = hashlib.sha256(content).hexdigest()
    key = f"governance/{caller.tenant}/{kind}/{file_id}/{version}-{digest[:16]}"
    if not shelf.put_new(key, content) and shelf.get(key) != content:
        raise GovernedFileError(f"{file_id}: object storage has another text as version {version}.")
    rows.insert_version(connection, kind, file_id, version, digest, key, clock.now())
    _record(caller, connection, "added", kind, file_id, version)
    return FileVersion(kind, file_id, version, "draft", title, digest, caller.actor, None, None)


def approve_file(caller: Caller, connection: Connection, kind: str, file_id: str, version: int) -> None:
    """Approve a draft that somebody else added.

    Raises:
        NotFoundError: there is no such version.
        GovernedFileError: it is no draft, the caller added it, or is no person.
    """
    found = _version(connection, kind, file_id, version)
    if found.state != "draft":
        raise GovernedFileError(f"{file_id} version {version} is {found.state} already.")
    if not caller.is_person:
        raise GovernedFileError("a file is approved by a person, not by a service.")
    if found.added_by == caller.actor:
        raise GovernedFileError("a file is approved by another person than the one who added it.")
    rows.approve_version(connection, kind, file_id, version, caller.actor, clock.now())
    _record(caller, connection, "approved", kind, file_id, version)


def activate_file(
    caller: Caller, connection: Connection, shelf: Gets, kind: str, file_id: str, version: int,
    *, roll_back: bool = False,
) -> int:  # fmt: skip
    """Use an approved version from now on. Going back to an earlier one is the same step.

    What ships needs no row: activating any version of it retires the tenant's own, and the newest that ships
    is used. Returns the version that is active then.

    Raises:
        NotFoundError: there is no such version.
        GovernedFileError, TemplateError, PromptError: nobody has approved it, its text can't be used, or it
            is not in force today: it would take the place of one that is.
        ObjectError: object storage failed; nothing was activated.
    """
    rows.lock_file(connection, kind, file_id)
    shipped = shipped_versions(kind).get(file_id, ())
    own = {each.version for each in rows.list_versions(connection, kind, file_id=file_id)}
    if version not in own and any(version == each.version for each in shipped):
        version = shipped[0].version
        rows.activate_version(connection, kind, file_id, None, caller.actor, clock.now())
    else:
        found = _version(connection, kind, file_id, version)
        if found.state == "draft":
            raise GovernedFileError(f"{file_id} version {version} is not approved yet.")
        if why := _text_not_in_force(kind, stored_text(shelf, found), file_id):
            raise GovernedFileError(
                f"{file_id} version {version} {why}: with it no case would get a text. Add a version with "
                "other dates."
            )
        rows.activate_version(connection, kind, file_id, version, caller.actor, clock.now())
    _record(caller, connection, "rolled_back" if roll_back else "activated", kind, file_id, version)
    return version


def list_governed(
    connection: Connection, shelf: Gets, kind: str = TEMPLATE, *, file_id: str | None = None
) -> list[FileVersion]:
    """Every version of the tenant, and what ships; by id, newest first."""
    own = rows.list_versions(connection, kind, file_id=file_id)
    active = {each.file_id for each in own if each.state == "active"}
    listed = []
    for each in own:
        title, problem = each.file_id, None
        try:
            text = stored_text(shelf, each)
            title = _title_of(kind, text, each.file_id)
            if each.state == "active" and (why := _text_not_in_force(kind, text, each.file_id)):
                problem = f"it {why}: no case gets it. Activate another version."
        except (GovernedFileError, TemplateError, PromptError, PayerPolicyError) as wrong:
            problem = str(wrong)
        listed.append(
            FileVersion(
                kind, each.file_id, each.version, each.state, title, each.digest, each.added_by,
                each.approved_by, each.activated_at, problem, _notice(kind, each),
            )
        )  # fmt: skip
    listed += [
        FileVersion(
            kind, name, each.version, "active" if not number and name not in active else "retired",
            each.title, each.digest, SHIPPED, SHIPPED, None,
        )
        for name, versions in shipped_versions(kind).items()
        if file_id in (None, name)
        for number, each in enumerate(versions)
    ]  # fmt: skip
    return sorted(listed, key=lambda each: (each.file_id, -each.version))


def list_versions_with_shipped(connection: Connection, kind: str, file_id: str) -> dict[int, str]:
    """State by version of a file, with what ships: active unless a version of the tenant's own is."""
    own = {each.version: each.state for each in rows.list_versions(connection, kind, file_id=file_id)}
    in_use = "retired" if "active" in own.values() else "active"
    for number, each in enumerate(shipped_versions(kind).get(file_id, ())):
        own.setdefault(each.version, "retired" if number else in_use)
    return own


def active_templates(connection: Connection, shelf: Gets) -> list[LetterTemplate]:
    """The templates in use: the tenant's active versions, and what ships otherwise.

    Raises:
        GovernedFileError, TemplateError: an active version can't be read, or is not what was approved.
    """
    own = rows.list_versions(connection, TEMPLATE, states=("active",))
    made = {each.file_id: check_template(stored_text(shelf, each), each.file_id) for each in own}
    return list(({**shipped_templates(), **made}).values())


def active_prompt(
    connection: Connection, shelf: Gets, prompt_id: str, day: datetime.date, *, task: str = APPEAL_DRAFT
) -> Prompt:
    """The prompt in use on a day for its task: the tenant's active version, and what ships otherwise.

    Raises:
        NotFoundError: there is none.
        GovernedFileError, PromptError: it can't be read, is not what was approved, is for another task, or
            not in force.
    """
    own = rows.list_versions(connection, PROMPT, file_id=prompt_id, states=("active",))
    found = read_prompt(stored_text(shelf, own[0]), prompt_id) if own else shipped_prompts().get(prompt_id)
    if found is None:
        raise NotFoundError(f"there is no prompt {prompt_id}.")
    if found.task != task:
        raise GovernedFileError(f"{prompt_id} version {found.version} is for {found.task}, not {task}.")
    if not found.in_force(day):
        raise GovernedFileError(f"{prompt_id} version {found.version} is not in force on {day}.")
    return found


def template_versions(
    connection: Connection, shelf: Gets, template_id: str, version: int, digest: str | None = None
) -> LetterTemplate:
    """One version of a template, whatever its state: what a letter was made with.

    A tenant may have made a version whose number ships later; `digest` says which of the two it is.

    Raises:
        NotFoundError: there is no such version.
        GovernedFileError, TemplateError: it can't be read.
    """
    own = rows.list_versions(connection, TEMPLATE, file_id=template_id)
    shipped = shipped_template_versions().get(template_id, {}).get(version)
    for each in own:
        if each.version == version and not (shipped and shipped.digest == digest != each.digest):
            return check_template(stored_text(shelf, each), each.file_id)
    if shipped is None:
        raise NotFoundError(f"there is no template {template_id} version {version}.")
    return shipped


def file_text(
    connection: Connection, shelf: Gets, kind: str, file_id: str, version: int | None = None
) -> str:
    """The text of a version; None: of the active one.

    Raises:
        NotFoundError: there is none.
        GovernedFileError: it can't be read.
    """
    own = rows.list_versions(connection, kind, file_id=file_id)
    for own_one in own:
        if own_one.version == version or (version is None and own_one.state == "active"):
            return stored_text(shelf, own_one)
    for each in shipped_versions(kind).get(file_id, ()):
        if version in (None, each.version):
            return each.text
    raise NotFoundError(f"there is no {kind} {file_id}" + (f" version {version}." if version else "."))


def _notice(kind: str, own: rows.GovernedVersion) -> str | None:
    """What ships since a tenant's own version in use was added; None if nothing does."""
    newest = shipped_versions(kind).get(own.file_id, ())
    if own.state != "active" or not newest or newest[0].changed_on is None:
        return None
    if own.added_at.date() > newest[0].changed_on:
        return None
    return (
        f"since {newest[0].changed_on} version {newest[0].version} ships: {newest[0].changes} Your own "
        "version does not follow it by itself: compare both, and add a version of your own."
    )


def _title_of(kind: str, text: str, file_id: str) -> str:
    if kind == PROMPT:
        return read_prompt(text, file_id).title
    if kind == POLICY:
        return check_policy(text, file_id).title
    return check_template(text, file_id).title if kind == TEMPLATE else file_id


def _text_not_in_force(kind: str, text: str, source: str) -> str | None:
    """Why a template or prompt is not in force today; None if it is. Policies go by the day of service."""
    if kind not in {TEMPLATE, PROMPT}:
        return None
    return not_in_force(check_template(text, source) if kind == TEMPLATE else read_prompt(text, source))


def not_in_force(dated: LetterTemplate | Prompt) -> str | None:
    """Why a template or prompt is not in force today; None if it is."""
    today = clock.today()
    if dated.effective_from > today:
        return f"begins on {dated.effective_from}"
    if dated.effective_until is not None and dated.effective_until < today:
        return f"ended on {dated.effective_until}"
    return None


def _version(connection: Connection, kind: str, file_id: str, version: int) -> rows.GovernedVersion:
    for each in rows.list_versions(connection, kind, file_id=file_id):
        if each.version == version:
            return each
    raise NotFoundError(f"there is no {kind} {file_id} version {version} of your own.")


def _refuse_duplicates(connection: Connection, shelf: Gets, made: LetterTemplate) -> None:
    others: Sequence[LetterTemplate] = [
        each for each in active_templates(connection, shelf) if each.template_id != made.template_id
    ]
    for one, other, alike in near_duplicates([made, *others]):
        if made.template_id in (one, other):
            twin = other if one == made.template_id else one
            raise GovernedFileError(
                f"{made.template_id} says almost the same as {twin} for the same cases ({alike:.0%}): "
                "write a new version of that one, or say for which cases this one is."
            )


def _record(caller: Caller, connection: Connection, what: str, kind: str, file_id: str, version: int) -> None:
    audit.append(
        caller, connection, action=f"governance.{what}", subject=f"{kind}:{file_id}",
        detail={"version": version}, correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
