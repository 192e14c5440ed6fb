-- Decisions on appeals as facts, by level. Every outcome that an appeal was given is kept: before this migration only
-- the last one is known. The definition of the facts has another mark with this migration: all of them are made anew.
create table appeals.case_states (
  tenant text not null default store.tenant() check (tenant <> ''),
  entry_id bigint generated always as identity,
  case_id bigint not null,
  state text not null,
  decided_on date,
  recovered_cents bigint,
  changed_at timestamptz not null default clock_timestamp(),
  changed_by text not null default coalesce(store.actor(), 'system:unknown'),
  primary key (tenant, entry_id)
);
call store.guard('appeals.case_states');
create index case_states_by_case on appeals.case_states (tenant, case_id);
grant select, insert on appeals.case_states to claimwright_app;
alter table appeals.cases no force row level security;
alter table appeals.case_states no force row level security;
insert into appeals.case_states (tenant, case_id, state, decided_on, recovered_cents, changed_at, changed_by)
select tenant, case_id, state, decided_on, recovered_cents, changed_at, 'system:migration' from appeals.cases
where state in ('won', 'partly_won', 'lost');
alter table appeals.cases force row level security;
alter table appeals.case_states force row level security;

create function analytics.note_appeals() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into appeals.case_states (case_id, state, decided_on, recovered_cents)
  select n.case_id, n.state, n.decided_on, n.recovered_cents
  from new_rows n join old_rows o using (tenant, case_id)
  where (n.state, n.decided_on, n.recovered_cents) is distinct from (o.state, o.decided_on, o.recovered_cents)
    and (n.state in ('won', 'partly_won', 'lost') or o.state in ('won', 'partly_won', 'lost'))
    and n.tenant = store.tenant();
  insert into analytics.changes (account_key)
  select a.account_key
  from new_rows n join old_rows o using (tenant, case_id)
    join remittance.denials d on d.tenant = n.tenant and d.denial_id = n.denial_id
    join remittance.answers a on a.tenant = d.tenant and a.answer_id = d.answer_id
  where (n.state, n.decided_on, n.recovered_cents) is distinct from (o.state, o.decided_on, o.recovered_cents)
    and (n.state in ('won', 'partly_won', 'lost') or o.state in ('won', 'partly_won', 'lost'))
    and n.tenant = store.tenant() and a.account_key is not null group by 1;
  return null;
end $$;
create trigger states_noted_for_analytics after update on appeals.cases
  referencing old table as old_rows new table as new_rows
  for each statement execute function analytics.note_appeals();

alter table analytics.facts add column level text;  -- of an appeal
