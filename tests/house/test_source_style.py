"""What a linter off the shelf cannot see: each test here names the mistake that it prevents."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

# Written by a program, from the API's own description (scripts/generate_client.py).
GENERATED = {Path("src/claimwright/client/api.py"), Path("src/claimwright/client/models.py")}
LONGEST = 450  # lines; style: past about 400 a file is asking to be two rooms

VAGUE_NAMES = {"util", "utils", "common", "helper", "helpers", "manager", "managers", "misc", "stuff"}
VAGUE_DEFINITION = re.compile(r"(Manager|Helper|Utils?)$|^(process|handle)_(data|it|stuff)$|^do_it$")

MONEY = re.compile(r"(^|_)(amount|charge|price|paid|payment|allowed|dollars|fee|deductible|copay)s?$")


def test_no_file_is_longer_than_a_room(repo_root: Path, python_files: list[Path]) -> None:
    """A file of thousands of lines is where nobody finds anything."""
    lengths = {path: len((repo_root / path).read_bytes().splitlines()) for path in python_files}
    for path in GENERATED:
        lengths.pop(path)
    assert {str(path): lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_no_module_has_a_name_that_says_nothing(python_files: list[Path]) -> None:
    """`utils` grows for ever, since everything fits in it."""
    assert [str(path) for path in python_files if {*path.parts[:-1], path.stem} & VAGUE_NAMES] == []


def test_no_function_or_class_has_a_name_that_says_nothing(source_trees: dict[Path, ast.Module]) -> None:
    """A reader has to open `process_data` to learn what it does."""
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path, node in definitions(source_trees)
        if VAGUE_DEFINITION.search(node.name)
    ]
    assert found == []


def definitions(
    trees: dict[Path, ast.Module],
) -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield path, node


def swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler of everything does nothing with what it caught."""
    broad = handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"}
    )
    idle = all(
        isinstance(statement, ast.Pass | ast.Continue)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in handler.body
    )
    return broad and idle


def test_no_handler_swallows_every_exception(source_trees: dict[Path, ast.Module]) -> None:
    """What is swallowed is a claim that disappears without a word."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in source_trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and swallows(node)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("try:\n    f()\nexcept Exception:\n    pass", True),
        ("try:\n    f()\nexcept:\n    ...", True),
        ("try:\n    f()\nexcept KeyError:\n    pass", False),
        ("try:\n    f()\nexcept Exception:\n    report()", False),
    ],
)
def test_a_swallowing_handler_is_recognised(source: str, expected: bool) -> None:
    [handler] = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ExceptHandler)]
    assert swallows(handler) is expected


def float_money(tree: ast.Module) -> Iterator[str]:
    """The line and name of everything named as money and annotated as float."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            name, annotation = node.arg, node.annotation
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name, annotation = node.target.id, node.annotation
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            name, annotation = node.name, node.returns
        else:
            continue
        if MONEY.search(name) and re.search(r"\bfloat\b", ast.unparse(annotation)):
            yield f"{node.lineno} {name}"


def test_no_amount_of_money_is_a_float(source_trees: dict[Path, ast.Module]) -> None:
    """Binary fractions cannot hold a cent: 0.1 + 0.2 is not 0.3, and a claim then does not balance."""
    assert [f"{path}:{place}" for path, tree in source_trees.items() for place in float_money(tree)] == []


def test_a_float_amount_is_recognised() -> None:
    source = "def f(line_charge: float | None, ratio: float) -> None: ...\npaid: Decimal = 0"
    assert list(float_money(ast.parse(source))) == ["1 line_charge"]


def test_every_module_of_the_package_says_what_it_is(source_trees: dict[Path, ast.Module]) -> None:
    """A module without a docstring makes the reader guess which facts live there."""
    silent = [
        str(path) for path, tree in source_trees.items() if tree.body and ast.get_docstring(tree) is None
    ]
    assert silent == []
