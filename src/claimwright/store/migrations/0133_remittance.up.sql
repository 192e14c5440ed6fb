-- What payers answered and paid (835, 005010X221A1), and the ledger. Amounts are whole cents.
create schema remittance;
grant usage on schema remittance to claimwright_app;

-- A claim number in capitals, cut to 20 characters, without blanks: payers return it so. Null where that is the number.
alter table staging.claim_keys add column folded bytea;
create index claim_keys_by_folded on staging.claim_keys (tenant, folded) where folded is not null;

create table remittance.files (
  tenant text not null default store.tenant() check (tenant <> ''),
  file_id bigint not null,
  source text not null check (source in ('835', 'csv', 'paper')),
  digest bytea not null,
  bytes bigint not null,
  object text,                         -- the sealed content in object storage
  received_at timestamptz not null,
  entered_by text not null,
  payments integer not null,
  claims integer not null,
  faults integer not null,
  correlation_id uuid not null,
  primary key (tenant, file_id),
  unique (tenant, digest)
);
call store.guard('remittance.files');
grant select, insert on remittance.files to claimwright_app;

-- Every file whose content is stored: claims and remittances are numbered together.
create view store.stored_files with (security_invoker = true) as
select tenant, file_id, received_at, bytes, digest, object from staging.files where object is not null
union all
select tenant, file_id, received_at, bytes, digest, object from remittance.files where object is not null;
grant select on store.stored_files to claimwright_app;

-- A payment: one transaction of an 835. `state`: posted, duplicate, held.
create table remittance.payments (
  tenant text not null default store.tenant() check (tenant <> ''),
  payment_id bigint not null,
  file_id bigint not null,
  position integer not null,           -- in its file, from 1
  state text not null check (state in ('posted', 'duplicate', 'held')),
  reason text,                         -- why it is not posted
  first_id bigint,                     -- the payment that it repeats
  payer_id text,
  payer_name text,
  payee_id text,
  method text,
  trace_number text,
  amount_cents bigint not null,
  claims_cents bigint not null,        -- all CLP04
  provider_cents bigint not null,      -- all PLB amounts
  paid_on date,
  produced_on date,
  claims integer not null,
  identity bytea not null,             -- payer, trace number, date, amount, payee
  content bytea not null,              -- SHA-256 of what its claims say
  reconciled_at timestamptz,           -- when a deposit of the bank confirmed it
  primary key (tenant, payment_id)
);
call store.guard('remittance.payments');
create index payments_by_identity on remittance.payments (tenant, identity);
create index payments_by_file on remittance.payments (tenant, file_id);
create index payments_by_trace on remittance.payments (tenant, trace_number);
grant select, insert on remittance.payments to claimwright_app;
grant update (state, reason, reconciled_at) on remittance.payments to claimwright_app;

-- A payer's answer to a claim: one CLP. `sealed` has the numbers, names and ids.
create table remittance.answers (
  tenant text not null default store.tenant() check (tenant <> ''),
  answer_id bigint not null,
  payment_id bigint not null,
  position integer not null,           -- in its payment, from 1
  state text not null check (state in
    ('posted', 'reversed', 'superseded', 'duplicate', 'noted', 'waiting', 'dismissed')),
  reason text,                         -- why it waits
  is_reversal boolean not null,
  reverses_id bigint,                  -- the answer that this one reverses
  claim_key bigint,
  account_key bigint,                  -- the first version of the claim to the first payer
  has_first_payer boolean,             -- whether that claim is known
  facility text,
  turn text,                           -- P, S, T: first, second, third payer
  score smallint,
  score_reasons text,
  claim_status text,
  frequency text,
  charge_cents bigint not null,
  paid_cents bigint not null,
  patient_cents bigint not null,       -- CLP05
  owed_cents bigint not null,          -- adjustments that the patient owes (PR)
  prior_cents bigint not null,         -- what earlier payers paid or adjusted (CARC 23)
  paid_on date,
  number bytea,                        -- blind indexes
  payer_number bytea,
  lines_covered text not null,         -- the lines of our claim, separated by blanks; empty for the whole claim
  signature bytea not null,            -- of lines and adjustments: what a reversal negates
  sealed bytea,                        -- null once it is no longer kept
  primary key (tenant, answer_id)
);
call store.guard('remittance.answers');
create index answers_by_account on remittance.answers (tenant, account_key);
create index answers_by_claim on remittance.answers (tenant, claim_key);
create index answers_by_payment on remittance.answers (tenant, payment_id);
create index answers_by_day on remittance.answers (tenant, paid_on);
create index answers_by_payer_number on remittance.answers (tenant, payer_number);
create index answers_waiting on remittance.answers (tenant, number) where state = 'waiting';
grant select, insert on remittance.answers to claimwright_app;
grant update (state, reason, reverses_id, claim_key, account_key, has_first_payer, facility, turn,
  score, score_reasons, lines_covered, sealed) on remittance.answers to claimwright_app;

