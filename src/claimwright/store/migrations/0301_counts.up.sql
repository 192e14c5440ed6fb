-- What was processed since the beginning, for Prometheus: counted in the transaction of each chunk, so that it is
-- exact over all processes and restarts, and does not shrink when old runs are deleted.
create table pipeline.counts (
  tenant text not null default store.tenant() check (tenant <> ''),
  name text not null,                  -- claims, failed, charge_cents, expected_cents, latency, stage
  label text not null,                 -- route, reason, stage, or the upper edge of a bucket
  value numeric not null,
  primary key (tenant, name, label)
) with (fillfactor = 50);
call store.guard('pipeline.counts');
grant select, insert on pipeline.counts to claimwright_app;
grant update (value) on pipeline.counts to claimwright_app;
-- What the runs and dead letters before this count came to, of all tenants.
alter table pipeline.chunks no force row level security;
alter table pipeline.dead_letters no force row level security;
alter table pipeline.counts no force row level security;
insert into pipeline.counts (tenant, name, label, value)
  select tenant, 'claims', route, total from (
    select tenant, sum(produced) as production, sum(review) as review from pipeline.chunks
    where state = 'done' group by tenant) done,
  lateral (values ('production', production), ('review', review)) as parts (route, total) where total > 0;
insert into pipeline.counts (tenant, name, label, value)
  select tenant, 'charge_cents', '', sum(charge) * 100 from pipeline.chunks
  where state = 'done' group by tenant having sum(charge) > 0;
insert into pipeline.counts (tenant, name, label, value)
  select tenant, 'failed', reason, count(*) from pipeline.dead_letters group by tenant, reason;
alter table pipeline.chunks force row level security;
alter table pipeline.dead_letters force row level security;
alter table pipeline.counts force row level security;
