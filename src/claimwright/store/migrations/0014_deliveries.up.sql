-- Table of features/delivery: which claims another database has, by target.
create table production.deliveries (
  tenant text not null default store.tenant() check (tenant <> ''),
  target text not null,
  claim_key bigint not null,
  version integer not null,
  delivered_at timestamptz not null,
  primary key (tenant, target, claim_key, version)
);
call store.guard('production.deliveries');
grant select, insert on production.deliveries to claimwright_app;
