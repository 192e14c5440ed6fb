"""How fast, how large, and beside whom. See README.md."""
