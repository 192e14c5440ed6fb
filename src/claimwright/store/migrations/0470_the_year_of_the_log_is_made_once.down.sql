create or replace function platform.audit_year(year integer) returns void language plpgsql
    set search_path = pg_catalog, pg_temp as $$
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
