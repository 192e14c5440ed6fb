-- Tables of features/intake: files as they came, claims that wait, and what was refused.

create sequence staging.file_ids as bigint;
create sequence staging.claim_keys_ids as bigint;
grant usage on sequence staging.file_ids, staging.claim_keys_ids to claimwright_app;

create table staging.files (
  tenant text not null default store.tenant() check (tenant <> ''),
  file_id bigint not null,
  facility text not null,
  digest bytea not null,               -- SHA-256 of the content as it came
  bytes bigint not null,
  object text,                         -- where the sealed content is kept
  received_at timestamptz not null,
  received_on date not null,
  correlation_id uuid not null,
  claims integer not null,             -- read
  staged integer not null,
  refused integer not null,
  faults integer not null,             -- structural findings, of the file and of its claims
  primary key (tenant, file_id),
  unique (tenant, digest)
);
call store.guard('staging.files');
create index files_by_correlation on staging.files (tenant, correlation_id);
grant select, insert, update on staging.files to claimwright_app;

-- Every claim ever staged, by facility and blind index of its number; resubmissions are further versions.
create table staging.claim_keys (
  tenant text not null default store.tenant() check (tenant <> ''),
  facility text not null,
  number bytea not null,               -- blind index of claim number and payer sequence
  version smallint not null,
  claim_key bigint not null,
  original_key bigint,                 -- the version before, where this one replaces or voids it
  content bytea,                       -- blind index of a resubmission's content: the same again is refused
  file_id bigint not null,
  primary key (tenant, facility, number, version)
);
call store.guard('staging.claim_keys');
create index claim_keys_by_key on staging.claim_keys (tenant, claim_key);
grant select, insert on staging.claim_keys to claimwright_app;

create table staging.refusals (
  tenant text not null default store.tenant() check (tenant <> ''),
  file_id bigint not null,
  position integer not null,           -- of the claim in its file, from 1
  reason text not null,
  first_key bigint,                    -- the claim that it repeats
  primary key (tenant, file_id, position)
);
call store.guard('staging.refusals');
grant select, insert on staging.refusals to claimwright_app;

-- The sealed record of each claim: written once, read by the pipeline and by a person who opens the claim.
create table staging.records (
  tenant text not null default store.tenant() check (tenant <> ''),
  received_on date not null,
  claim_key bigint not null,
  heading_bytes integer not null,      -- of the open text: interchange, group and transaction heading
  provider_bytes integer not null,     -- of the open text: the billing provider's level
  sealed bytea not null,
  primary key (tenant, claim_key, received_on)
) partition by range (received_on);
-- Sealed bytes do not compress; most records fit into their row, where one read finds them.
alter table staging.records alter column sealed set storage external;
call store.guard('staging.records');
grant select, insert, update, delete on staging.records to claimwright_app;

-- Structural findings, which came with reading the file; the pipeline adds what the rules find.
create table staging.findings (
  tenant text not null default store.tenant() check (tenant <> ''),
  received_on date not null,
  file_id bigint not null,
  claim_key bigint,                    -- null where the finding is of the file
  line integer,
  code text not null,
  severity text not null,
  snip smallint,
  field text,
  loop text,
  segment_id text,
  segment bigint,
  element text,
  detail text,
  amount numeric(18, 2)
) partition by range (received_on);
call store.guard('staging.findings');
create index findings_by_claim on staging.findings (tenant, claim_key);
grant select, insert on staging.findings to claimwright_app;

-- Claims that wait for the pipeline. A row leaves when its claim goes to production or to the dead letters.
create table staging.claims (
  tenant text not null default store.tenant() check (tenant <> ''),
  claim_key bigint not null,
  received_on date not null,
  file_id bigint not null,
  position integer not null,           -- in its file, from 1
  facility text not null,
  version smallint not null,
  original_key bigint,
  form text not null,
  payer_id text,
  claim_filing text,
  service_from_on date,
  service_to_on date,
  total_charge numeric(18, 2),
  lines integer not null,
  number_occurrence integer not null,  -- its 1-based position among those of its file with this number
  content_occurrence integer not null, -- and among those with this content
  correlation_id uuid not null,
  received_at timestamptz not null,
  primary key (tenant, claim_key, received_on)
) partition by range (received_on);
call store.guard('staging.claims');
create index claims_by_facility on staging.claims (tenant, facility);
create index claims_by_correlation on staging.claims (tenant, correlation_id);
grant select, insert, delete on staging.claims to claimwright_app;
