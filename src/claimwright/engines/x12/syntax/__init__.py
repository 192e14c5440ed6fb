"""X12 syntax: streams, tokens, delimiters, and the loop that each segment belongs to."""
