"""What every test may ask for."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.testing
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

# A PostgreSQL for whoever asks for one: `store`, `bare_store`; passwords; which worker runs which tests.
pytest_plugins = ["tests.database_server", "tests.cheap_passwords", "tests.by_file"]

ROOT = Path(__file__).resolve().parent.parent

# Test workers are given a narrow terminal, in which tables fold what a test looks for.
os.environ.pop("COLUMNS", None)
# What whoever runs the tests has loaded for themselves must not change what the tests say.
os.environ["CLAIMWRIGHT_REFERENCE"] = str(ROOT / "tests" / "no-such-store")

# Preparing 150 commands takes longer than most of them run: a test process prepares them once.
typer.testing._get_command = functools.cache(typer.testing._get_command)  # type: ignore[attr-defined]

# A shared machine stalls now and then, so no example has a deadline; pytest-timeout catches what hangs.
# In CI the examples are the same at every run: a failure there is of the change, never of the dice.
settings.register_profile(
    "local",
    deadline=None,
    max_examples=40,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.register_profile("thorough", settings.get_profile("local"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "local"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have workers begin with the slow tests, so that neither ends long after the other."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def exporter() -> InMemorySpanExporter:
    """Every span that ends, in memory; a process can be given one provider only, so all tests share it."""
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    made = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    trace.set_tracer_provider(provider)
    return made


@pytest.fixture(scope="session")
def samples(repo_root: Path) -> Path:
    """The folder of sample claims that the project ships."""
    return repo_root / "samples"


@pytest.fixture(scope="session")
def shared_data(repo_root: Path) -> Path:
    """The folder of published test data beside the checkout; tests that need it skip where it is absent."""
    folder = repo_root.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the published test data (../shared/data beside the checkout) is not on this machine")
    return folder
