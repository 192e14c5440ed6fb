"""What a feature exports is there, also what it imports only when somebody asks for it."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import claimwright.features

FEATURES = [module.name for module in pkgutil.iter_modules(claimwright.features.__path__)]


@pytest.mark.parametrize("feature", FEATURES)
def test_every_name_that_a_feature_exports_can_be_imported(feature: str) -> None:
    module = importlib.import_module(f"claimwright.features.{feature}")
    assert module.__all__
    for name in module.__all__:
        assert getattr(module, name) is not None, name
