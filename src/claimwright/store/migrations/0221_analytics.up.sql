-- Figures: facts of accounts and work items as they were known and when they are valid, and their sums.
create schema analytics;
grant usage on schema analytics to claimwright_app;

-- Every state that a denial was given. Rows are added only; before this migration only the last one is known.
create table remittance.denial_states (
  tenant text not null default store.tenant() check (tenant <> ''),
  entry_id bigint generated always as identity,
  denial_id bigint not null,
  state text not null,
  changed_at timestamptz not null default clock_timestamp(),
  changed_by text not null default coalesce(store.actor(), 'system:unknown'),
  primary key (tenant, entry_id)
);
call store.guard('remittance.denial_states');
create index denial_states_by_denial on remittance.denial_states (tenant, denial_id);
grant select, insert on remittance.denial_states to claimwright_app;
alter table remittance.denials no force row level security;
alter table remittance.denial_states no force row level security;
insert into remittance.denial_states (tenant, denial_id, state, changed_by)
select tenant, denial_id, state, 'system:migration' from remittance.denials where state <> 'open';
alter table remittance.denials force row level security;
alter table remittance.denial_states force row level security;

-- What changed since the figures were brought up to date: a range of claims, an account, or a work item.
create table analytics.changes (
  tenant text not null default store.tenant() check (tenant <> ''),
  change_id bigint generated always as identity,
  first_key bigint,
  last_key bigint,
  account_key bigint,
  item_id bigint,
  primary key (tenant, change_id)
);
call store.guard('analytics.changes');
grant select, insert, delete on analytics.changes to claimwright_app;

-- When a tenant's figures were brought up to date; without a row, everything is still to be read.
create table analytics.refreshes (
  tenant text primary key default store.tenant() check (tenant <> ''),
  definition text not null,            -- of the facts: another one makes all of them anew
  refreshed_at timestamptz not null
);
call store.guard('analytics.refreshes');
grant select, insert, update, delete on analytics.refreshes to claimwright_app;

-- One row a version of a claim: by what its figures are broken down.
create table analytics.claims (
  tenant text not null default store.tenant() check (tenant <> ''),
  claim_key bigint not null,
  account_key bigint not null,         -- the first version of the claim
  version smallint not null,
  facility text not null,
  form text not null,
  payer text,
  plan text,                           -- claim filing indicator
  provider text,
  specialty text,
  procedure_group text,
  diagnosis_group text,
  service_to_on date,
  received_at timestamptz not null,
  charge_cents bigint not null,
  primary key (tenant, claim_key)
);
call store.guard('analytics.claims');
create index claims_by_account on analytics.claims (tenant, account_key);
grant select, insert, update, delete on analytics.claims to claimwright_app;

-- Facts: signed. What is known differently later is a row that takes back, and a row that adds.
create table analytics.facts (
  tenant text not null default store.tenant() check (tenant <> ''),
  fact text not null,
  valid_on date not null,
  known_at timestamptz not null,
  facility text,
  account_key bigint,                  -- null for facts of work items
  item_id bigint,
  claim_key bigint,                    -- the version that the fact is about
  anchor_on date,                      -- from which a balance ages
  wait_days integer,
  category text,
  cause text,
  department text,
  staff text,
  items bigint not null,
  cents bigint not null,
  net_cents bigint not null,
  lines bigint not null,
  quantity bigint not null
);
call store.guard('analytics.facts');
create index facts_by_day on analytics.facts (tenant, fact, valid_on);
create index facts_by_account on analytics.facts (tenant, account_key) where account_key is not null;
create index facts_by_item on analytics.facts (tenant, item_id) where item_id is not null;
grant select, insert, delete on analytics.facts to claimwright_app;

-- Sums of all facts, by day and by month, for each dimension by itself. `bucket`: the age of a balance
-- (0 to 4) or the days of a wait; -1 for what has none.
create table analytics.rollups (
  tenant text not null default store.tenant() check (tenant <> ''),
  dimension text not null,
  fact text not null,
  grain text not null check (grain in ('day', 'month')),
  on_day date not null,
  facility text not null,
  value text not null,
  bucket smallint not null,
  items bigint not null,
  cents bigint not null,
  net_cents bigint not null,
  lines bigint not null,
  quantity bigint not null,
  primary key (tenant, dimension, fact, grain, on_day, facility, value, bucket)
);
call store.guard('analytics.rollups');
grant select, insert, update, delete on analytics.rollups to claimwright_app;

