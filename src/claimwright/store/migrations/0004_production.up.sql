-- Claims as they stand after the pipeline: checked, priced, routed. Partitioned by the month in which the claim
-- came in, which never changes, so that a claim can stand in one partition only.

create table production.claims (
  tenant text not null default store.tenant() check (tenant <> ''),
  received_on date not null,
  claim_key bigint not null,
  version smallint not null,
  original_key bigint,
  file_id bigint not null,
  position integer not null,
  facility text not null,
  form text not null,
  payer_id text,
  claim_filing text,
  service_from_on date,
  service_to_on date,
  total_charge numeric(18, 2),
  expected numeric(18, 2),             -- what the lines should be allowed
  lines integer not null,
  unpriced_lines integer not null,
  severity text,                       -- the gravest finding that no waiver covers
  findings integer not null,
  denial_probability real,             -- null where rules alone decided
  confidence real,
  predicted_by text not null,
  route text not null check (route in ('production', 'review')),
  route_reason text,
  status text not null default 'active',
  correlation_id uuid not null,
  run_id bigint not null,
  received_at timestamptz not null,
  created_at timestamptz not null,
  primary key (tenant, claim_key, received_on)
) partition by range (received_on);
call store.guard('production.claims');
create index claims_by_facility_and_status on production.claims (tenant, facility, status);
create index claims_by_correlation on production.claims (tenant, correlation_id);
create index claims_by_creation on production.claims using brin (created_at);
create index claims_in_review on production.claims (tenant, facility, claim_key)
  where status = 'active' and route = 'review';
grant select, insert, update on production.claims to claimwright_app;

create table production.lines (
  tenant text not null default store.tenant() check (tenant <> ''),
  received_on date not null,
  claim_key bigint not null,
  line integer not null,
  procedure text,
  modifiers text,                      -- separated by blanks
  revenue_code text,
  place_of_service text,
  units numeric(15, 3),
  charge numeric(18, 2),
  allowed numeric(18, 2),              -- null where the line has no price; `basis` says why
  basis text,
  service_from_on date,
  primary key (tenant, claim_key, line, received_on)
) partition by range (received_on);
call store.guard('production.lines');
grant select, insert on production.lines to claimwright_app;

create table production.findings (
  tenant text not null default store.tenant() check (tenant <> ''),
  received_on date not null,
  claim_key bigint not null,
  line integer,
  code text not null,
  severity text not null,
  snip smallint,
  field text,
  loop text,
  segment_id text,
  element text,
  detail text,
  amount numeric(18, 2),
  waiver text
) partition by range (received_on);
call store.guard('production.findings');
create index findings_by_claim on production.findings (tenant, claim_key);
grant select, insert on production.findings to claimwright_app;

-- History: one row a claim and state. Numbers over time are computed from it; nothing in it ever changes.
create table production.claim_events (
  tenant text not null default store.tenant() check (tenant <> ''),
  happened_on date not null,
  happened_at timestamptz not null,
  claim_key bigint not null,
  state text not null,
  run_id bigint,
  correlation_id uuid not null
) partition by range (happened_on);
call store.guard('production.claim_events');
create index claim_events_by_claim on production.claim_events (tenant, claim_key);
create index claim_events_by_time on production.claim_events using brin (happened_at);
grant select, insert on production.claim_events to claimwright_app;
