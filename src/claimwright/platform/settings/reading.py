"""Reads the settings: `claimwright.yaml`, then `claimwright.ENVIRONMENT.yaml`, then variables.

The files are in the folder that CLAIMWRIGHT_SETTINGS names, by default the current folder. Both are optional,
except that the file of an environment must exist if the environment is named. Later sources override earlier
ones, value by value.

In a file, `${NAME}` is the value of a variable that must be set, and `${NAME:default}` of an optional one.
The variable of `database.pool_size` is CLAIMWRIGHT_DATABASE__POOL_SIZE; a single underscore also works. A
secret is given by a variable, or by a file that contains it (`url_file`, CLAIMWRIGHT_DATABASE_URL_FILE). A
settings file that contains a secret is refused, because such files are copied and committed.

    SettingsError (ValueError)   one line: where, what, and what to do
"""

from __future__ import annotations

import difflib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from claimwright.foundation.errors import ConfigurationError
from claimwright.foundation.located_yaml import Located, YamlError, read_yaml_file

from .section import Section
from .tree import MOST_WORKERS, PLACES, Settings

PREFIX = "CLAIMWRIGHT_"
FOLDER = "CLAIMWRIGHT_SETTINGS"
ENVIRONMENT = "CLAIMWRIGHT_ENVIRONMENT"
DEFAULT = "default"

_REFERENCE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<rest>:(?P<default>[^}]*))?\}")


class SettingsError(ConfigurationError, ValueError):
    """The settings can't be used. One line that says where, what, and what to do."""


@dataclass(frozen=True, slots=True)
class Given:
    """A given value, and its source."""

    value: Any
    origin: str