-- What collecting costs, as a person enters it, by month. A later row of a month replaces the earlier one.
create table analytics.costs (
  tenant text not null default store.tenant() check (tenant <> ''),
  entry_id bigint generated always as identity,
  month date not null check (extract(day from month) = 1),
  cents bigint not null check (cents >= 0),
  entered_by text not null default store.actor(),
  entered_at timestamptz not null default clock_timestamp(),
  primary key (tenant, entry_id)
);
call store.guard('analytics.costs');
grant select, insert on analytics.costs to claimwright_app;

-- Claims are written by chunk, whose row is completed in the same transaction.
create function analytics.note_chunks() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into analytics.changes (first_key, last_key)
  select n.first_key, n.last_key from new_rows n join old_rows o using (tenant, run_id, chunk)
  where n.state = 'done' and o.state <> 'done' and n.tenant = store.tenant();
  return null;
end $$;
create trigger noted_for_analytics after update on pipeline.chunks
  referencing old table as old_rows new table as new_rows
  for each statement execute function analytics.note_chunks();

create function analytics.note_claims() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into analytics.changes (first_key, last_key)
  select claim_key, claim_key from new_rows where tenant = store.tenant() group by 1;
  return null;
end $$;
create trigger noted_for_analytics after insert on production.claim_events
  referencing new table as new_rows for each statement execute function analytics.note_claims();

create function analytics.note_postings() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into analytics.changes (account_key)
  select account_key from new_rows where tenant = store.tenant() and account_key is not null group by 1;
  return null;
end $$;
create trigger noted_for_analytics after insert on remittance.postings
  referencing new table as new_rows for each statement execute function analytics.note_postings();

-- An answer that is in force notes itself by its posting; what came too late to be posted counts all the same.
create function analytics.note_answers() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into analytics.changes (account_key)
  select account_key from new_rows
  where tenant = store.tenant() and account_key is not null and state in ('reversed', 'superseded') group by 1;
  return null;
end $$;
create trigger noted_for_analytics after insert on remittance.answers
  referencing new table as new_rows for each statement execute function analytics.note_answers();
create trigger changes_noted_for_analytics after update on remittance.answers
  referencing new table as new_rows for each statement execute function analytics.note_answers();

create function analytics.note_denials() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into analytics.changes (account_key)
  select a.account_key from new_rows d join remittance.answers a using (tenant, answer_id)
  where d.tenant = store.tenant() and a.account_key is not null group by 1;
  insert into analytics.changes (first_key, last_key)
  select claim_key, claim_key from new_rows
  where tenant = store.tenant() and answer_id is null and claim_key is not null group by 1;
  return null;
end $$;
create trigger noted_for_analytics after insert on remittance.denials
  referencing new table as new_rows for each statement execute function analytics.note_denials();

create function analytics.note_denial_states() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into remittance.denial_states (denial_id, state)
  select n.denial_id, n.state from new_rows n join old_rows o using (tenant, denial_id)
  where n.state <> o.state and n.tenant = store.tenant();
  insert into analytics.changes (account_key)
  select a.account_key from new_rows d join remittance.answers a using (tenant, answer_id)
  where d.tenant = store.tenant() and a.account_key is not null group by 1;
  return null;
end $$;
create trigger states_noted_for_analytics after update on remittance.denials
  referencing old table as old_rows new table as new_rows
  for each statement execute function analytics.note_denial_states();

create function analytics.note_underpayments() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into analytics.changes (account_key)
  select a.account_key from new_rows u join remittance.answers a using (tenant, answer_id)
  where u.tenant = store.tenant() and a.account_key is not null group by 1;
  return null;
end $$;
create trigger noted_for_analytics after insert on remittance.underpayments
  referencing new table as new_rows for each statement execute function analytics.note_underpayments();
create trigger changes_noted_for_analytics after update on remittance.underpayments
  referencing new table as new_rows for each statement execute function analytics.note_underpayments();
create trigger deletions_noted_for_analytics after delete on remittance.underpayments
  referencing old table as new_rows for each statement execute function analytics.note_underpayments();

create function analytics.note_items() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into analytics.changes (item_id)
  select item_id from new_rows where tenant = store.tenant() group by 1;
  return null;
end $$;
create trigger noted_for_analytics after insert on work.history
  referencing new table as new_rows for each statement execute function analytics.note_items();
create trigger noted_for_analytics after insert on work.items
  referencing new table as new_rows for each statement execute function analytics.note_items();
