"""Background jobs: a queue in PostgreSQL, and workers that take over the jobs of dead workers."""

from .arguments import JobError
from .queue import Job, Jobs
from .schema import install, remove

__all__ = ["Job", "JobError", "Jobs", "install", "remove"]
