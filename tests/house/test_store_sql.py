"""SQL about claims is in the store, and nowhere else: not a table of them is named outside of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SCHEMAS = ("staging", "production", "pipeline", "prediction")
# Words that a statement has before the name of a table.
_BEFORE_A_TABLE = r"(?:from|join|into|update|table|copy|delete|nextval|regclass|truncate)\b[^;]*"


def names_of(repo_root: Path) -> frozenset[str]:
    """Every table, sequence and function of claims that the migrations make."""
    scripts = (repo_root / "src/claimwright/store/migrations").glob("*.up.sql")
    made = rf"create (?:table|sequence|function) ((?:{'|'.join(SCHEMAS)})\.\w+)"
    return frozenset(name for each in scripts for name in re.findall(made, each.read_text(encoding="utf-8")))


def settings_of() -> frozenset[str]:
    """Names of settings, which look like names of tables."""
    from claimwright.platform.settings.tree import Settings

    return frozenset(
        f"{section}.{name}"
        for section, field in Settings.model_fields.items()
        if hasattr(field.annotation, "model_fields")
        for name in field.annotation.model_fields  # type: ignore[union-attr]
    )


def literals(tree: ast.Module) -> list[tuple[int, str]]:
    """Every text of a module with its line, but for what documents it."""
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]


def named_in(tree: ast.Module, names: frozenset[str], settings: frozenset[str]) -> list[str]:
    """Where a module names a table of claims: in a text, or by its schema in an identifier of SQL."""
    anywhere = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names - settings)))})\b", re.IGNORECASE)
    # A setting may be named; a statement may not.
    ambiguous = "|".join(map(re.escape, sorted(names & settings)))
    in_a_statement = re.compile(rf"{_BEFORE_A_TABLE}\b({ambiguous})\b", re.IGNORECASE)
    found = []
    for line, text in literals(tree):
        # Few texts have a schema in them at all.
        if any(schema in text for schema in SCHEMAS):
            found += [f"{line} {name}" for name in anywhere.findall(text)]
            found += [f"{line} {name}" for name in in_a_statement.findall(text)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Identifier"):
            found += [
                f"{node.lineno} {each.value}.*"
                for each in node.args[:1]
                if isinstance(each, ast.Constant) and each.value in SCHEMAS and len(node.args) > 1
            ]
    return found


def test_sql_about_claims_is_in_the_store_alone(
    repo_root: Path, source_trees: dict[Path, ast.Module]
) -> None:
    names, settings = names_of(repo_root), settings_of()
    assert len(names) > 20
    found = [
        f"{path}:{each}"
        for path, tree in source_trees.items()
        if path.parts[0] == "src" and path.parts[2] != "store"
        for each in named_in(tree, names, settings)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ('QUERY = "select 1 from staging.claims"', ["1 staging.claims"]),
        ('TABLE = "production.lines"', ["1 production.lines"]),
        ('QUERY = f"delete from pipeline.workers where {x}"', ["1 pipeline.workers"]),
        ('given.setdefault("pipeline.workers", 2)', []),
        ('sql.Identifier("production", name)', ["1 production.*"]),
        ('"""Reads production.claims."""', []),
        ('span("pipeline.fetch")', []),
    ],
)
def test_a_statement_about_claims_is_noticed_wherever_it_is(
    repo_root: Path, source: str, says: list[str]
) -> None:
    assert named_in(ast.parse(source), names_of(repo_root), settings_of()) == says


def test_the_platform_names_no_column_and_no_event_of_claims(
    repo_root: Path, source_trees: dict[Path, ast.Module]
) -> None:
    """The platform serves any store: it learns of tables, columns and events from those who use it."""
    from claimwright.platform.events import PLATFORM_EVENTS
    from claimwright.store.columns import CLAIM, FINDING, LINE

    assert [name for name in PLATFORM_EVENTS.types if name.split(".")[0] != "breaker"] == []
    own = {each.name for part in (CLAIM, LINE, FINDING) for each in part.columns if "_" in each.name}
    # What identifies a claim may stand in a log, and who received what when is said of any record.
    parts = {"database", "events", "audit", "jobs", "phi"}
    own -= {"claim_key", "file_id", "run_id", "correlation_id", "received_at", "created_at", "received_on"}
    found = [
        f"{path}:{line} {word}"
        for path, tree in source_trees.items()
        if path.parts[0] == "src" and path.parts[2] == "platform" and path.parts[3] in parts
        for line, text in literals(tree)
        for word in own & set(re.findall(r"\w+", text))
    ]
    assert found == []
