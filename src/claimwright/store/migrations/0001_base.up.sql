-- Schemas, the setting that names the tenant, and how tables are kept apart by tenant and cut by month.
--
-- Every table has a column `tenant` that defaults to the setting `claimwright.tenant`, and row-level security
-- that compares the two. `store.guard` switches it on, for the table's owner as well.
--
-- Tables that grow for ever are partitioned by month. The application reads and changes them through the
-- parent, where row-level security holds. Bulk loads go straight into a partition, since PostgreSQL allows no
-- COPY into a table with row-level security: on a partition the application may do nothing but insert, and not
-- into the column `tenant`, which is then always the tenant of its transaction.

grant select on public.alembic_version to claimwright_app;
create schema store;
create schema staging;
create schema pipeline;
create schema production;
grant usage on schema store, staging, pipeline, production to claimwright_app;

create function store.tenant() returns text
language sql stable parallel safe
return nullif(current_setting('claimwright.tenant', true), '');

create procedure store.guard(guarded regclass)
language plpgsql set search_path = pg_catalog as $$
begin
  execute format('alter table %s enable row level security', guarded);
  execute format('alter table %s force row level security', guarded);
  execute format(
    'create policy by_tenant on %s using (tenant = store.tenant()) with check (tenant = store.tenant())', guarded);
end $$;

-- The partition of a month, made where it is missing. Runs as the owner: the application can't make tables.
create function store.partition(parent regclass, day date) returns text
language plpgsql security definer set search_path = pg_catalog as $$
declare
  first_day date := date_trunc('month', day);
  space text; base text; name text; loadable text;
begin
  select n.nspname, c.relname into space, base
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.oid = parent and c.relkind = 'p' and n.nspname in ('staging', 'production', 'pipeline', 'audit', 'events');
  if base is null then
    raise exception '% is not a table of the store that is cut by month', parent;
  end if;
  name := format('%I.%I', space, base || to_char(first_day, '_YYYY_MM'));
  if to_regclass(name) is not null then
    return name;
  end if;
  perform pg_advisory_xact_lock(7837002);
  -- Whoever held the lock may have made it. Asked of the catalogue: the name was looked up in vain just now,
  -- and that answer is remembered.
  if exists (
    select from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = space and c.relname = base || to_char(first_day, '_YYYY_MM')
  ) then
    return name;
  end if;
  execute format('create table %s (like %s including all)', name, parent);
  -- Rows of up to a page's size stay in one piece: a sealed record is read with its row.
  execute format('alter table %s set (toast_tuple_target = 8160)', name);
  -- Attaching takes a weak lock on the parent: whoever reads goes on reading.
  execute format('alter table %s attach partition %s for values from (%L) to (%L)',
    parent, name, first_day, (first_day + interval '1 month')::date);
  execute format('revoke all on %s from public', name);
  select string_agg(quote_ident(attname), ', ') into loadable
  from pg_attribute where attrelid = parent and attnum > 0 and not attisdropped and attname <> 'tenant';
  execute format('grant insert (%s) on %s to claimwright_app', loadable, name);
  return name;
end $$;
revoke all on function store.partition(regclass, date) from public;
grant execute on function store.partition(regclass, date) to claimwright_app;

-- Every month that is wholly older than a day is cut off and dropped; says how many there were.
create function store.drop_before(parent regclass, day date) returns integer
language plpgsql set search_path = pg_catalog as $$
declare
  old record; dropped integer := 0;
begin
  for old in
    select c.oid::regclass as name
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = parent
      and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= day
  loop
    execute format('drop table %s', old.name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;
revoke all on function store.drop_before(regclass, date) from public;
