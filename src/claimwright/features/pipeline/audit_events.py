"""Audit records and events of a run: one of each per chunk, in the chunk's transaction."""

from __future__ import annotations

from claimwright.domain.caller import Caller
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import events
from claimwright.store.runs import Run, run_totals

from .writing import Committed


class AuditEvents:
    """Records the runs that a caller works on."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def __call__(self, connection: Connection, committed: Committed) -> None:
        """Record a completed chunk.

        The audit record is written last, because it blocks other chunks of the tenant.
        """
        run, correlation = committed.run, str(committed.run.correlation_id)
        subject = f"run:{run.run_id}/chunk:{committed.chunk}"
        counts = {
            "claims": committed.claims,
            "production": committed.produced,
            "review": committed.review,
            "dead_letters": len(committed.dead_keys),
            "charge_cents": int(committed.charge * 100),
            "expected_cents": int(committed.expected * 100),
        }
        events.publish(
            self._caller,
            connection,
            type="claims.processed.v1",
            subject=subject,
            data={
                "run_id": run.run_id,
                "chunk": committed.chunk,
                "first_key": committed.first_key,
                "last_key": committed.last_key,
                **counts,
                "reviewed": list(committed.reviewed_keys),
                "dead": list(committed.dead_keys),
                "digest": committed.digest,
            },
            correlation_id=correlation,
        )
        audit.append(
            self._caller,
            connection,
            action="claims.processed",
            subject=subject,
            detail={
                "from_key": committed.first_key,
                "to_key": committed.last_key,
                **counts,
                "digest": committed.digest,
            },
            correlation_id=correlation,
        )

    def finished(self, connection: Connection, run: Run) -> None:
        """Record a completed run; called by the worker that closed it, in the same transaction."""
        totals = run_totals(connection, run.run_id)
        events.publish(
            self._caller,
            connection,
            type="run.finished.v1",
            subject=f"run:{run.run_id}",
            data={
                "run_id": run.run_id,
                "claims": totals.claims,
                "production": totals.produced,
                "review": totals.review,
                "dead_letters": totals.dead,
                "elapsed_ms": totals.elapsed_ms,
            },
            correlation_id=str(run.correlation_id),
        )
