"""Files by key: a folder on this machine, or a bucket."""

from .store import ObjectProblem, Objects, open_objects

__all__ = ["ObjectProblem", "Objects", "open_objects"]
