"""Structural checks against a guide: envelope, hierarchy, segments, elements, code values."""
