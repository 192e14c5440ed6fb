"""From claims of the denial world to their answers in the ledger, compared to the cent."""

from __future__ import annotations

from .full_circle import Circle, answered, copied, decided, found, go_around, posted_totals

__all__ = ["Circle", "answered", "copied", "decided", "found", "go_around", "posted_totals"]
