"""The only reader of YAML: every value knows its file and line, and errors name them.

    place = read_yaml(text, "contracts.yaml")        # None if the text is empty
    place.members(["contracts", "otherwise"])        # entries of a mapping, each a place again
    place.value()                                    # plain Python values, as YAML types them
    validated(place, Model)                          # a pydantic model, errors by line

A document that could exhaust memory or the stack is refused before it is built: the text is too long, nested
too deeply, or has too many values after its aliases are expanded. A name that occurs twice in a mapping is
always refused.

    YamlError (ValueError)    message `source:line: path: what; do`; the parts are attributes
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from yaml.constructor import SafeConstructor

from .errors import ConfigurationError

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    M = TypeVar("M", bound=BaseModel)

# Enough for a contract with ten thousand rates. Larger data belongs in a table, not in hand-written YAML.
LARGEST = 1_000_000
DEEPEST = 50
MOST_VALUES = 200_000
# Below these counts of brackets and columns, no document can be nested deeply enough to exhaust the stack.
_FEW_BRACKETS, _SHORT_LINE = 200, 400

_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"


class YamlError(ConfigurationError, ValueError):
    """What is wrong with a document, and where."""

    def __init__(self, source: str, line: int, path: str, what: str, do: str = "") -> None:
        self.source, self.line, self.path, self.what, self.do = source, line, path, what, do
        place = f"{source}:{line}: {path}: " if path else f"{source}:{line}: "
        super().__init__(f"{place}{what}{'; ' if do else ''}{do}")


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a document. `path` is its path from the top, such as `contracts[2].terms`."""

    source: str
    path: str
    node: yaml.Node

    @property
    def line(self) -> int:
        """The 1-based line on which it begins."""
        return _line(self.node.start_mark)

    @property
    def first_line_of_text(self) -> int:
        """The line of its first character. For a block text, the line after the `|`."""
        is_block = isinstance(self.node, yaml.ScalarNode) and self.node.style in {"|", ">"}
        return self.line + (1 if is_block else 0)

    @property
    def is_null(self) -> bool:
        """Whether the value is empty."""
        return self.node.tag == _NULL

    @property
    def is_mapping(self) -> bool:
        """Whether the value is a mapping."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    def fault(self, what: str, do: str = "") -> YamlError:
        """An error with this place's file, line and path."""
        return YamlError(self.source, self.line, self.path, what, do)

    def at(self, name: str, node: yaml.Node) -> Located:
        """The place of a value below this one."""
        return Located(self.source, f"{self.path}.{name}" if self.path else name, node)

    def text(self) -> str:
        """A single value as it is written: `00112` stays five characters, not a number.

        Raises:
            YamlError: the value is a list, a mapping or empty.
        """
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value.strip():
            raise self.fault("must be one value")
        return str(self.node.value).strip()

    def day(self) -> date:
        """A date written as 2025-12-31.

        Raises:
            YamlError: it is not such a date.
        """
        try:
            return date.fromisoformat(self.text())
        except ValueError:
            raise self.fault("must be a date written as 2025-12-31") from None

    def members(self, known: Collection[str] | None = None) -> dict[str, Located]:
        """The entries of a mapping by name.

        Raises:
            YamlError: the value is not a mapping, or it has a name that is not in `known`.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self.fault("must be a list of names and values")
        found: dict[str, Located] = {}
        for key, value in self.node.value:
            if known is not None and key.value not in known:
                raise self.at(str(key.value), key).fault(_unknown(str(key.value), known))
            found[key.value] = self.at(key.value, value)
        return found

    def items(self) -> list[Located]:
        """The entries of a list.

        Raises:
            YamlError: the value is not a list, or the list is empty.
        """
        if not isinstance(self.node, yaml.SequenceNode) or not self.node.value:
            raise self.fault("must be a list with at least one entry")
        return [
            Located(self.source, f"{self.path}[{number}]", node)
            for number, node in enumerate(self.node.value, start=1)
        ]

    def value(self) -> Any:
        """This value and all below it as Python values, with the types that YAML gives them.

        Raises:
            YamlError: a value does not fit its form or tag; 2025-02-30, for example, is not a date.
        """
        try:
            return SafeConstructor().construct_document(self.node)
        except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
            raise self._unbuildable(error) from None

    def _unbuildable(self, error: Exception) -> YamlError:
        for place in self.all_below():
            if isinstance(place.node, yaml.ScalarNode):
                try:
                    SafeConstructor().construct_document(place.node)
                except (yaml.YAMLError, ValueError, TypeError, OverflowError) as cause:
                    return place.fault(f"not YAML: {_reason(cause)}", "correct the value, or quote it")
        line = _line(getattr(error, "problem_mark", self.node.start_mark))
        return YamlError(self.source, line, self.path, f"not YAML: {_reason(error)}", "correct the value")

    def as_written(self) -> Any:
        """This value and all below it, every value as the text that is written, without names that have no
        value.
        """
        if isinstance(self.node, yaml.MappingNode):
            return {name: place.as_written() for name, place in self.members().items() if not place.is_null}
        if isinstance(self.node, yaml.SequenceNode):
            return [self.at("", node).as_written() for node in self.node.value]
        return None if self.is_null else str(self.node.value).strip()

    def below(self, steps: Sequence[str | int]) -> Located:
        """The value that a path of names and 0-based positions leads to; if it is missing, the deepest one
        that exists.
        """
        place = self
        for step in steps:
            if isinstance(step, int) and place.is_list and step < len(place.node.value):
                place = Located(place.source, f"{place.path}[{step + 1}]", place.node.value[step])
            elif isinstance(step, str) and place.is_mapping and step in (found := place.members()):
                place = found[step]
            else:
                break
        return place

    def all_below(self) -> Iterator[Located]:
        """This value and all values below it."""
        yield self
        if isinstance(self.node, yaml.MappingNode):
            for place in self.members().values():
                yield from place.all_below()
        elif isinstance(self.node, yaml.SequenceNode) and self.node.value:
            for place in self.items():
                yield from place.all_below()


def read_yaml(text: str, source: str, *, largest: int = LARGEST) -> Located | None:
    """The document in a text; None if the text is empty. `source` is the name that errors show for it.

    Raises:
        YamlError: the text is not exactly one YAML document, has a duplicate name, or exceeds a size limit.
    """
    if len(text) > largest:
        raise YamlError(source, 1, "", f"larger than {largest:,} characters", "split the file")
    try:
        if _may_be_deep(text):
            _refuse_deep(text, source)
        loader = yaml.CSafeLoader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, YamlError):
            raise
        # At the end of the text, a parser reports the line after the last one.
        line = min(_line(getattr(error, "problem_mark", None)), len(text.splitlines()) or 1)
        raise YamlError(
            source, line, "", f"not YAML: {_reason(error)}", "correct the line, or quote the value"
        ) from None
    if node is None:
        return None
    top = Located(source, "", node)
    _examine(top)
    return top


def read_mapping(text: str, source: str) -> dict[str, Any]:
    """The mapping in a text, with the types that YAML gives its values. For data shipped with the package.

    Raises:
        YamlError: as for `read_yaml`, or the document is not a mapping.
    """
    top = read_yaml(text, source)
    if top is None or not top.is_mapping:
        raise YamlError(source, 1, "", "not a mapping of names to values")
    found: dict[str, Any] = top.value()
    return found


def read_yaml_file(path: Path, *, largest: int = LARGEST) -> Located | None:
    """The document in a file.

    Raises:
        YamlError: the file can't be read, is not UTF-8, or as for `read_yaml`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise YamlError(str(path), 1, "", "not text in UTF-8", "save it as UTF-8") from None
    except OSError as problem:
        what = f"cannot be read: {problem.strerror}"
        raise YamlError(str(path), 1, "", what, "check the path and its permissions") from None
    return read_yaml(text, str(path), largest=largest)


