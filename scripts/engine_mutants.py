"""Mutants of the rule engine's own source, and whether the tests of the rule engine kill them.

Each mutant is one module of `engines/rules` with one operator, condition or number changed, laid over a copy
of the package that is otherwise links to the real one. The tests run on it in a process of their own; a
mutant on which they hang counts as killed, as one does on which they fail.
"""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "claimwright"
ENGINE = PACKAGE / "engines" / "rules"
# What does not run a rule: exports, and words for a person.
NOT_MUTATED = {"__init__.py", "problems.py", "explain.py"}
TESTS = ("tests/engines/rules",)
# They mutate predicates themselves, or read files that not every machine has.
DESELECTED = ("tests/engines/rules/test_mutations.py", "tests/engines/rules/test_published_samples.py")
SECONDS_EACH = 120

_FLIPS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
}


@dataclass(frozen=True, slots=True)
class EngineMutant:
    """One change of one line of the engine: where, what stood there, and what stands there instead."""

    module: str
    line: int
    was: str
    became: str
    source: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: `{self.was}` became `{self.became}`"


def sample_of(mutants: Sequence[EngineMutant], count: int, seed: int) -> list[EngineMutant]:
    """`count` of the mutants, chosen by a hash of the seed and what they are, in the order of the source."""

    def rank(mutant: EngineMutant) -> bytes:
        return hashlib.sha256(f"{seed}:{mutant.module}:{mutant.was}:{mutant.became}".encode()).digest()

    return sorted(sorted(mutants, key=rank)[:count], key=lambda mutant: (mutant.module, mutant.line))


def all_mutants() -> list[EngineMutant]:
    """Every mutant of every module of the engine."""
    return [
        mutant
        for path in sorted(ENGINE.glob("*.py"))
        if path.name not in NOT_MUTATED
        for mutant in mutants_of(path.name, path.read_text(encoding="utf-8"))
    ]


def mutants_of(module: str, source: str) -> Iterator[EngineMutant]:
    """Every mutant of a module's source."""
    tree = ast.parse(source)
    skipped = _not_run(tree)
    for place, node in enumerate(ast.walk(tree)):
        if id(node) in skipped:
            continue
        for change in _changes(node):
            copy = ast.parse(source)
            target = next(other for number, other in enumerate(ast.walk(copy)) if number == place)
            was = ast.unparse(target)
            changed = change(target)
            if changed is None:
                continue
            became = ast.unparse(changed)
            _replace(copy, target, changed)
            yield EngineMutant(
                module, getattr(node, "lineno", 0), was, became, ast.unparse(ast.fix_missing_locations(copy))
            )


def _not_run(tree: ast.Module) -> set[int]:
    """Nodes that run nothing: annotations, decorators, and what only the type checker reads."""
    found: set[int] = set()
    for node in ast.walk(tree):
        roots: list[ast.AST] = []
        if isinstance(node, ast.FunctionDef):
            arguments = [*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs]
            roots += [argument.annotation for argument in arguments if argument.annotation is not None]
            roots += [*node.decorator_list, *([node.returns] if node.returns is not None else [])]
        elif isinstance(node, ast.ClassDef):
            roots += node.decorator_list
        elif isinstance(node, ast.AnnAssign):
            roots.append(node.annotation)
        elif isinstance(node, ast.Assert | ast.Raise) or _is_for_types(node):
            roots.append(node)
        found.update(id(inner) for root in roots for inner in ast.walk(root))
    return found


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _changes(node: ast.AST) -> Iterator[Callable[[ast.AST], ast.AST | None]]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _FLIPS:
        yield _flipped
    elif isinstance(node, ast.BoolOp):
        yield _other_connective
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield lambda found: found.operand if isinstance(found, ast.UnaryOp) else None
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield _other_arithmetic
    elif isinstance(node, ast.Constant) and (type(node.value) is int or type(node.value) is bool):
        yield _other_constant
    elif isinstance(node, ast.IfExp):
        yield lambda found: found.body if isinstance(found, ast.IfExp) else None


def _flipped(node: ast.AST) -> ast.AST | None:
    if not isinstance(node, ast.Compare):
        return None
    return ast.Compare(node.left, [_FLIPS[type(node.ops[0])]()], node.comparators)


def _other_connective(node: ast.AST) -> ast.AST | None:
    if not isinstance(node, ast.BoolOp):
        return None
    return ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _other_arithmetic(node: ast.AST) -> ast.AST | None:
    if not isinstance(node, ast.BinOp):
        return None
    return ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)


def _other_constant(node: ast.AST) -> ast.AST | None:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, int):
        return None
    return ast.Constant(not node.value if isinstance(node.value, bool) else node.value + 1)


class _Replacing(ast.NodeTransformer):
    def __init__(self, target: ast.AST, changed: ast.AST) -> None:
        self.target, self.changed = target, changed

    def visit(self, node: ast.AST) -> ast.AST:
        return self.changed if node is self.target else super().generic_visit(node)


def _replace(tree: ast.Module, target: ast.AST, changed: ast.AST) -> None:
    _Replacing(target, changed).visit(tree)


def is_killed(mutant: EngineMutant) -> bool:
    """Whether a test of the engine fails on the mutant, or does not end on it."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as scratch:
        _overlay(Path(scratch), mutant)
        return _fails(scratch)


def tests_pass() -> bool:
    """Whether the tests pass on the engine as it is: on one that fails them, every mutant would be killed."""
    return not _fails(str(ROOT / "src"))


def _fails(source: str) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not slow", "-p", "no:cacheprovider", *TESTS]
    command += [f"--deselect={name}" for name in DESELECTED]
    environment = os.environ | {"PYTHONPATH": source, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, timeout=SECONDS_EACH, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def _overlay(scratch: Path, mutant: EngineMutant) -> None:
    """The package under a folder: links to everything but the mutant's module."""
    for real, mirrored in (
        (PACKAGE, scratch / "claimwright"),
        (PACKAGE / "engines", scratch / "claimwright" / "engines"),
        (ENGINE, scratch / "claimwright" / "engines" / "rules"),
    ):
        mirrored.unlink(missing_ok=True)
        mirrored.mkdir()
        for entry in real.iterdir():
            if entry.name != "__pycache__":
                (mirrored / entry.name).symlink_to(entry)
    module = scratch / "claimwright" / "engines" / "rules" / mutant.module
    module.unlink()
    module.write_text(mutant.source, encoding="utf-8")
