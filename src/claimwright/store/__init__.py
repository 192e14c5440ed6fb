"""The store: sealed claims, their tables, and all SQL about claims."""
