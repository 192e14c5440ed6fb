-- Reports that are made of figures on a schedule, and each delivery of one.
create table analytics.reports (
  tenant text not null default store.tenant() check (tenant <> ''),
  report_id bigint generated always as identity,
  title text not null,
  kpis text[] not null,
  group_by text,                       -- a dimension, by which each figure is broken down beside its whole
  period text not null check (period in ('yesterday', 'last_week', 'last_month', 'last_30_days')),
  every text not null check (every in ('day', 'week', 'month')),
  hour smallint not null check (hour between 0 and 23),
  format text not null check (format in ('pdf', 'csv', 'xlsx')),
  target text not null check (target in ('mail', 'objects')),
  recipients text[] not null default '{}',
  facilities text[],                   -- of who made it; null for all
  is_active boolean not null default true,
  made_by text not null default store.actor(),
  made_at timestamptz not null default clock_timestamp(),
  primary key (tenant, report_id),
  check ((target = 'mail') = (cardinality(recipients) > 0))
);
call store.guard('analytics.reports');
grant select, insert on analytics.reports to claimwright_app;
grant update (is_active) on analytics.reports to claimwright_app;

create table analytics.report_deliveries (
  tenant text not null default store.tenant() check (tenant <> ''),
  delivery_id bigint generated always as identity,
  report_id bigint not null,
  due_on date not null,
  begins date not null,
  ends date not null,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed')),
  attempts integer not null default 0,
  next_try_at timestamptz not null,
  problem text,                        -- why the last attempt failed; no address
  object_key text,
  size_bytes bigint,
  made_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  primary key (tenant, delivery_id),
  unique (tenant, report_id, due_on),
  foreign key (tenant, report_id) references analytics.reports
);
call store.guard('analytics.report_deliveries');
create index deliveries_waiting on analytics.report_deliveries (tenant, next_try_at) where state = 'waiting';
grant select, insert, delete on analytics.report_deliveries to claimwright_app;
grant update (state, attempts, next_try_at, problem, object_key, size_bytes, ended_at)
  on analytics.report_deliveries to claimwright_app;
