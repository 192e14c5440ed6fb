-- Events on their way out (platform/events), written in the transaction of the change that they tell of.
create table platform.outbox (
    id uuid primary key default gen_random_uuid(),
    tenant text not null,
    position bigint generated always as identity,
    type text not null,
    subject text not null,
    correlation_id text not null,
    occurred_at timestamptz not null default clock_timestamp(),
    data jsonb not null
);
create index outbox_position on platform.outbox (tenant, position);
create index outbox_subject on platform.outbox (tenant, subject);

-- How far the delivery of an event to one target is. No row: not tried yet.
create table platform.deliveries (
    tenant text not null,
    event_id uuid not null references platform.outbox (id) on delete cascade,
    target text not null,
    attempts integer not null default 0,
    due_at timestamptz not null,
    delivered_at timestamptz,
    abandoned_at timestamptz,
    last_answer text not null default '',
    primary key (event_id, target)
);
create index deliveries_due on platform.deliveries (tenant, target, due_at)
    where delivered_at is null and abandoned_at is null;

call store.guard('platform.outbox');
call store.guard('platform.deliveries');

-- Retention deletes events; nothing changes one.
grant select, insert, delete on platform.outbox to claimwright_app;
grant select, insert, update, delete on platform.deliveries to claimwright_app;
