"""The floors of the house, as import-linter holds them."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]

FLOORS = (
    "client",
    "apps",
    "assembly",
    "features",
    "store",
    "engines",
    "reference",
    "rulebook",
    "denial_causes",
    "kpis",
    "deadline_rules",
    "appeal_sources",
    "appeal_templates",
    "model_prompts",
    "payer_policies",
    "domain",
    "platform",
    "foundation",
)
FEATURES = tuple(
    f"features/{path.parent.name}"
    for path in sorted((Path(__file__).parents[2] / "src/claimwright/features").glob("*/__init__.py"))
)

ROOMS_OF_X12 = tuple(
    f"engines/x12{room}"
    for room in (
        "",
        "/native",
        "/guides",
        "/syntax",
        "/checks",
        "/claims837",
        "/remittance835",
        "/acknowledgements",
    )
)
ROOMS_OF_THE_LAB = (
    "demonstration",
    "commands",
    "denial_world",
    "appeal_evaluation",
    "full_circle",
    "model_standin",
    "advice_trial",
    "explanation_score",
    "pipeline_benchmark",
    "rule_mutation",
    "sampling",
)
ROOMS_OF_STORE = tuple(
    f"store/{path.stem}"
    for path in sorted((Path(__file__).parents[2] / "src/claimwright/store").iterdir())
    if (path.suffix == ".py" and path.stem != "__init__") or path.name == "events"
)
ROOMS_OF_PREDICTION = tuple(
    f"features/prediction/{room}" for room in ("scoring", "training", "feedback", "jobs")
)


def lint_imports(root: Path, source: Path, lab: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": f"{source}:{lab}", "COLUMNS": "200", "NO_COLOR": "1"}
    command = [*LINT, "--config", str(root / "pyproject.toml")]
    return subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)


def test_no_room_imports_from_a_floor_above_it(repo_root: Path) -> None:
    result = lint_imports(repo_root, repo_root / "src", repo_root / "lab")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture
def empty_house(tmp_path: Path) -> Path:
    """A folder with the packages of the house and of the lab, every room of them empty."""
    package, lab = tmp_path / "claimwright", tmp_path / "claimwright_lab"
    for floor in FLOORS:
        (package / floor).mkdir(parents=True)
        (package / floor / "__init__.py").touch()
    for room in (
        *FEATURES,
        *ROOMS_OF_X12,
        *ROOMS_OF_STORE,
        *ROOMS_OF_PREDICTION,
        "engines/prediction",
        "engines/pricing",
        "engines/rules",
    ):
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").touch()
    for room in ROOMS_OF_THE_LAB:
        (lab / room).mkdir(parents=True)
        (lab / room / "__init__.py").touch()
    (package / "__init__.py").touch()
    (lab / "__init__.py").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("claimwright.engines.rules", "claimwright.features.checking"),
        # Inside the store: the columns are described without their tables, and tables do not know each other.
        ("claimwright.store.columns", "claimwright.store.staging"),
        ("claimwright.store.runs", "claimwright.store.dead_letters"),
        ("claimwright.platform", "claimwright.store.schema"),
        # The product and the lab, and within the lab the payers and what predicts them.
        ("claimwright.features.prediction.training", "claimwright_lab.denial_world"),
        ("claimwright.features.checking", "claimwright_lab.sampling"),
        ("claimwright_lab.denial_world", "claimwright.engines.pricing"),
        ("claimwright_lab.denial_world", "claimwright.features.prediction"),
        ("claimwright_lab.sampling", "claimwright_lab.denial_world"),
    ],
)
def test_an_import_that_a_contract_forbids_is_refused(
    importer: str, imported: str, repo_root: Path, empty_house: Path
) -> None:
    room = empty_house.joinpath(*importer.split("."))
    (room / "__init__.py").write_text(f"import {imported}\n")
    result = lint_imports(repo_root, empty_house, empty_house)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{importer} -> {imported}" in result.stdout


def test_only_the_door_to_the_lab_names_it(repo_root: Path, python_files: list[Path]) -> None:
    """An import by name while it runs is one that a contract does not see."""
    named = [
        path.as_posix()
        for path in python_files
        if path.parts[0] == "src" and "claimwright_lab" in (repo_root / path).read_text(encoding="utf-8")
    ]
    assert named == ["src/claimwright/apps/cli/lab.py"]


def test_every_floor_has_a_folder_and_a_page(repo_root: Path) -> None:
    for floor in FLOORS:
        assert (repo_root / "src" / "claimwright" / floor / "__init__.py").is_file(), floor
        assert (repo_root / "docs" / "floors" / f"{floor}.md").is_file(), floor


def test_the_page_of_a_floor_names_every_room(repo_root: Path) -> None:
    for floor in FLOORS:
        page = (repo_root / "docs" / "floors" / f"{floor}.md").read_text(encoding="utf-8")
        rooms = {path.parent.name for path in (repo_root / "src/claimwright" / floor).glob("*/__init__.py")}
        assert [room for room in sorted(rooms) if f"`{room}`" not in page] == [], floor


def test_a_feature_uses_only_what_another_exports(source_trees: dict[Path, ast.Module]) -> None:
    """What is behind a feature's `__init__` is its own and may change without asking."""
    found = []
    for path, tree in source_trees.items():
        in_feature = path.parts[2] == "features" and len(path.parts) > 4
        if not in_feature and path.parts[0] != "lab":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (module := node.module):
                parts = module.split(".")
                if (
                    parts[:2] == ["claimwright", "features"]
                    and parts[2:3] != [path.parts[3]]
                    and len(parts) > 3
                ):
                    found.append(f"{path}:{node.lineno} {module}")
    assert found == []


