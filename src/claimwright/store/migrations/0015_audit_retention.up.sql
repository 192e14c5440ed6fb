-- Retention of the audit log: a year goes whole, and only the owner can let it go.
create function platform.audit_drop_before(day date) returns integer
    language plpgsql set search_path = pg_catalog as $$
declare
    old record;
    dropped integer := 0;
begin
    for old in
        select c.oid::regclass as name
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'platform.audit_log'::regclass
            and make_date(right(c.relname, 4)::integer, 12, 31) < day
    loop
        execute format('drop table %s', old.name);
        dropped := dropped + 1;
    end loop;
    return dropped;
end
$$;
revoke all on function platform.audit_drop_before(date) from public;
