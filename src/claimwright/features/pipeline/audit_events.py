"""What the audit log and the outbox are told of a run: one row a chunk, in the chunk's transaction."""

from __future__ import annotations

from claimwright.domain.caller import Caller
from claimwright.platform import audit, events
from claimwright.platform.database import Connection

from .leasing import Run
from .writing import Committed


class Telling:
    """Tells of the runs that a caller works on."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def __call__(self, connection: Connection, committed: Committed) -> None:
        """A chunk is done. The audit row comes last: it keeps other chunks of the tenant waiting."""
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
        """A run is done; called by the one worker that closed it, in that transaction."""
        row = connection.execute(
            "select coalesce(sum(claims), 0), coalesce(sum(produced), 0), coalesce(sum(review), 0), "
            "coalesce(sum(dead), 0), "
            "(extract(epoch from max(finished_at) - (select started_at from pipeline.runs r "
            "where r.run_id = c.run_id)) * 1000)::bigint "
            "from pipeline.chunks c where run_id = %s group by run_id",
            [run.run_id],
        ).fetchone()
        claims, produced, review, dead, elapsed = row or (0, 0, 0, 0, 0)
        events.publish(
            self._caller,
            connection,
            type="run.finished.v1",
            subject=f"run:{run.run_id}",
            data={
                "run_id": run.run_id,
                "claims": int(claims),
                "production": int(produced),
                "review": int(review),
                "dead_letters": int(dead),
                "elapsed_ms": max(int(elapsed or 0), 0),
            },
            correlation_id=str(run.correlation_id),
        )