def load_settings(
    environment: str | None = None,
    *,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> Settings:
    """The settings that are in force.

    Args:
        environment: which `claimwright.ENVIRONMENT.yaml` is read over `claimwright.yaml`; by default
            CLAIMWRIGHT_ENVIRONMENT, and without that `local`, whose file may be absent.
        folder: the folder of the files; by default CLAIMWRIGHT_SETTINGS, and without that the current folder.
        variables: the environment variables; by default those of the process.

    Raises:
        SettingsError: a file can't be read, a name is unknown, or a value is invalid.
    """
    known = os.environ if variables is None else variables
    folder = folder or Path(known.get(FOLDER) or ".")
    asked = environment or known.get(ENVIRONMENT) or None
    given: dict[str, Given] = {}
    for name, must in (("claimwright.yaml", False), (f"claimwright.{asked or 'local'}.yaml", bool(asked))):
        path = folder / name
        if path.is_file():
            _refuse_foreign(path)
            given |= _of_file(path, known)
        elif must:
            raise SettingsError(f"{path}: no such file, and environment {asked!r} needs it; it may be empty.")
    given |= _of_variables(known)
    given["environment"] = Given(asked or "local", given.get("environment", Given("", DEFAULT)).origin)
    return _validated(_with_defaults(given, known))


def _refuse_foreign(path: Path) -> None:
    """Refuse settings that somebody else could have put into the folder in which a command runs.

    Settings decide where claims are sent and which keys seal them.
    """
    if os.name != "posix":
        return
    known = path.stat()
    if known.st_uid not in {os.geteuid(), 0} or known.st_mode & stat.S_IWOTH:
        raise SettingsError(
            f"{path}: is not yours, or anybody can write it. Run elsewhere, name a folder of your own with "
            f"{FOLDER}, or change its owner and mode."
        )


def settings_paths(section: type[Section] = Settings, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """All settings by dotted name with their definitions, in the order of the tree."""
    for name, info in section.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, Section):
            yield from settings_paths(info.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", info


def is_secret(info: FieldInfo) -> bool:
    """Whether a setting is a secret, which must never be written out."""
    return SecretStr in (info.annotation, *get_args(info.annotation))


KNOWN = dict(settings_paths())
SECRETS = {path for path, info in KNOWN.items() if is_secret(info)}
VARIABLES = {PREFIX + path.upper().replace(".", "_"): path for path in KNOWN} | {
    PREFIX + path.upper().replace(".", "_") + "_FILE": path + "_file" for path in SECRETS
}


def unused_variables(variables: Mapping[str, str]) -> list[str]:
    """CLAIMWRIGHT_ variables that no setting reads: perhaps misspelled, perhaps used elsewhere."""
    others = (FOLDER, ENVIRONMENT, "CLAIMWRIGHT_REFERENCE", "CLAIMWRIGHT_TEST_", "CLAIMWRIGHT_SAMPLE_")
    return sorted(
        name
        for name in variables
        if name.startswith(PREFIX) and not name.startswith(others) and _plain(name) not in VARIABLES
    )


def _plain(variable: str) -> str:
    return variable.replace("__", "_")


# --- sources ------------------------------------------------------------------------------------------


def _of_file(path: Path, variables: Mapping[str, str]) -> dict[str, Given]:
    try:
        top = read_yaml_file(path)
    except YamlError as problem:
        raise SettingsError(f"{problem}.") from None
    if top is None:
        return {}
    if not top.is_mapping:
        raise SettingsError(f"{path}:1: settings are written as `section:` and, below it, `name: value`.")
    given: dict[str, Given] = {}
    for place in _leaves(top):
        name, where = place.path, f"{path}:{place.line}"
        if name not in KNOWN and not (name.removesuffix("_file") in SECRETS and name.endswith("_file")):
            raise SettingsError(f"{where}: {name}: no such setting{_like(name, KNOWN)}.")
        if name in given:
            raise SettingsError(f"{where}: {name}: occurs twice in this file.")
        value = _expanded(place, where, variables)
        if value not in (None, ""):
            given[name] = Given(value, where)
    return _secrets_from_files(given)


def _leaves(place: Located) -> Iterator[Located]:
    for each in place.members().values():
        if each.is_mapping and each.path not in KNOWN:
            yield from _leaves(each)
        else:
            yield each


def _expanded(place: Located, where: str, variables: Mapping[str, str]) -> Any:
    name = place.path
    if place.is_mapping or place.is_list:
        raise SettingsError(f"{where}: {name}: must be a single value.")
    text = str(place.node.value)
    if name in SECRETS and text:
        reference = _REFERENCE.fullmatch(text)
        if reference is None or reference["rest"] is not None:
            raise SettingsError(
                f"{where}: {name} is a secret: give it as ${{NAME}} without a default, or name a file with "
                f"{name.rpartition('.')[2]}_file."
            )
    if place.is_null:
        return None

    def replaced(match: re.Match[str]) -> str:
        found = variables.get(match["name"])
        if found is None and match["rest"] is None:
            raise SettingsError(
                f"{where}: {name}: the variable {match['name']} is not set; set it, or give a default with "
                f"${{{match['name']}:default}}."
            )
        return found if found is not None else match["default"]

    return _REFERENCE.sub(replaced, text)


def _of_variables(variables: Mapping[str, str]) -> dict[str, Given]:
    given: dict[str, Given] = {}
    sections = {PREFIX + path.partition(".")[0].upper() + "_" for path in KNOWN if "." in path}
    for variable, value in variables.items():
        path = VARIABLES.get(_plain(variable))
        if path is None and variable.startswith(tuple(sections)):
            raise SettingsError(f"{variable}: no such setting{_like(_plain(variable), VARIABLES)}.")
        if path is not None and value:
            given[path] = Given(value, variable)
    return _secrets_from_files(given)


def _secrets_from_files(given: dict[str, Given]) -> dict[str, Given]:
    """Replace `NAME_file` of a secret by the content of the file."""
    for path in SECRETS & {name.removesuffix("_file") for name in given if name.endswith("_file")}:
        named = given.pop(path + "_file")
        if path in given:
            raise SettingsError(f"{named.origin}: {path} and {path}_file are both given; keep one.")
        try:
            content = Path(str(named.value)).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else "not a text"
            raise SettingsError(
                f"{named.origin}: {path}_file: {named.value} can't be read: {reason}."
            ) from None
        if not content:
            raise SettingsError(f"{named.origin}: {path}_file: {named.value} is empty.")
        given[path] = Given(content, f"{named.value} ({named.origin})")
    return given


def _with_defaults(given: dict[str, Given], variables: Mapping[str, str]) -> dict[str, Given]:
    """The defaults under `home`, and the default that depends on the machine."""
    data = variables.get("XDG_DATA_HOME") or str(Path(variables.get("HOME") or "~") / ".local" / "share")
    given.setdefault("home", Given(str(Path(data) / "claimwright"), DEFAULT))
    home = Path(str(given["home"].value)).expanduser()
    given["home"] = Given(home, given["home"].origin)
    for path, place in PLACES.items():
        given.setdefault(path, Given(str(home / place), DEFAULT))
    given.setdefault("pipeline.workers", Given(min(_processors(), MOST_WORKERS), DEFAULT))
    return given


def _processors() -> int:
    """How many processors this process can use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _validated(given: dict[str, Given]) -> Settings:
    tree: dict[str, Any] = {}
    for path, one in given.items():
        *sections, name = path.split(".")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[name] = one.value
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        where = given[path].origin if path in given else DEFAULT
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise SettingsError(f"{where}: {path}: {reason[:1].lower()}{reason[1:]}.") from None
    settings.origins.update({path: given[path].origin if path in given else DEFAULT for path in KNOWN})
    return settings


def _like(name: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""
