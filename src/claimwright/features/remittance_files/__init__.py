"""Remittance files: read, summed up, converted to tables and back; 835, and CSV by a mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports

if TYPE_CHECKING:
    from .csv_mapping import Mapping835, MappingError, read_mapped_csv, read_mapping_file
    from .denied import denied_units
    from .reading import read_835, read_remittances, read_sources
    from .summary import RemittanceSummary
    from .words import CLAIM_STATUSES, GROUPS, PROVIDER_ADJUSTMENTS

__all__ = [
    "CLAIM_STATUSES",
    "GROUPS",
    "PROVIDER_ADJUSTMENTS",
    "Mapping835",
    "MappingError",
    "RemittanceSummary",
    "denied_units",
    "read_835",
    "read_mapped_csv",
    "read_mapping_file",
    "read_remittances",
    "read_sources",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "csv_mapping": ("Mapping835", "MappingError", "read_mapped_csv", "read_mapping_file"),
        "denied": ("denied_units",),
        "reading": ("read_835", "read_remittances", "read_sources"),
        "summary": ("RemittanceSummary",),
        "words": ("CLAIM_STATUSES", "GROUPS", "PROVIDER_ADJUSTMENTS"),
    },
)
