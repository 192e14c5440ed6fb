"""Helpers that belong to no other layer: columns, overlapping work, the clock. Imports no other layer."""
