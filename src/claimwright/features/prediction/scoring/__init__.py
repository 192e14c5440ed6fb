"""Scoring: the champion model, its registry, review policies and explanations."""
