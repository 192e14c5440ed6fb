"""The store: the sealed claim, its tables and everything that is SQL about claims."""
