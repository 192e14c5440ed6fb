-- The audit log (platform/audit): append-only, hash-chained per tenant, written by one function alone.
-- The end of each tenant's chain. Its row is what appenders of one tenant wait for.
create table platform.audit_heads (
    tenant text primary key,
    sequence bigint not null,
    hash bytea not null check (length(hash) = 32)
);

-- A partition a year, made by the first record of the year; retention drops whole years.
create table platform.audit_log (
    tenant text not null,
    sequence bigint not null check (sequence > 0),
    at timestamptz not null,
    previous bytea not null check (length(previous) = 32),
    hash bytea not null check (length(hash) = 32),
    -- What is hashed is this text; the columns after it are read from it, so that they can't say otherwise.
    body text not null,
    actor text generated always as (body::jsonb ->> 'actor') stored,
    action text generated always as (body::jsonb ->> 'action') stored,
    subject text generated always as (body::jsonb ->> 'subject') stored,
    correlation_id text generated always as (body::jsonb ->> 'correlation_id') stored,
    primary key (tenant, sequence, at)
) partition by range (at);
create index audit_log_at on platform.audit_log (tenant, at);
create index audit_log_subject on platform.audit_log (tenant, subject);
create index audit_log_actor on platform.audit_log (tenant, actor, at);
create index audit_log_correlation on platform.audit_log (tenant, correlation_id);

create function platform.audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only: % is refused', lower(tg_op) using errcode = '42501';
end
$$;

create trigger audit_log_is_append_only before update or delete on platform.audit_log
    for each row execute function platform.audit_refuse();
create trigger audit_log_is_kept before truncate on platform.audit_log
    for each statement execute function platform.audit_refuse();

call store.guard('platform.audit_log');
call store.guard('platform.audit_heads');

-- The partition of a year, made where it is missing. Attaching takes a weak lock: whoever reads goes on reading.
create function platform.audit_year(year integer) returns void language plpgsql set search_path = pg_catalog as $$
declare
    name text := 'platform.audit_log_' || year;
begin
    if to_regclass(name) is not null then
        return;
    end if;
    perform pg_advisory_xact_lock(7837010);
    if to_regclass(name) is not null then
        return;
    end if;
    execute format('create table %s (like platform.audit_log including all)', name);
    execute format(
        'alter table platform.audit_log attach partition %s for values from (%L) to (%L)',
        name, make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC'), make_timestamptz(year + 1, 1, 1, 0, 0, 0, 'UTC')
    );
    execute format(
        'create trigger audit_log_is_kept before truncate on %s'
        ' for each statement execute function platform.audit_refuse()', name
    );
    execute format('call store.guard(%L)', name);
    execute format('revoke all on %s from public', name);
end
$$;
revoke all on function platform.audit_year(integer) from public;

-- Each record is "sequence, a line end, time, a line end, body"; its hash is SHA-256 of the hash before and it.
-- It runs as the owner, so that the application can append and do nothing else to the log.
create function platform.audit_append(of_tenant text, record_body text, out appended bigint, out appended_hash bytea)
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    head platform.audit_heads;
    moment timestamptz;
begin
    if (record_body::jsonb ->> 'tenant') is distinct from of_tenant then
        raise exception 'the record names another tenant' using errcode = '42501';
    end if;
    insert into platform.audit_heads values (of_tenant, 0, decode(repeat('00', 32), 'hex'))
        on conflict do nothing;
    select * into strict head from platform.audit_heads where tenant = of_tenant for update;
    -- Taken after the lock, so that times of one chain never run backwards.
    moment := clock_timestamp();
    perform platform.audit_year(extract(year from moment at time zone 'UTC')::integer);
    appended := head.sequence + 1;
    appended_hash := sha256(
        head.hash || convert_to(
            appended || E'\n' || to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            || E'\n' || record_body, 'UTF8'
        )
    );
    insert into platform.audit_log (tenant, sequence, at, previous, hash, body)
        values (of_tenant, appended, moment, head.hash, appended_hash, record_body);
    update platform.audit_heads set sequence = appended, hash = appended_hash where tenant = of_tenant;
end
$$;
revoke all on function platform.audit_append(text, text) from public;
grant execute on function platform.audit_append(text, text) to claimwright_app;
grant select on platform.audit_log, platform.audit_heads to claimwright_app;
