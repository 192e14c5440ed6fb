"""The clinic of the tests of remittances."""

from __future__ import annotations

from tests.features.remittance.conftest import checker, clinic, clinic_folder, copied_clinic, filled

__all__ = ["checker", "clinic", "clinic_folder", "copied_clinic", "filled"]
