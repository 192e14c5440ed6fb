-- Corrections of claims: who changed what, for which rules, and the version that came of it. Rows are added only.
create table production.corrections (
  tenant text not null default store.tenant() check (tenant <> ''),
  correction_id bigint generated always as identity,
  claim_key bigint not null,           -- the version that was corrected
  corrected_key bigint not null,       -- the version that came of it
  facility text not null,
  how text not null check (how in ('repair', 'hand')),
  rules text[] not null,               -- whose findings it is meant to end
  repairs text[] not null,             -- whose repairs were accepted
  forced boolean not null,
  was_blocked boolean not null,        -- the version before had a finding that blocks
  corrected_at timestamptz not null,
  corrected_by text not null default store.actor(),
  primary key (tenant, correction_id),
  unique (tenant, corrected_key)
);
call store.guard('production.corrections');
-- A version is corrected again only if the file of its correction was returned before a run.
create index corrections_by_claim on production.corrections (tenant, claim_key);
grant select, insert on production.corrections to claimwright_app;

create table production.corrected_fields (
  tenant text not null default store.tenant() check (tenant <> ''),
  correction_id bigint not null,
  ordinal integer not null,            -- from 1
  level text not null,
  field text not null,                 -- of the dictionary
  line integer,
  position integer,
  new_code text,                       -- a short code that is no patient data; else null
  sealed bytea not null,               -- both values: they may be a patient's
  primary key (tenant, correction_id, ordinal)
);
call store.guard('production.corrected_fields');
create index corrected_fields_by_field on production.corrected_fields (tenant, field);
grant select, insert, update (sealed) on production.corrected_fields to claimwright_app;

-- Repairs that were shown to somebody, once a claim and rule: how often they are accepted.
create table production.repair_offers (
  tenant text not null default store.tenant() check (tenant <> ''),
  claim_key bigint not null,
  code text not null,
  offered_at timestamptz not null,
  offered_to text not null default store.actor(),
  primary key (tenant, claim_key, code)
);
call store.guard('production.repair_offers');
create index repair_offers_by_code on production.repair_offers (tenant, code);
grant select, insert on production.repair_offers to claimwright_app;
