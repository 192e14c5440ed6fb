"""Figures (KPIs): definitions, the facts that they are computed from, and their values. Pure."""
