-- Appeals of denials: cases, their stages and drafts. What names a patient is sealed.
create table appeals.cases (
  tenant text not null default store.tenant() check (tenant <> ''),
  case_id bigint not null,
  tracking_id uuid not null,
  denial_id bigint not null,
  claim_key bigint,
  answer_id bigint,
  facility text,
  payer_id text,
  payer_kind text,
  level smallint not null check (level between 1 and 5),
  level_name text,
  state text not null check (state in ('in_progress', 'failed', 'not_eligible', 'marked', 'ready', 'approved',
    'sent', 'won', 'partly_won', 'lost', 'withdrawn')),
  stage text,                          -- the last one that was done; of a failed case, the one that failed
  reason text,                         -- why it is in its state: a word, or a sentence without patient data
  subtype text,
  intent text,
  template_id text,
  template_version integer,
  template_digest text,
  due_on date,
  law text,
  amount_cents bigint,
  expected_cents bigint,
  draft_number integer not null default 0,
  marked integer not null default 0,   -- statements and fields that do not pass
  drafted_by text,
  approved_by text,
  approved_at timestamptz,
  letter_digest text,
  sent_by text,
  sent_at timestamptz,
  sent_how text,
  earlier_decided_on date,             -- the decision on the level before
  paid_before_cents bigint,            -- by this payer on the account, when it was sent
  recovered_cents bigint,
  decided_on date,
  outcome_from text,                   -- remittance, or a person
  as_of date not null,
  correlation_id uuid not null,
  opened_by text not null default store.actor(),
  opened_at timestamptz not null,
  changed_at timestamptz not null,
  attempts integer not null default 0,
  primary key (tenant, case_id),
  check (approved_by is null or approved_by <> drafted_by),
  check (state not in ('approved', 'sent') or approved_by is not null)
);
call store.guard('appeals.cases');
create unique index cases_of_denial on appeals.cases (tenant, denial_id, level)
  where state not in ('withdrawn', 'not_eligible', 'failed');
create index cases_by_state on appeals.cases (tenant, state, due_on);
create index cases_by_claim on appeals.cases (tenant, claim_key);
grant select, insert on appeals.cases to claimwright_app;
grant update (claim_key, answer_id, facility, payer_id, payer_kind, level_name, state, stage, reason, subtype, intent,
  template_id, template_version, template_digest, due_on, law, amount_cents, expected_cents, draft_number, marked,
  drafted_by, approved_by, approved_at, letter_digest, sent_by, sent_at, sent_how, paid_before_cents,
  recovered_cents, decided_on, outcome_from, as_of, changed_at, attempts) on appeals.cases to claimwright_app;

create table appeals.stages (
  tenant text not null default store.tenant() check (tenant <> ''),
  case_id bigint not null,
  stage text not null,
  seconds double precision not null,
  finished_at timestamptz not null,
  sealed bytea not null,               -- its output
  primary key (tenant, case_id, stage)
);
call store.guard('appeals.stages');
grant select, insert, delete on appeals.stages to claimwright_app;
grant update (sealed, seconds, finished_at) on appeals.stages to claimwright_app;

-- Drafts are never changed: an edit is the next one.
create table appeals.drafts (
  tenant text not null default store.tenant() check (tenant <> ''),
  case_id bigint not null,
  number integer not null check (number > 0),
  drafter text not null,
  made_by text not null default store.actor(),
  made_at timestamptz not null,
  statements integer not null,
  marked integer not null,
  sealed bytea not null,               -- the draft, its verdict, what a person confirmed
  primary key (tenant, case_id, number)
);
call store.guard('appeals.drafts');
grant select, insert on appeals.drafts to claimwright_app;
grant update (sealed, marked) on appeals.drafts to claimwright_app;

-- Where a payer takes appeals. An address counts from its day until there is a newer one.
create table appeals.payer_addresses (
  tenant text not null default store.tenant() check (tenant <> ''),
  payer_id text not null,
  level smallint not null default 0,   -- 0: any level
  effective_from date not null,
  name text not null,
  address text not null,
  fax text,
  source text not null,                -- where the address is from: a manual, a letter, a web page
  stated_by text not null default store.actor(),
  stated_at timestamptz not null,
  primary key (tenant, payer_id, level, effective_from)
);
call store.guard('appeals.payer_addresses');
grant select, insert on appeals.payer_addresses to claimwright_app;
grant update (name, address, fax, source, stated_by, stated_at) on appeals.payer_addresses to claimwright_app;
