"""X12: bytes to columns and back, structural checks and acknowledgements, from guides that are data."""
