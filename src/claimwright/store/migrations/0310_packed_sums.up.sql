-- Sums of figures, packed: what rollups had as a row each is a few columns of numbers in one value. What changed
-- lately is in one value a dimension beside them, so that a small change rewrites little. The definition of the facts
-- has another mark with this migration: all of them are made anew.
drop table analytics.rollups;

-- What a number in a packed column stands for. A number is never given twice.
create table analytics.names (
  tenant text not null default store.tenant() check (tenant <> ''),
  dimension text not null,
  name text not null,
  code integer not null,
  primary key (tenant, dimension, name)
);
call store.guard('analytics.names');
create unique index names_by_code on analytics.names (tenant, code);
grant select, insert on analytics.names to claimwright_app;

-- `grain`: `day`, from the first day of a month; `month`, from the first day of a year; `sent`: waits by the day
-- on which they began, without their length, from the first day of a month.
create table analytics.packed_sums (
  tenant text not null default store.tenant() check (tenant <> ''),
  dimension text not null,
  fact text not null,
  grain text not null check (grain in ('day', 'month', 'sent')),
  begins date not null,
  content bytea not null,
  primary key (tenant, dimension, fact, grain, begins)
);
alter table analytics.packed_sums alter column content set storage external;
call store.guard('analytics.packed_sums');
grant select, insert, update, delete on analytics.packed_sums to claimwright_app;

create table analytics.recent_sums (
  tenant text not null default store.tenant() check (tenant <> ''),
  dimension text not null,
  content bytea not null,
  primary key (tenant, dimension)
);
alter table analytics.recent_sums alter column content set storage external;
call store.guard('analytics.recent_sums');
grant select, insert, update, delete on analytics.recent_sums to claimwright_app;

-- Keys of claims are those of one tenant anyway: shorter indexes. Nothing looks for claims by account.
drop index analytics.claims_by_account;
drop index analytics.facts_by_account;
create index facts_by_account on analytics.facts (account_key) where account_key is not null;
drop index analytics.facts_by_item;
create index facts_by_item on analytics.facts (item_id) where item_id is not null;
