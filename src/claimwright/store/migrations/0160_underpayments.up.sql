-- What an answer states beside its amounts: what is allowed for a line, the day of receipt, interest that was paid.
create table remittance.stated_facts (
  tenant text not null default store.tenant() check (tenant <> ''),
  answer_id bigint not null,
  position integer not null,           -- of the line in its answer; 0 for the claim
  allowed_cents bigint,                -- AMT*B6
  interest_cents bigint,               -- AMT*I
  received_on date,                    -- by the payer: DTM*050
  primary key (tenant, answer_id, position)
);
call store.guard('remittance.stated_facts');
grant select, insert on remittance.stated_facts to claimwright_app;

-- What a payer allowed less than expected, took back or left out. In force as long as its answer is.
create table remittance.underpayments (
  tenant text not null default store.tenant() check (tenant <> ''),
  underpayment_id bigint generated always as identity,
  payment_id bigint not null,
  answer_id bigint,                    -- null for what is about the payment
  ordinal integer not null,            -- of the provider adjustment; 0 for answers
  line integer,                        -- of our claim; null for the claim
  kind text not null,
  confidence text not null check (confidence in ('high', 'medium', 'low')),
  procedure text,
  modifiers text,
  service_from_on date,
  charge_cents bigint,
  expected_cents bigint,
  allowed_cents bigint,
  paid_cents bigint,
  amount_cents bigint not null,        -- what is missing
  contract text,
  basis text not null,                 -- how it is computed, one statement a line
  found_at timestamptz not null,
  primary key (tenant, underpayment_id),
  unique nulls not distinct (tenant, payment_id, answer_id, ordinal, line, kind)
);
call store.guard('remittance.underpayments');
create index underpayments_by_answer on remittance.underpayments (tenant, answer_id);
grant select, insert, update, delete on remittance.underpayments to claimwright_app;
