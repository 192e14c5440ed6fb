-- What tenants use, by day and actor; quotas; and rate limits that hold over several processes (platform/metering).
-- A row is added to in the transaction of what it counts: what is rolled back or killed is not counted.
create table platform.usage (
    tenant text not null default store.tenant() check (tenant <> ''),
    day date not null,
    actor text not null,
    -- Concurrent transactions of one actor add to different rows.
    slot smallint not null,
    requests bigint not null default 0,
    claims bigint not null default 0,
    bytes_received bigint not null default 0,
    -- The change of what is stored; the sum of all days is what is stored now.
    bytes_stored bigint not null default 0,
    primary key (tenant, day, actor, slot)
);
call store.guard('platform.usage');
grant select, insert on platform.usage to claimwright_app;
grant update (requests, claims, bytes_received, bytes_stored) on platform.usage to claimwright_app;

-- Requests, claims and bytes are of a calendar month (UTC); storage is of any time.
create table platform.quotas (
    tenant text not null default store.tenant() check (tenant <> ''),
    kind text not null check (kind in ('requests', 'claims', 'bytes', 'storage')),
    most bigint not null check (most >= 0),
    set_at timestamptz not null default clock_timestamp(),
    set_by text not null default store.actor(),
    primary key (tenant, kind)
);
call store.guard('platform.quotas');
grant select, insert, delete on platform.quotas to claimwright_app;
grant update (most, set_at, set_by) on platform.quotas to claimwright_app;

-- How much of a quota the tenant has used.
create function platform.used(of_kind text) returns bigint
    language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(sum(case of_kind
            when 'requests' then requests when 'claims' then claims
            when 'bytes' then bytes_received else bytes_stored end), 0)::bigint
    from platform.usage
    where tenant = store.tenant()
        and (of_kind = 'storage' or day >= date_trunc('month', clock_timestamp() at time zone 'UTC')::date)
$$;

create function platform.add_usage(
    of_tenant text, of_actor text, more_requests bigint, more_claims bigint, more_bytes bigint, more_stored bigint
) returns void
    language sql set search_path = pg_catalog, pg_temp as $$
    insert into platform.usage as u (tenant, day, actor, slot, requests, claims, bytes_received, bytes_stored)
        values (of_tenant, (clock_timestamp() at time zone 'UTC')::date, of_actor, pg_backend_pid() % 16,
            more_requests, more_claims, more_bytes, more_stored)
        on conflict (tenant, day, actor, slot) do update set
            requests = u.requests + excluded.requests, claims = u.claims + excluded.claims,
            bytes_received = u.bytes_received + excluded.bytes_received,
            bytes_stored = u.bytes_stored + excluded.bytes_stored
$$;

-- Who brought a file in; storage is that one's until the content is removed.
alter table staging.files add column received_by text default store.actor();

create function platform.meter_file() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    quota record;
    used bigint;
begin
    if tg_op = 'INSERT' then
        if exists (select from platform.quotas where tenant = new.tenant) then
            -- One file of the tenant at a time, so that two do not each see room for one.
            perform pg_advisory_xact_lock(hashtextextended('platform.quotas ' || new.tenant, 0));
        end if;
        perform platform.add_usage(new.tenant, coalesce(new.received_by, 'unknown'), 0, new.staged, new.bytes, new.bytes);
        for quota in select kind, most from platform.quotas
            where tenant = new.tenant and kind in ('claims', 'bytes', 'storage') order by kind
        loop
            used := platform.used(quota.kind);
            if used > quota.most then
                raise exception 'quota' using errcode = 'CW002', detail = format('%s %s', quota.kind, quota.most);
            end if;
        end loop;
    else
        perform platform.add_usage(old.tenant, coalesce(old.received_by, 'unknown'), 0, 0, 0, -old.bytes);
    end if;
    return null;
end
$$;
create trigger meter_stored after insert on staging.files
    for each row when (new.object is not null) execute function platform.meter_file();
create trigger meter_removed after update of object on staging.files
    for each row when (old.object is not null and new.object is null) execute function platform.meter_file();
create trigger meter_deleted after delete on staging.files
    for each row when (old.object is not null) execute function platform.meter_file();

-- Requests of an identity or an address in the minute under way. Lost with the server's memory, on purpose.
create unlogged table platform.rate_counts (
    tenant text not null default store.tenant() check (tenant <> ''),
    key text not null,
    minute bigint not null,
    counted integer not null,
    primary key (tenant, key)
);
call store.guard('platform.rate_counts');
grant select, insert, delete on platform.rate_counts to claimwright_app;
grant update (minute, counted) on platform.rate_counts to claimwright_app;

-- Count a request: in its minute, and where it is metered and not too many, in the usage of its actor. The server's
-- clock cuts the minutes. `quota` is null unless the requests of the month are used up.
create function platform.count_request(
    limit_key text, most integer, metered boolean, out counted integer, out seconds integer, out quota bigint
)
    language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now_seconds double precision := extract(epoch from clock_timestamp());
    this_minute bigint := floor(now_seconds / 60);
begin
    -- Nobody waits for the disk. A later commit that does takes this one along, so that a request whose change
    -- is kept is counted, whatever happens to the server.
    perform set_config('synchronous_commit', 'off', true);
    seconds := ceil((this_minute + 1) * 60 - now_seconds);
    insert into platform.rate_counts as r (key, minute, counted) values (limit_key, this_minute, 1)
        on conflict (tenant, key) do update set
            counted = case when r.minute = excluded.minute then r.counted + 1 else 1 end, minute = excluded.minute
        returning r.counted into counted;
    if counted = 1 and random() < 0.01 then
        delete from platform.rate_counts where ctid in (
            select ctid from platform.rate_counts where minute < this_minute - 60 limit 1000 for update skip locked
        );
    end if;
    if counted > most or not metered then
        return;
    end if;
    select q.most into quota from platform.quotas q where tenant = store.tenant() and kind = 'requests';
    if quota is not null and platform.used('requests') >= quota then
        return;
    end if;
    quota := null;
    perform platform.add_usage(store.tenant(), store.actor(), 1, 0, 0, 0);
end
$$;