def _may_be_deep(text: str) -> bool:
    brackets = text.count("[") + text.count("{")
    return brackets > _FEW_BRACKETS or max(map(len, text.splitlines()), default=0) > _SHORT_LINE


def _refuse_deep(text: str, source: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _too_deep(source, _line(event.start_mark))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _too_deep(source: str, line: int) -> YamlError:
    return YamlError(source, line, "", f"nested too deeply: more than {DEEPEST} levels", "write it flatter")


def _examine(top: Located) -> None:
    """Refuse a document that exceeds the size limits when it is built, and duplicate names.

    Runs over every file of the rulebook, so it creates places only for errors.
    """
    waiting: list[tuple[yaml.Node, int]] = [(top.node, 1)]
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if isinstance(node, yaml.ScalarNode):
            continue
        if depth > DEEPEST:
            raise _too_deep(top.source, _line(node.start_mark))
        if seen + len(waiting) > MOST_VALUES:
            what = f"more than {MOST_VALUES:,} values once its aliases (*) are expanded"
            raise top.fault(what, "write less, or split the file")
        if isinstance(node, yaml.MappingNode):
            names = [key.value if isinstance(key, yaml.ScalarNode) else None for key, _ in node.value]
            if None in names or len(set(names)) < len(names):
                _refuse_names(_place_of(top, node), node)
            waiting += [(value, depth + 1) for _, value in node.value]
        else:
            waiting += [(each, depth + 1) for each in node.value]


def _place_of(top: Located, node: yaml.Node) -> Located:
    """The place of a mapping. Everything above it is already validated."""
    waiting = [top]
    while waiting:
        place = waiting.pop()
        if place.node is node:
            return place
        if place.is_mapping:
            waiting += [place.at(str(key.value), value) for key, value in place.node.value]
        elif place.is_list and place.node.value:
            waiting += place.items()
    return top


def _refuse_names(place: Located, node: yaml.MappingNode) -> None:
    names = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise place.at("?", key).fault("a name must be plain text")
        if key.value in names and key.tag != _MERGE:
            raise place.at(key.value, key).fault("is given twice", "keep one")
        names.add(key.value)


def _line(mark: Any) -> int:
    """The 1-based line of a mark. A parser may leave the mark out."""
    return mark.line + 1 if mark is not None else 1


def _reason(error: Exception) -> str:
    said = getattr(error, "problem", None) or str(error) or type(error).__name__
    return str(said).splitlines()[0]


def _unknown(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, list(known), 1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
    return f"is not known here; {hint}"


# --- validation by pydantic ---------------------------------------------------------------------------


def validated(place: Located, model: type[M]) -> M:
    """A pydantic model of the value at a place. Every value is read from its text.

    Raises:
        YamlError: the first error, with its line.
    """
    found, faults = checked(place, model)
    if found is None:
        raise faults[0]
    return found


def checked(place: Located, model: type[M]) -> tuple[M | None, list[YamlError]]:
    """A pydantic model of the value at a place, or all errors in it, in the order of lines."""
    from pydantic import ValidationError

    if not place.is_mapping:
        return None, [place.fault("not a mapping of names to values")]
    try:
        return model.model_validate(place.as_written()), []
    except ValidationError as refused:
        return None, sorted(_faults(place, refused, model), key=lambda fault: fault.line)


def _faults(place: Located, refused: ValidationError, model: type[BaseModel]) -> Iterator[YamlError]:
    for error in refused.errors(include_input=False, include_url=False):
        steps = error["loc"]
        where = place.below(steps)
        name = ".".join(str(step) for step in steps if isinstance(step, str))
        what, do = _words(error["type"], str(error["msg"]))
        if error["type"] == "extra_forbidden":
            what, do = "is not known here", f"known are {', '.join(_names(model, steps[:-1]))}"
        yield YamlError(place.source, where.line, name, what, do)


def _names(model: Any, steps: Sequence[str | int]) -> list[str]:
    """The names that the model at a path knows."""
    for step in steps:
        fields = getattr(model, "model_fields", {})
        field = next((f for n, f in fields.items() if step in (n, f.alias)), None)
        inner = getattr(field, "annotation", None)
        options = [inner, *getattr(inner, "__args__", ())]
        model = next((each for each in options if hasattr(each, "model_fields")), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _words(kind: str, message: str) -> tuple[str, str]:
    """A message for a pydantic error, and what to do. Never contains the value that was given."""
    if kind == "missing":
        return "is missing", "add it"
    if kind.startswith(("date", "is_instance")):
        return "is not a day", "write it as 2026-01-31"
    if kind.endswith(("list_type", "tuple_type")):
        return "is not a list", "write [..., ...], or leave it out"
    if kind in {"dict_type", "model_type", "model_attributes_type"}:
        return "is not a mapping of names to values", "write names with values below it"
    if kind == "string_type":
        return "is not one text", "write one value"
    plain = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    what, _, do = plain.partition("; ")
    return what[:1].lower() + what[1:], do
