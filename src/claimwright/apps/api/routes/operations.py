"""How the installation does: its database, its connections, its jobs. No value of any tenant."""

from __future__ import annotations

from pydantic import BaseModel

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.resources import Resource
from claimwright.platform.database.server_metrics import ServerMetrics, server_metrics
from claimwright.platform.jobs.counting import job_counts

routes = Resource("operations", "How the database, the connections and the jobs of the installation do")


class PoolState(BaseModel):
    """Connections of this server to the database: how many, unused, and requests that wait for one."""

    size: int
    idle: int
    waiting: int


class OperationsState(BaseModel):
    """The database's own counts, since its statistics began; connections; jobs of all tenants by state."""

    database: ServerMetrics
    pool: PoolState
    jobs: dict[str, int]


@routes.get("/operations", action="runs.list")
def state(asker: Asking) -> OperationsState:
    """How the database and the jobs do now."""
    asker.demand_every_facility("this is of the whole installation")
    database = asker.services.database
    stats = database.pool.get_stats()
    with database.transaction(asker.caller) as connection:
        server, jobs = server_metrics(connection), job_counts(connection)
    return OperationsState(
        database=server,
        pool=PoolState(
            size=stats.get("pool_size", 0), idle=stats.get("pool_available", 0),
            waiting=stats.get("requests_waiting", 0),
        ),
        jobs=jobs,
    )  # fmt: skip
