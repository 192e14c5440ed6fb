-- Tables of features/prediction: what models said of each claim, what payers answered, what people corrected, and
-- the jobs of an API client.

-- One row a claim and model that scored it, so that every model is judged by the same answers.
create table production.predictions (
  tenant text not null default store.tenant() check (tenant <> ''),
  received_on date not null,
  claim_key bigint not null,
  model text not null,
  role text not null check (role in ('champion', 'shadow')),
  probability real not null,
  confidence real not null,
  review_from real not null,           -- the probability from which on a person looks, of that model and payer
  category text,                       -- the likeliest kind of denial, of claims that a person sees
  contributions bytea,                 -- the champion's: a number of 1/2048 log odds for each term, two bytes each
  primary key (tenant, claim_key, model, received_on)
) partition by range (received_on);
call store.guard('production.predictions');
grant select, insert on production.predictions to claimwright_app;

-- How the features of some claims of a run are spread: drift is measured without opening a claim.
create table production.spreads (
  tenant text not null default store.tenant() check (tenant <> ''),
  run_id bigint not null,
  first_key bigint not null,           -- of these claims
  model text not null,                 -- whose features
  claims integer not null,
  spread bytea not null,               -- counts by step, feature after feature, four bytes each
  noted_at timestamptz not null,
  primary key (tenant, run_id, first_key)
);
call store.guard('production.spreads');
create index spreads_by_time on production.spreads (tenant, model, noted_at);
grant select, insert on production.spreads to claimwright_app;

create schema prediction;
grant usage on schema prediction to claimwright_app;

-- What a payer answered to a line first: that is the answer that the claim as sent got. Never changed.
create table prediction.outcomes (
  tenant text not null default store.tenant() check (tenant <> ''),
  claim_key bigint not null,
  line integer not null,
  carc text,                           -- the reason of a denial; null where the line was not denied
  charge_cents bigint not null,
  paid_cents bigint not null,
  answered_on date not null,
  evidence bytea not null,             -- SHA-256 of the remittance that says so
  told_by text not null,
  told_at timestamptz not null,
  primary key (tenant, claim_key, line)
);
call store.guard('prediction.outcomes');
create index outcomes_by_day on prediction.outcomes (tenant, answered_on);
grant select, insert on prediction.outcomes to claimwright_app;

-- What a person says of a claim, for training. Later words do not erase earlier ones.
create table prediction.corrections (
  tenant text not null default store.tenant() check (tenant <> ''),
  correction_id bigint generated always as identity,
  claim_key bigint not null,
  label boolean not null,              -- whether any line will be denied
  said_by text not null,
  said_at timestamptz not null,
  primary key (tenant, correction_id)
);
call store.guard('prediction.corrections');
create index corrections_by_claim on prediction.corrections (tenant, claim_key);
grant select, insert on prediction.corrections to claimwright_app;

create table prediction.jobs (
  tenant text not null default store.tenant() check (tenant <> ''),
  job_id bigint generated always as identity,
  tracking_id text not null,
  claim_key bigint not null,
  as_of date not null,                 -- the day of sending
  status text not null default 'in_progress' check (status in ('in_progress', 'completed', 'failed')),
  model text,                          -- which began it, and goes on with it
  reason text,                         -- of a failure; never a value of the claim
  attempts integer not null default 0,
  correlation_id uuid not null,
  submitted_at timestamptz not null,
  finished_at timestamptz,
  primary key (tenant, job_id),
  unique (tenant, tracking_id)
);
call store.guard('prediction.jobs');
grant select, insert, update on prediction.jobs to claimwright_app;

-- What each stage of a job came to, sealed: reasons may name an age and a diagnosis.
create table prediction.stages (
  tenant text not null default store.tenant() check (tenant <> ''),
  job_id bigint not null,
  stage text not null check (stage in ('decision', 'classification', 'explanation')),
  sealed bytea not null,
  seconds double precision not null,
  finished_at timestamptz not null,
  primary key (tenant, job_id, stage)
);
call store.guard('prediction.stages');
grant select, insert on prediction.stages to claimwright_app;
