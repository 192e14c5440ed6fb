create or replace function platform.audit_append(
    of_tenant text, record_body text, out appended bigint, out appended_hash bytea
)
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    head platform.audit_heads;
    moment timestamptz;
begin
    if (record_body::jsonb ->> 'tenant') is distinct from of_tenant then
        raise exception 'the record names another tenant' using errcode = '42501';
    end if;
    if store.actor() is null or (record_body::jsonb ->> 'actor') is distinct from store.actor() then
        raise exception 'the record names another actor' using errcode = '42501';
    end if;
    insert into platform.audit_heads (tenant, sequence, hash) values (of_tenant, 0, decode(repeat('00', 32), 'hex'))
        on conflict do nothing;
    select * into strict head from platform.audit_heads where tenant = of_tenant for update;
    -- Taken after the lock, so that times of one chain never run backwards; greatest() ignores a null.
    moment := greatest(clock_timestamp(), head.at);
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
    update platform.audit_heads set sequence = appended, hash = appended_hash, at = moment where tenant = of_tenant;
end
$$;
drop function store.known_tenants();
drop table platform.tenants;
