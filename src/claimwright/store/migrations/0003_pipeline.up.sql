-- Tables of features/pipeline: runs and their chunks, workers, dead letters, circuit breakers.

create table pipeline.runs (
  tenant text not null default store.tenant() check (tenant <> ''),
  run_id bigint generated always as identity,
  as_of date not null,                 -- the day on which the run judges claims
  state text not null check (state in ('running', 'done')),
  correlation_id uuid not null,
  planned integer not null,            -- claims
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (tenant, run_id)
);
call store.guard('pipeline.runs');
create unique index one_run_at_a_time on pipeline.runs (tenant) where state = 'running';
grant select, insert, update on pipeline.runs to claimwright_app;

create table pipeline.workers (
  tenant text not null default store.tenant() check (tenant <> ''),
  worker_id integer generated always as identity,
  run_id bigint not null,
  started_at timestamptz not null,
  primary key (tenant, worker_id)
);
call store.guard('pipeline.workers');
grant select, insert on pipeline.workers to claimwright_app;

create table pipeline.chunks (
  tenant text not null default store.tenant() check (tenant <> ''),
  run_id bigint not null,
  chunk integer not null,
  first_key bigint not null,
  last_key bigint not null,
  state text not null default 'waiting' check (state in ('waiting', 'leased', 'done')),
  worker_id integer,
  leases integer not null default 0,
  failures integer not null default 0,
  leased_until timestamptz,
  not_before timestamptz,              -- a chunk that failed waits until then
  problem text,                        -- the class of the last failure, never a value
  claims integer,
  produced integer,
  review integer,
  dead integer,
  charge numeric(18, 2),
  seconds jsonb,                       -- by stage
  finished_at timestamptz,
  primary key (tenant, run_id, chunk)
);
call store.guard('pipeline.chunks');
create index chunks_that_are_open on pipeline.chunks (tenant, run_id, chunk) where state <> 'done';
grant select, insert, update on pipeline.chunks to claimwright_app;

-- Claims that could not be processed, each with everything that staging knew of it.
create table pipeline.dead_letters (
  like staging.claims including defaults including constraints,
  reason text not null,                -- a word for the class of failure
  detail text,                         -- where it happened; never a value of the claim
  run_id bigint not null,
  attempts integer not null,
  failed_at timestamptz not null,
  state text not null default 'dead' check (state in ('dead', 'discarded')),
  primary key (tenant, claim_key)
);
call store.guard('pipeline.dead_letters');
grant select, insert, update, delete on pipeline.dead_letters to claimwright_app;

create table pipeline.breakers (
  tenant text not null default store.tenant() check (tenant <> ''),
  name text not null,
  state text not null check (state in ('closed', 'open', 'half_open')),
  failures integer not null,
  problem text,
  changed_at timestamptz not null,
  retry_at timestamptz,
  primary key (tenant, name)
);
call store.guard('pipeline.breakers');
grant select, insert, update on pipeline.breakers to claimwright_app;
