-- A reader of the outbox goes on where it was by a snapshot: what is visible now and was not visible then is new,
-- whatever its position and however long its transaction took. Rows of before have neither and count as read.
alter table platform.outbox add column written_in xid8, add column seen_then pg_snapshot;
alter table platform.outbox
    alter column written_in set default pg_current_xact_id(),
    alter column seen_then set default pg_current_snapshot();
create index outbox_written_in on platform.outbox (tenant, written_in);
