-- Unusual access to patient data, found in the audit log, until a person has looked at it (features/access_watch).
create table platform.access_alerts (
    tenant text not null default store.tenant() check (tenant <> ''),
    alert_id bigint generated always as identity,
    kind text not null,
    actor text not null,
    day date not null,
    -- What was counted on the day, and up to how much would have been usual.
    counted integer not null,
    usual integer not null,
    found_at timestamptz not null default clock_timestamp(),
    reviewed_at timestamptz,
    reviewed_by text,
    primary key (tenant, alert_id),
    unique (tenant, kind, actor, day)
);
call store.guard('platform.access_alerts');
grant select, insert on platform.access_alerts to claimwright_app;
grant update (reviewed_at, reviewed_by) on platform.access_alerts to claimwright_app;
