-- A tenant is made before anything is stored for it, so that a misspelt name makes none. Tenants that have a log are
-- known; the one of the settings' default is there from the start.
create table platform.tenants (
  tenant text primary key default store.tenant() check (tenant ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null default store.actor()
);
insert into platform.tenants (tenant, created_by)
  select tenant, 'system:migration' from store.tenants() as tenant
  union select 'default', 'system:migration';
call store.guard('platform.tenants');
grant select, insert (created_by) on platform.tenants to claimwright_app;
-- Their names, for what is done for all of them one after another.
create policy names_for_the_owner on platform.tenants for select to current_user using (true);
create function store.known_tenants() returns table (tenant text, created_at timestamptz, created_by text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as 'select tenant, created_at, created_by from platform.tenants order by tenant';
revoke all on function store.known_tenants() from public;
grant execute on function store.known_tenants() to claimwright_app;

-- As before, and the tenant has to be known. Every change is audited, so this stands before all of them.
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
    if not exists (select from platform.tenants where tenant = of_tenant) then
        raise exception 'there is no such tenant' using errcode = 'CW001';
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