create table remittance.answer_lines (
  tenant text not null default store.tenant() check (tenant <> ''),
  answer_id bigint not null,
  position integer not null,           -- of the SVC in its claim, from 1
  line integer,                        -- of our claim
  procedure text,
  modifiers text,
  original_procedure text,
  revenue_code text,
  units numeric(15, 3),
  charge_cents bigint not null,
  paid_cents bigint not null,
  service_from_on date,
  remarks text,                        -- RARCs, separated by blanks
  primary key (tenant, answer_id, position)
);
call store.guard('remittance.answer_lines');
grant select, insert on remittance.answer_lines to claimwright_app;
grant update (line) on remittance.answer_lines to claimwright_app;

-- CAS of claims (`position` null) and of lines.
create table remittance.adjustments (
  tenant text not null default store.tenant() check (tenant <> ''),
  answer_id bigint not null,
  position integer,
  ordinal integer not null,
  group_code text,
  carc text,
  amount_cents bigint not null,
  quantity numeric(15, 3)
);
call store.guard('remittance.adjustments');
create index adjustments_by_answer on remittance.adjustments (tenant, answer_id);
grant select, insert on remittance.adjustments to claimwright_app;

-- PLB: what a payment has beyond its claims. References can name a patient's account: they are sealed.
create table remittance.provider_adjustments (
  tenant text not null default store.tenant() check (tenant <> ''),
  payment_id bigint not null,
  ordinal integer not null,
  reason text,
  amount_cents bigint not null,
  reference bytea,                     -- blind index
  sealed bytea,
  primary key (tenant, payment_id, ordinal)
);
call store.guard('remittance.provider_adjustments');
grant select, insert on remittance.provider_adjustments to claimwright_app;
grant update (sealed) on remittance.provider_adjustments to claimwright_app;

-- The ledger: double entry, append-only. Each posting adds up to zero; a posting is undone by another one.
create table remittance.postings (
  tenant text not null default store.tenant() check (tenant <> ''),
  posting_id bigint not null,
  kind text not null check (kind in
    ('charge', 'payment', 'provider', 'answer', 'undo', 'transfer', 'refund', 'write_off', 'patient_payment')),
  account_key bigint,
  claim_key bigint,                    -- the version of the claim that is charged
  payment_id bigint,
  answer_id bigint,
  undoes_id bigint,
  posted_by text not null default store.actor(),
  approved_by text,
  reason text,
  posted_at timestamptz not null,
  primary key (tenant, posting_id),
  unique (tenant, undoes_id),
  check ((kind = 'undo') = (undoes_id is not null)),
  check (kind <> 'write_off' or approved_by is not null)
);
call store.guard('remittance.postings');
create index postings_by_account on remittance.postings (tenant, account_key);
create index postings_by_payment on remittance.postings (tenant, payment_id);
create index postings_by_answer on remittance.postings (tenant, answer_id);
grant select, insert on remittance.postings to claimwright_app;

create table remittance.entries (
  tenant text not null default store.tenant() check (tenant <> ''),
  posting_id bigint not null,
  account text not null,               -- payer, patient, denied, unapplied, cash, contractual, ...
  turn text,                           -- of the payer who owes: P, S, T
  line integer,
  amount_cents bigint not null,        -- debit above zero, credit below
  group_code text,
  carc text
);
call store.guard('remittance.entries');
create index entries_by_posting on remittance.entries (tenant, posting_id);
grant select, insert on remittance.entries to claimwright_app;

-- Deposits of the bank, against which payments are reconciled.
create table remittance.deposits (
  tenant text not null default store.tenant() check (tenant <> ''),
  deposit_id bigint generated always as identity,
  digest bytea not null,               -- of the line: the same file again adds nothing
  deposited_on date not null,
  amount_cents bigint not null,
  trace_number text,
  payment_id bigint,                   -- the payment that it confirms
  added_at timestamptz not null,
  added_by text not null default store.actor(),
  primary key (tenant, deposit_id),
  unique (tenant, digest)
);
call store.guard('remittance.deposits');
grant select, insert on remittance.deposits to claimwright_app;
grant update (payment_id) on remittance.deposits to claimwright_app;

create sequence remittance.ids;  -- of payments, answers, denials and postings
grant usage on sequence remittance.ids to claimwright_app;

-- Postings and entries never change, not even for the owner of the tables.
create function remittance.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'the ledger is append-only: undo a posting by another posting' using errcode = '42501';
end $$;
create trigger append_only before update or delete on remittance.postings
  for each row execute function remittance.refuse_change();
create trigger append_only before update or delete on remittance.entries
  for each row execute function remittance.refuse_change();

-- Each posting of a transaction adds up to zero, checked when the transaction ends.
create function remittance.refuse_imbalance() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if exists (
    select from new_entries group by tenant, posting_id having sum(amount_cents) <> 0
  ) then
    raise exception 'a posting does not add up to zero' using errcode = '23514';
  end if;
  return null;
end $$;
create trigger balanced after insert on remittance.entries
  referencing new table as new_entries for each statement execute function remittance.refuse_imbalance();
