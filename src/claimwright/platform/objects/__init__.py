"""Files by key: a folder on this machine, or a bucket."""

from .store import ObjectError, Objects, open_objects

__all__ = ["ObjectError", "Objects", "open_objects"]
