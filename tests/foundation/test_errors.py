"""One tree of errors: complete, and drawn where it is defined."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import claimwright
from claimwright.foundation import errors


def ours() -> Iterator[type[BaseException]]:
    """Every class of an exception that a module of the package defines."""
    for module in pkgutil.walk_packages(claimwright.__path__, "claimwright."):
        # Compiled loops are no Python modules, and Alembic alone runs what is in migrations.
        if module.name.rpartition(".")[2].startswith("_") or ".migrations." in module.name:
            continue
        for _, defined in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            error = issubclass(defined, BaseException) and not issubclass(defined, Warning)
            if error and defined.__module__.startswith("claimwright."):
                yield defined


def test_every_error_of_ours_is_in_the_tree_and_ends_in_error() -> None:
    found = set(ours())
    assert len(found) > 40
    assert [each for each in found if not issubclass(each, errors.ClaimwrightError)] == []
    assert [each.__name__ for each in found if not each.__name__.endswith("Error")] == []


def test_no_two_errors_share_a_name() -> None:
    names = [each.__name__ for each in set(ours())]
    assert sorted(names) == sorted(set(names))


def test_the_branches_are_drawn_where_they_are_defined() -> None:
    drawing = inspect.getdoc(errors) or ""
    for name, defined in inspect.getmembers(errors, inspect.isclass):
        assert f"{name} " in drawing
        assert defined.__doc__
