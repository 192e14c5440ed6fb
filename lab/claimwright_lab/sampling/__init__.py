"""Synthetic claims: as many as wanted, of nobody, with planted and labelled defects.

    options = SampleOptions(claims=100_000, seed=7)
    write_sample("big.837", options)                  # and big.labels.csv beside it
    for batch, labels in sample_batches(options): ...

The README in this folder says how they are made.
"""

from __future__ import annotations

from .defects import DEFECTS, ENVELOPE_DEFECTS, LABELS, Defect, EnvelopeDefect
from .draws import Draws
from .files import WrittenSample, labels_beside, read_labels, write_sample
from .generate import DEFAULT_AS_OF, DEFAULT_DEFECT_RATE, DEFAULT_FORMS, SampleOptions
from .generate import batches as sample_batches

__all__ = [
    "DEFAULT_AS_OF",
    "DEFAULT_DEFECT_RATE",
    "DEFAULT_FORMS",
    "DEFECTS",
    "ENVELOPE_DEFECTS",
    "LABELS",
    "Defect",
    "Draws",
    "EnvelopeDefect",
    "SampleOptions",
    "WrittenSample",
    "labels_beside",
    "read_labels",
    "sample_batches",
    "write_sample",
]
