"""Passwords of tests: hashed as the product does it, but for the cost that keeps others from guessing.

Each costs a third of a second of the processor by design, and tests make and try a thousand.
"""

from __future__ import annotations

import functools

from argon2 import PasswordHasher

from claimwright.platform.identity import passwords

# As the product makes it.
product_hasher = passwords._hasher
passwords._hasher = functools.cache(lambda: PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