def test_an_exception_to_a_contract_has_its_excuse_beside_it(repo_root: Path) -> None:
    """An `ignore_imports` entry is a hole in a floor; a comment on the same line says why it is there."""
    text = (repo_root / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    holes = {hole for contract in contracts for hole in contract.get("ignore_imports", ())}
    for line in text.splitlines():
        entry, _, excuse = line.strip().partition("#")
        if entry.strip(' ",') in holes:
            assert excuse.strip(), f"no reason beside the exception: {line.strip()}"


# Rooms whose facade is all that others may use, and what of them may still be imported past it.
FACADES = ("claimwright.engines.x12",)


def past_a_facade(path: Path, tree: ast.Module) -> list[str]:
    """Imports of what stands behind the facade of a room that the module is not in."""
    own = "claimwright." + ".".join(path.with_suffix("").parts[2:])
    imported: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            imported.append((node.lineno, node.module))
        elif isinstance(node, ast.Import):
            imported += [(node.lineno, alias.name) for alias in node.names]
    return [
        f"{path}:{line} {name}"
        for facade in FACADES
        for line, name in imported
        if not own.startswith(f"{facade}.") and name.startswith(f"{facade}.")
    ]


def test_nobody_imports_past_the_facade_of_x12(source_trees: dict[Path, ast.Module]) -> None:
    found = [each for path, tree in source_trees.items() for each in past_a_facade(path, tree)]
    assert found == []


def test_an_import_past_a_facade_is_refused() -> None:
    tree = ast.parse("from claimwright.engines.x12.claims837.write import write_837")
    assert past_a_facade(Path("src/claimwright/features/sampling/files.py"), tree) != []
    assert past_a_facade(Path("src/claimwright/engines/x12/checks/faults.py"), tree) == []


def test_only_one_module_decides_between_compiled_loops_and_numpy(
    source_trees: dict[Path, ast.Module],
) -> None:
    """Whoever asks for the kernel itself would decide a second time; `native/choice.py` does it for all."""
    found = []
    for path, tree in source_trees.items():
        if "engines/x12" not in path.as_posix() or "native" in path.parts:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("native.kernel"):
                found += [f"{path}:{node.lineno}" for alias in node.names if alias.name == "kernel"]
    assert found == []


def test_the_facade_of_x12_names_what_it_exports() -> None:
    import claimwright.engines.x12 as facade

    assert sorted(facade.__all__) == sorted(facade._HOME)
    for name in facade.__all__:
        assert getattr(facade, name) is not None


def test_only_apps_end_the_process(source_trees: dict[Path, ast.Module]) -> None:
    """Below them an error is typed; what it means for an exit status, the app says."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in source_trees.items()
        if path.parts[0] == "src" and path.parts[2] != "apps"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id in {"SystemExit", "exit", "quit"})
        or (isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.exit")
    ]
    assert found == []
