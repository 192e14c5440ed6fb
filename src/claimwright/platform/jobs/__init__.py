"""Long work in the background: a queue in PostgreSQL, workers that take over from those that died."""

from .arguments import JobError
from .queue import Job, Jobs
from .schema import install, remove

__all__ = ["Job", "JobError", "Jobs", "install", "remove"]
