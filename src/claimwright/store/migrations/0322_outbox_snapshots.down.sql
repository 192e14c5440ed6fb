drop index platform.outbox_written_in;
alter table platform.outbox drop column written_in, drop column seen_then;
