-- Alerts on figures: definitions with all their versions, targets, incidents with their history, deliveries.
-- No patient data: figures, groups such as a payer, and who did what. Addresses and secrets of targets are sealed.
create schema alerting;
grant usage on schema alerting to claimwright_app;
create sequence alerting.ids;
grant usage on sequence alerting.ids to claimwright_app;

-- Versions are never changed; the one with the highest number counts.
create table alerting.definitions (
  tenant text not null default store.tenant() check (tenant <> ''),
  name text not null check (name ~ '^[a-z][a-z0-9_]{2,60}$'),
  version integer not null check (version > 0),
  is_removed boolean not null default false,
  body jsonb not null,
  made_by text not null default store.actor(),
  made_at timestamptz not null default clock_timestamp(),
  primary key (tenant, name, version)
);
call store.guard('alerting.definitions');
grant select, insert on alerting.definitions to claimwright_app;

create table alerting.targets (
  tenant text not null default store.tenant() check (tenant <> ''),
  target_id bigint not null default nextval('alerting.ids'),
  name text not null check (name ~ '^[a-z][a-z0-9_]{2,60}$'),
  kind text not null check (kind in ('email', 'slack', 'webhook')),
  shown text not null,                 -- the host, or how many recipients: what a list shows
  is_on boolean not null default true,
  changed_by text not null default store.actor(),
  changed_at timestamptz not null default clock_timestamp(),
  sealed bytea not null,               -- addresses and secret
  primary key (tenant, target_id),
  unique (tenant, name)
);
call store.guard('alerting.targets');
grant select, insert, delete on alerting.targets to claimwright_app;
grant update (kind, shown, is_on, changed_by, changed_at, sealed) on alerting.targets to claimwright_app;

create table alerting.incidents (
  tenant text not null default store.tenant() check (tenant <> ''),
  incident_id bigint not null default nextval('alerting.ids'),
  name text not null,
  version integer not null,
  kpi text not null,
  severity text not null,
  dimensions text[] not null,
  series text[] not null,              -- the values of the dimensions, such as one payer
  state text not null check (state in ('firing', 'escalated', 'acknowledged', 'resolved')),
  begins date not null,                -- the days of the figure when it was last judged
  ends date not null,
  value double precision,
  usual double precision,
  lower_limit double precision,
  upper_limit double precision,
  items bigint not null,
  is_small boolean not null,           -- numbers are shown to those only who may see who the patients are
  steps_taken integer not null default 0,
  begun_at timestamptz not null,
  seen_at timestamptz not null,        -- when it was last found to go on
  reminded_at timestamptz,
  acknowledged_by text,
  acknowledged_at timestamptz,
  resolved_by text,                    -- null: the figure came back
  resolved_at timestamptz,
  is_muted boolean not null default false, -- resolved by a person: quiet until the figure was back once
  primary key (tenant, incident_id)
);
call store.guard('alerting.incidents');
-- Deduplication: one open alert for one definition and group, whoever evaluates.
create unique index one_open_incident on alerting.incidents (tenant, name, series) where state <> 'resolved';
create index incidents_by_time on alerting.incidents (tenant, incident_id desc);
create index muted_incidents on alerting.incidents (tenant, name, series) where is_muted;
grant select, insert on alerting.incidents to claimwright_app;
grant update (version, severity, state, begins, ends, value, usual, lower_limit, upper_limit, items, is_small,
  steps_taken, seen_at, reminded_at, acknowledged_by, acknowledged_at, resolved_by, resolved_at, is_muted)
  on alerting.incidents to claimwright_app;

create table alerting.history (
  tenant text not null default store.tenant() check (tenant <> ''),
  incident_id bigint not null,
  number integer not null,
  at timestamptz not null,
  what text not null check (what in ('firing', 'reminded', 'escalated', 'acknowledged', 'resolved')),
  actor text not null default store.actor(),
  value double precision,
  primary key (tenant, incident_id, number)
);
call store.guard('alerting.history');
grant select, insert on alerting.history to claimwright_app;

create table alerting.deliveries (
  tenant text not null default store.tenant() check (tenant <> ''),
  delivery_id bigint not null default nextval('alerting.ids'),
  target text not null,
  definition text,                     -- null: a test
  what text not null check (what in ('firing', 'reminded', 'escalated', 'resolved', 'test')),
  incidents bigint[] not null,
  message_id uuid not null,            -- the same at every attempt: a receiver knows what it has
  state text not null check (state in ('waiting', 'sent', 'given_up', 'dropped')),
  attempts integer not null default 0,
  created_at timestamptz not null,
  due_at timestamptz not null,
  held_until timestamptz,              -- end of quiet hours
  tried_at timestamptz,
  sent_at timestamptz,
  last_error text,
  primary key (tenant, delivery_id)
);
call store.guard('alerting.deliveries');
create index due_deliveries on alerting.deliveries (tenant, due_at) where state = 'waiting';
grant select, insert on alerting.deliveries to claimwright_app;
grant update (state, attempts, due_at, tried_at, sent_at, last_error) on alerting.deliveries to claimwright_app;

create table alerting.evaluations (
  tenant text not null default store.tenant() check (tenant <> ''),
  name text not null,
  evaluated_at timestamptz not null,
  version integer not null,
  judged integer not null,             -- groups
  beyond integer not null,
  problem text,
  primary key (tenant, name)
);
call store.guard('alerting.evaluations');
grant select, insert on alerting.evaluations to claimwright_app;
grant update (evaluated_at, version, judged, beyond, problem) on alerting.evaluations to claimwright_app;
