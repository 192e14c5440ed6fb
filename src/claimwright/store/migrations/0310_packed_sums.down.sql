drop index analytics.facts_by_item;
create index facts_by_item on analytics.facts (tenant, item_id) where item_id is not null;
drop index analytics.facts_by_account;
create index facts_by_account on analytics.facts (tenant, account_key) where account_key is not null;
create index claims_by_account on analytics.claims (tenant, account_key);
drop table analytics.recent_sums;
drop table analytics.packed_sums;
drop table analytics.names;
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
