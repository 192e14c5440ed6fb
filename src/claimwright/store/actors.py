"""Actors, such as `user:7`, and the names of those that are accounts."""

from __future__ import annotations

# The sign-in name of an actor, from the column that names it; null if it is no account.
NAME_OF_ACTOR = "(select name from identity.accounts where 'user:' || account_id = {})"
