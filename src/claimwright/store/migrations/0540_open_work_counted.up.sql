-- Open work items that are alike, counted in the transaction that changes them: the queue shows its numbers without a pass
-- over half a million items. A change adds rows, so that nobody waits for another; rows are summed up now and then.
create table work.open_counts (
  tenant text not null default store.tenant() check (tenant <> ''),
  kind text not null,
  category text not null,
  facility text,
  state text not null,
  assignee_id bigint,
  per_day_cents bigint not null,       -- of each item down to a limit of a priority: work.down_to_limit
  due_on date not null,
  snoozed_until date,
  items bigint not null,               -- fewer than none where items went
  stake_cents bigint not null,
  expected_cents bigint not null
);
call store.guard('work.open_counts');
create index open_counts_of_tenant on work.open_counts (tenant);
grant select, insert, delete on work.open_counts to claimwright_app;
-- What FOR UPDATE needs. No column is ever changed.
grant update (tenant) on work.open_counts to claimwright_app;

-- The limits are those of features/review/policy.py (PRIORITIES); a test compares them.
create function work.down_to_limit(per_day_cents bigint) returns bigint
language sql immutable parallel safe
return case when per_day_cents >= 10000 then 10000 when per_day_cents >= 1000 then 1000 else 0 end;

create function work.sum_open_counts() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  -- What others are about to remove is left to them, so that no two wait for each other.
  with chosen as (
    select ctid from work.open_counts where tenant = store.tenant() limit 20000 for update skip locked
  ), taken as (
    delete from work.open_counts where ctid = any(array(select ctid from chosen)) and tenant = store.tenant()
    returning kind, category, facility, state, assignee_id, per_day_cents, due_on, snoozed_until, items, stake_cents,
      expected_cents
  )
  insert into work.open_counts (kind, category, facility, state, assignee_id, per_day_cents, due_on, snoozed_until, items,
    stake_cents, expected_cents)
  select kind, category, facility, state, assignee_id, per_day_cents, due_on, snoozed_until, sum(items), sum(stake_cents),
    sum(expected_cents)
  from taken group by 1, 2, 3, 4, 5, 6, 7, 8
  having sum(items) <> 0 or sum(stake_cents) <> 0 or sum(expected_cents) <> 0;
end $$;

create function work.count_open() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  -- In the tenant of each row: an administrator of the database may change those of several.
  if tg_op = 'INSERT' then
    insert into work.open_counts (tenant, kind, category, facility, state, assignee_id, per_day_cents, due_on, snoozed_until,
      items, stake_cents, expected_cents)
    select tenant, kind, category, facility, state, assignee_id, work.down_to_limit(per_day_cents), due_on,
      snoozed_until, count(*), sum(stake_cents), sum(expected_cents)
    from new_rows where done_at is null group by 1, 2, 3, 4, 5, 6, 7, 8, 9;
  elsif tg_op = 'DELETE' then
    insert into work.open_counts (tenant, kind, category, facility, state, assignee_id, per_day_cents, due_on, snoozed_until,
      items, stake_cents, expected_cents)
    select tenant, kind, category, facility, state, assignee_id, work.down_to_limit(per_day_cents), due_on,
      snoozed_until, -count(*), -sum(stake_cents), -sum(expected_cents)
    from old_rows where done_at is null group by 1, 2, 3, 4, 5, 6, 7, 8, 9;
  else
    insert into work.open_counts (tenant, kind, category, facility, state, assignee_id, per_day_cents, due_on, snoozed_until,
      items, stake_cents, expected_cents)
    select tenant, kind, category, facility, state, assignee_id, limit_cents, due_on, snoozed_until, sum(times),
      sum(times * stake_cents), sum(times * expected_cents)
    from (
      select tenant, kind, category, facility, state, assignee_id, work.down_to_limit(per_day_cents) as limit_cents, due_on,
        snoozed_until, stake_cents, expected_cents, 1 as times
      from new_rows where done_at is null
      union all
      select tenant, kind, category, facility, state, assignee_id, work.down_to_limit(per_day_cents), due_on, snoozed_until,
        stake_cents, expected_cents, -1
      from old_rows where done_at is null
    ) changed group by 1, 2, 3, 4, 5, 6, 7, 8, 9
    having sum(times) <> 0 or sum(times * stake_cents) <> 0 or sum(times * expected_cents) <> 0;
  end if;
  if random() < 0.01 then
    perform work.sum_open_counts();
  end if;
  return null;
end $$;
create trigger opened_are_counted after insert on work.items
  referencing new table as new_rows for each statement execute function work.count_open();
create trigger changed_are_counted after update on work.items
  referencing old table as old_rows new table as new_rows for each statement execute function work.count_open();
create trigger deleted_are_counted after delete on work.items
  referencing old table as old_rows for each statement execute function work.count_open();

-- The items that there are, of all tenants.
alter table work.items no force row level security;
alter table work.open_counts no force row level security;
insert into work.open_counts (tenant, kind, category, facility, state, assignee_id, per_day_cents, due_on, snoozed_until,
  items, stake_cents, expected_cents)
  select tenant, kind, category, facility, state, assignee_id, work.down_to_limit(per_day_cents), due_on, snoozed_until,
    count(*), sum(stake_cents), sum(expected_cents)
  from work.items where done_at is null group by 1, 2, 3, 4, 5, 6, 7, 8, 9;
alter table work.items force row level security;
alter table work.open_counts force row level security;
